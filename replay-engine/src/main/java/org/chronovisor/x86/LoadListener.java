package org.chronovisor.x86;

import org.chronovisor.memory.Page;

/** Told of each load of an instruction from a page marked {@link Page#LOADS_WATCHED}. */
public interface LoadListener {
  void loaded(Page page, int offset, int size);
}
