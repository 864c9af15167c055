package org.chronovisor.recorder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.memory.RamRegion;

/**
 * The guest's RAM as the monitor's {@code info mtree -f} shows it (QEMU system/memory.c).
 *
 * <p>Only plain {@code ram} of our backend counts: the firmware's shadow between 0xc0000 and
 * 0xfffff is partly write-protected ({@code rom}) by then, and is recorded as device memory.
 */
final class MemoryMap {
  private static final Pattern RANGE =
      Pattern.compile(
          "^ +([0-9a-f]{16})-([0-9a-f]{16}) \\(prio -?\\d+, ([a-z/]+)\\): (\\S+)"
              + "(?: @([0-9a-f]{16}))?.*$");
  private static final int PAGE = 4096;

  private MemoryMap() {}

  /**
   * Regions in ascending order.
   *
   * @param backends where each memory backend begins in the RAM file, by id
   */
  static List<RamRegion> parse(String text, Map<String, Long> backends) {
    List<RamRegion> regions = new ArrayList<>();
    boolean wanted = false;
    boolean header = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith("FlatView")) {
        if (!regions.isEmpty()) {
          break;
        }
        wanted = false;
        header = true;
      } else if (header && line.startsWith(" AS \"cpu-memory-0\"")) {
        wanted = true;
      } else if (wanted) {
        Matcher matcher = RANGE.matcher(line);
        if (matcher.matches()
            && matcher.group(3).equals("ram")
            && backends.containsKey(matcher.group(4))) {
          add(regions, matcher, backends.get(matcher.group(4)));
        }
      }
    }
    if (regions.isEmpty()) {
      throw new RecordException("QEMU's 'info mtree' shows no RAM of the guest");
    }
    return regions;
  }

  private static void add(List<RamRegion> regions, Matcher matcher, long begin) {
    long start = Long.parseUnsignedLong(matcher.group(1), 16);
    long end = Long.parseUnsignedLong(matcher.group(2), 16) + 1;
    String at = matcher.group(5);
    long offset = begin + (at == null ? 0 : Long.parseUnsignedLong(at, 16));
    long skip = -start & (PAGE - 1);
    start += skip;
    offset += skip;
    long length = (end - start) / PAGE * PAGE;
    if (length <= 0) {
      return;
    }
    if (!regions.isEmpty()) {
      RamRegion last = regions.get(regions.size() - 1);
      if (last.start() + last.length() == start && last.offset() + last.length() == offset) {
        regions.set(
            regions.size() - 1, new RamRegion(last.start(), last.length() + length, last.offset()));
        return;
      }
    }
    regions.add(new RamRegion(start, length, offset));
  }
}
