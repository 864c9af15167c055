package org.chronovisor.recorder;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Blocks by id. One thread adds, any thread reads. */
final class BlockTable {
  private volatile RecordedBlock[] blocks = new RecordedBlock[1024];
  private int count = 1;

  /** The id of the next block; ids start at 1. */
  int nextId() {
    return count;
  }

  void add(RecordedBlock block) {
    RecordedBlock[] array = blocks;
    if (count == array.length) {
      array = Arrays.copyOf(array, 2 * count);
    }
    array[count++] = block;
    blocks = array;
  }

  /** Those that there are now. */
  List<RecordedBlock> all() {
    RecordedBlock[] array = blocks;
    return Arrays.stream(array).filter(Objects::nonNull).toList();
  }

  /** The block with that id. */
  RecordedBlock get(int id) {
    RecordedBlock[] array = blocks;
    if (id <= 0 || id >= array.length || array[id] == null) {
      throw new RecordException("the plugin named a block that does not exist: " + id);
    }
    return array[id];
  }
}
