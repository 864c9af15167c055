package org.chronovisor.trace.internal.v1;

import java.util.LinkedHashMap;
import java.util.Map;

/** The page groups used last, decompressed: at most 2 MiB. Thread-safe. */
final class GroupCache {
  private static final int GROUPS = 128;

  private final Map<Long, byte[]> groups =
      new LinkedHashMap<>(2 * GROUPS, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > GROUPS;
        }
      };

  synchronized byte[] get(int record, int section) {
    return groups.get(key(record, section));
  }

  synchronized void put(int record, int section, byte[] group) {
    groups.put(key(record, section), group);
  }

  private static long key(int record, int section) {
    return (long) record << 32 | section;
  }
}
