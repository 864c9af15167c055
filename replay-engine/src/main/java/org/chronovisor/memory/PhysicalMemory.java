package org.chronovisor.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The guest's RAM as pages that are loaded when first touched. Not thread-safe. */
public final class PhysicalMemory {
  private final List<RamRegion> regions;
  private final Page[][] pages;
  private PageSource source;
  private final List<Page> loaded = new ArrayList<>();

  public PhysicalMemory(List<RamRegion> regions) {
    this.regions = List.copyOf(regions);
    pages = new Page[regions.size()][];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = new Page[Math.toIntExact(regions.get(i).length() / Page.SIZE)];
    }
    source = frame -> null;
  }

  public List<RamRegion> regions() {
    return regions;
  }

  /** Forgets every page; from now on pages come from {@code newSource}. */
  public void reset(PageSource newSource) {
    for (Page page : loaded) {
      int region = region(page.frame * Page.SIZE);
      pages[region][index(region, page.frame)] = null;
    }
    loaded.clear();
    source = newSource;
  }

  /** The page with that frame number, or null where there is no RAM. */
  public Page page(long frame) {
    int region = region(frame * Page.SIZE);
    if (region < 0) {
      return null;
    }
    int index = index(region, frame);
    Page page = pages[region][index];
    if (page == null) {
      byte[] bytes = source.load(frame);
      page = new Page(frame, bytes == null ? new byte[Page.SIZE] : bytes);
      pages[region][index] = page;
      loaded.add(page);
    }
    return page;
  }

  /** Every page touched since the last reset. */
  public void forEachLoaded(Consumer<Page> action) {
    loaded.forEach(action);
  }

  private int region(long physical) {
    for (int i = 0; i < pages.length; i++) {
      if (regions.get(i).contains(physical)) {
        return i;
      }
    }
    return -1;
  }

  private int index(int region, long frame) {
    return (int) (frame - regions.get(region).start() / Page.SIZE);
  }
}
