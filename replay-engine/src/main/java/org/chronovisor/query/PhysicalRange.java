package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.x86.Mmu;

/**
 * A part of a memory range that lies in one physical page.
 *
 * @param physical guest physical address of its first byte
 * @param offset of its first byte in the whole range
 */
public record PhysicalRange(long physical, int length, int offset) {
  public long frame() {
    return physical >>> 12;
  }

  public boolean overlaps(long address, long size) {
    return Long.compareUnsigned(address, physical + length) < 0
        && Long.compareUnsigned(physical, address + size) < 0;
  }

  /**
   * Splits a range by pages.
   *
   * @param mmu translates, or null when {@code address} is physical
   * @return null when a part has no translation
   */
  public static List<PhysicalRange> split(Mmu mmu, long address, int length) {
    List<PhysicalRange> parts = new ArrayList<>();
    for (int done = 0; done < length; ) {
      long start = address + done;
      int chunk = Math.min(length - done, Page.SIZE - (int) (start & (Page.SIZE - 1)));
      long physical = mmu == null ? start : mmu.find(start);
      if (mmu != null && physical == -1) {
        return null;
      }
      parts.add(new PhysicalRange(physical, chunk, done));
      done += chunk;
    }
    return parts;
  }
}
