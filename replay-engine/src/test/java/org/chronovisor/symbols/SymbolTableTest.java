package org.chronovisor.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chronovisor.trace.Symbol;
import org.junit.jupiter.api.Test;

class SymbolTableTest {
  private static final SymbolTable TABLE =
      new SymbolTable(
          List.of(
              new Symbol("heap_alloc", 0x1000, 0x20, true),
              new Symbol("heap_free", 0x1040, 0x10, true),
              new Symbol("label", 0x1060, 0, true),
              new Symbol("after_label", 0x1080, 4, true),
              new Symbol("arena", 0x8000, 0x1000, false),
              new Symbol("arena_inner", 0x8100, 8, false),
              new Symbol("kernel_high", 0xffffffff80000000L, 0x10, true)));

  @Test
  void namesAnAddressInsideAFunctionByItsOffset() {
    assertEquals("heap_alloc", TABLE.name(0x1000));
    assertEquals("heap_alloc+0x1f", TABLE.name(0x101f));
  }

  @Test
  void knowsNothingBehindASymbolsEnd() {
    assertNull(TABLE.name(0x1020));
    assertNull(TABLE.name(0xfff));
    assertNull(TABLE.name(0x9000));
  }

  @Test
  void aSymbolWithoutSizeReachesToTheNext() {
    assertEquals("label+0x1f", TABLE.name(0x107f));
    assertEquals("after_label", TABLE.name(0x1080));
  }

  @Test
  void prefersTheInnerOfOverlappingSymbolsAndReturnsToTheOuter() {
    assertEquals("arena_inner+0x7", TABLE.name(0x8107));
    assertEquals("arena+0x108", TABLE.name(0x8108));
  }

  @Test
  void addressesAreUnsigned() {
    assertEquals("kernel_high+0xf", TABLE.name(0xffffffff8000000fL));
    assertNull(TABLE.name(0xffffffff80000010L));
  }

  @Test
  void aFunctionWinsOverALabelAtTheSameAddress() {
    SymbolTable table =
        new SymbolTable(
            List.of(
                new Symbol("function", 0x10, 8, true), new Symbol("text_start", 0x10, 0, false)));
    assertEquals("function+0x1", table.name(0x11));
  }

  @Test
  void suggestsNamesThatResemble() {
    assertTrue(TABLE.similar("heap_aloc").contains("heap_alloc"));
    assertTrue(TABLE.similar("free").contains("heap_free"));
    assertTrue(TABLE.similar("zzzzzz").isEmpty());
  }

  @Test
  void anEmptyTableAnswers() {
    SymbolTable empty = new SymbolTable(List.of());
    assertNull(empty.name(0));
    assertTrue(empty.isEmpty());
  }
}
