package org.chronovisor.recorder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The guest's RAM as slices of the recorder's one file: a single slice, or one for each memory
 * backend that the user's command line gives to the machine, a NUMA node or a memory module.
 */
final class RamBackends {
  /** The id of the backend that the recorder adds, as {@code info mtree} shows it. */
  static final String ADDED = "chronovisor-ram";

  private static final long DEFAULT_BYTES = 128L << 20;
  private static final int PAGE = 4096;

  private long plainBytes = DEFAULT_BYTES;

  /** Sizes of the user's backends by id, in order. */
  private final Map<String, Long> backends = new LinkedHashMap<>();

  /** Ids of backends that hold guest RAM. */
  private final Set<String> used = new HashSet<>();

  private boolean ownMain;

  /** One memory backend in the file. */
  record Slice(String id, long bytes, long offset) {}

  /** Size by {@code -m}. */
  void setSize(long bytes) {
    plainBytes = bytes;
  }

  /** Takes note of an {@code -object}, if it is a memory backend. */
  void define(QemuOption object) {
    if (object.value().startsWith("{")) {
      if (object.value().contains("\"memory-backend")) {
        throw RecordException.refused(
            "-object '{...memory-backend...}' in JSON cannot be recorded: write"
                + " -object memory-backend-ram,id=ID,size=SIZE, or leave it out (-m SIZE)");
      }
      return;
    }
    String type = object.first("qom-type");
    String id = object.property("id");
    String size = object.property("size");
    if (type != null && type.startsWith("memory-backend-") && id != null && size != null) {
      backends.put(id, MemorySize.parseBytes(size));
    }
  }

  /** One of the user's backends is the machine's main memory, or part of it: a NUMA node's. */
  void useAsMain(String id) {
    ownMain = true;
    used.add(id);
  }

  /** One is a memory module. */
  void useInModule(String id) {
    used.add(id);
  }

  boolean isUsed(String id) {
    return id != null && used.contains(id) && backends.containsKey(id);
  }

  /** True when the recorder must give the machine its main memory. */
  boolean needsMain() {
    return !ownMain;
  }

  List<Slice> slices() {
    List<Slice> slices = new ArrayList<>();
    long offset = 0;
    if (!ownMain) {
      slices.add(new Slice(ADDED, plainBytes, 0));
      offset = aligned(plainBytes);
    }
    for (Map.Entry<String, Long> backend : backends.entrySet()) {
      if (used.contains(backend.getKey())) {
        slices.add(new Slice(backend.getKey(), backend.getValue(), offset));
        offset += aligned(backend.getValue());
      }
    }
    return slices;
  }

  /** Size of the file. */
  long bytes() {
    List<Slice> slices = slices();
    if (slices.isEmpty()) {
      return 0;
    }
    Slice last = slices.get(slices.size() - 1);
    return last.offset() + aligned(last.bytes());
  }

  /** Where each backend begins in the file. */
  Map<String, Long> offsets() {
    Map<String, Long> offsets = new HashMap<>();
    slices().forEach(slice -> offsets.put(slice.id(), slice.offset()));
    return offsets;
  }

  private static long aligned(long bytes) {
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }
}
