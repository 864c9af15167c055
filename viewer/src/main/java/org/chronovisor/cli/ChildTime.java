package org.chronovisor.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time of this process's children that have ended: fields 16 and 17 of proc(5)'s stat. */
final class ChildTime {
  /** Seconds per tick; USER_HZ is 100 on every Linux that Java runs on. */
  static final double RESOLUTION = 0.01;

  private static final int USER_AFTER_NAME = 13;

  private ChildTime() {}

  /** Seconds, user and system, of all children that were waited for. */
  static double seconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    // The name in parentheses may hold spaces.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks =
        Long.parseLong(fields[USER_AFTER_NAME]) + Long.parseLong(fields[USER_AFTER_NAME + 1]);
    return ticks * RESOLUTION;
  }
}
