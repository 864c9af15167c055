package org.chronovisor.view.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VisibleRangeTest {
  private final VisibleRange range = new VisibleRange(1_000_000);

  @Test
  void zoomingKeepsThePositionUnderTheMouseInPlace() {
    range.zoom(0.5, 250_000);
    assertEquals(500_000, range.length());
    assertEquals(0.25, (250_000 - range.from()) / range.length(), 1e-9);
  }

  @Test
  void neverLeavesTheRun() {
    range.zoom(0.01, 10);
    range.move(-500_000);
    assertEquals(0, range.from());
    range.move(5_000_000);
    assertEquals(1_000_000, range.to());
    range.zoom(1e9, 0);
    assertTrue(range.isWhole());
  }

  @Test
  void goesDownToSingleInstructions() {
    range.zoom(1e-12, 77);
    assertEquals(16, range.length());
    assertTrue(range.from() <= 77 && range.to() >= 77);
  }
}
