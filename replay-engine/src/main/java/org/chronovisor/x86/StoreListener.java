package org.chronovisor.x86;

import org.chronovisor.memory.Page;

/** Told of each store to a page marked {@link Page#WATCHED}, after it was done. */
public interface StoreListener {
  void stored(Page page, int offset, int size);
}
