package org.chronovisor.view.pane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class HoverTextTest {
  private static final String LINE = "  if (block->next.size > 10 && f(x)) {";

  private static String at(String word) {
    return HoverText.at(LINE, LINE.indexOf(word));
  }

  @Test
  void namesAreTakenWithTheirOwners() {
    assertEquals("block", at("block"));
    assertEquals("block->next", at("next"));
    assertEquals("block->next.size", at("size"));
    assertEquals("x", at("x)) {"));
  }

  @Test
  void numbersFunctionsAndSpacesAreNoVariables() {
    assertNull(at("10"));
    assertNull(at("f(x)"));
    assertNull(at("> 10"));
    assertNull(HoverText.at("", 0));
  }
}
