package org.chronovisor.recorder;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds where an ELF file's code was executed: blocks that were recorded are looked for among its
 * bytes.
 *
 * <p>A block votes for the distance between the two when its bytes stand at one place of the file
 * only. A bias counts when several blocks agree.
 */
final class BiasFinder {
  private static final int LEAST_BYTES = 12;
  private static final int LEAST_VOTES = 3;

  /** Of the votes for the best bias; fewer are chance. */
  private static final int LEAST_PART = 50;

  /** Code of the file. */
  record Text(long address, byte[] bytes) {}

  private record Block(long pc, byte[] bytes) {}

  private final Map<Long, List<Block>> byBeginning = new HashMap<>();

  BiasFinder(Iterable<RecordedBlock> recorded) {
    Set<Long> seen = new HashSet<>();
    for (RecordedBlock block : recorded) {
      byte[] bytes = block.bytes();
      if (bytes.length >= LEAST_BYTES && seen.add(block.pcs()[0])) {
        byBeginning
            .computeIfAbsent(beginning(bytes, 0), key -> new ArrayList<>())
            .add(new Block(block.pcs()[0], bytes));
      }
    }
  }

  private static long beginning(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  /**
   * Accepted biases with their numbers of blocks, best first.
   *
   * @param texts the file's code
   */
  Map<Long, Integer> find(List<Text> texts) {
    Map<Block, Long> places = new HashMap<>();
    Set<Block> ambiguous = new HashSet<>();
    for (Text text : texts) {
      for (int at = 0; at + LEAST_BYTES <= text.bytes.length; at++) {
        List<Block> candidates = byBeginning.get(beginning(text.bytes, at));
        if (candidates != null) {
          for (Block block : candidates) {
            if (stands(block, text, at) && places.put(block, text.address + at) != null) {
              ambiguous.add(block);
            }
          }
        }
      }
    }
    places.keySet().removeAll(ambiguous);
    Map<Long, Integer> votes = new HashMap<>();
    places.forEach((block, address) -> votes.merge(block.pc - address, 1, Integer::sum));
    int best = votes.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    Map<Long, Integer> accepted = new LinkedHashMap<>();
    votes.entrySet().stream()
        .filter(e -> e.getValue() >= Math.max(LEAST_VOTES, best / LEAST_PART))
        .sorted(
            Map.Entry.<Long, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(e -> accepted.put(e.getKey(), e.getValue()));
    return accepted;
  }

  private static boolean stands(Block block, Text text, int at) {
    int end = at + block.bytes.length;
    return end <= text.bytes.length
        && java.util.Arrays.equals(block.bytes, 0, block.bytes.length, text.bytes, at, end);
  }
}
