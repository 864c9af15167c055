package org.chronovisor.x86.lab;

import java.util.List;
import java.util.TreeSet;

/** Mnemonics that have no model on purpose: recording captures what they write. */
final class Unmodelled {
  static final TreeSet<String> CODE64 = new TreeSet<>(List.of());
  static final TreeSet<String> CODE32 = new TreeSet<>(List.of());

  private Unmodelled() {}
}
