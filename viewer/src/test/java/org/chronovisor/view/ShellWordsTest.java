package org.chronovisor.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {
  @Test
  void splitsAtWhiteSpaceOutsideQuotes() {
    assertEquals(
        List.of("qemu", "-append", "a=1 b", "x y", ""),
        ShellWords.split("qemu  -append 'a=1 b'\n\"x y\" ''"));
  }

  @Test
  void joinsLinesThatABackslashEnds() {
    assertEquals(List.of("qemu", "-m", "64"), ShellWords.split("qemu \\\n  -m \\\n 64"));
  }

  @Test
  void keepsBackslashesAsAShellDoes() {
    assertEquals(List.of("a b", "c\\d", "e\"f"), ShellWords.split("a\\ b \"c\\d\" \"e\\\"f\""));
  }

  @Test
  void refusesAnOpenQuote() {
    assertThrows(IllegalArgumentException.class, () -> ShellWords.split("qemu 'a"));
  }
}
