package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;

/** Positions jumped from and to, as a browser keeps pages. */
public final class NavigationHistory {
  private static final int MOST = 500;

  private final List<Long> places = new ArrayList<>();
  private int index = -1;

  /** A jump from one position to another; what could be gone forward to is forgotten. */
  void jumped(long from, long to) {
    while (places.size() > index + 1) {
      places.remove(places.size() - 1);
    }
    if (places.isEmpty() || places.get(places.size() - 1) != from) {
      places.add(from);
    }
    if (from != to) {
      places.add(to);
    }
    while (places.size() > MOST) {
      places.remove(0);
    }
    index = places.size() - 1;
  }

  public boolean canGoBack() {
    return index > 0;
  }

  public boolean canGoForward() {
    return index + 1 < places.size();
  }

  /** The place before; from a position that was stepped to, the last jump's target. */
  long back(long here) {
    if (places.get(index) != here) {
      return places.get(index);
    }
    return places.get(--index);
  }

  long forward() {
    return places.get(++index);
  }
}
