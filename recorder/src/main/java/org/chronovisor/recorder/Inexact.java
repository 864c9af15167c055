package org.chronovisor.recorder;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is not exact in a recording, one line each. Thread-safe. */
final class Inexact {
  private static final int MAX_LINES = 100;

  private final Set<String> lines = new LinkedHashSet<>();

  synchronized void add(String line) {
    if (lines.size() < MAX_LINES) {
      lines.add(line);
    }
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }
}
