package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NavigationHistoryTest {
  private final NavigationHistory history = new NavigationHistory();

  @Test
  void goesBackAndForwardOverJumps() {
    history.jumped(1, 5);
    history.jumped(5, 9);
    assertEquals(5, history.back(9));
    assertEquals(1, history.back(5));
    assertFalse(history.canGoBack());
    assertEquals(5, history.forward());
  }

  @Test
  void returnsToTheLastJumpFromAPositionSteppedTo() {
    history.jumped(1, 5);
    assertEquals(5, history.back(7));
  }

  @Test
  void aNewJumpForgetsWhatLayAhead() {
    history.jumped(1, 5);
    history.jumped(5, 9);
    history.back(9);
    history.jumped(5, 20);
    assertFalse(history.canGoForward());
    assertTrue(history.canGoBack());
  }
}
