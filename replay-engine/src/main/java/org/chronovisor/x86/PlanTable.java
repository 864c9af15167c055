package org.chronovisor.x86;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The plans of a recording by instruction encoding. Not thread-safe while it is filled. */
public final class PlanTable {
  private record Key(Mode mode, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key k && mode == k.mode && Arrays.equals(bytes, k.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes) * 3 + mode.ordinal();
    }
  }

  private final Map<Key, Plan> plans = new HashMap<>();

  public void put(Mode mode, byte[] bytes, Plan plan) {
    plans.put(new Key(mode, bytes.clone()), plan);
  }

  /** Length of the planned instruction that {@code code} starts with, or 0. */
  int match(Mode mode, byte[] code, int offset, int available) {
    if (plans.isEmpty()) {
      return 0;
    }
    // Encodings are prefix-free, so at most one length matches.
    for (int length = 1; length <= Math.min(15, available); length++) {
      if (get(mode, code, offset, length) != null) {
        return length;
      }
    }
    return 0;
  }

  Plan get(Mode mode, byte[] code, int offset, int length) {
    return plans.get(new Key(mode, Arrays.copyOfRange(code, offset, offset + length)));
  }
}
