package org.chronovisor.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.chronovisor.trace.SourceLines;
import org.junit.jupiter.api.Test;

class LineTableTest {
  private static SourceLines sequence(String file, long start, int... lines) {
    SourceLines.Builder rows = new SourceLines.Builder();
    for (int i = 0; i < lines.length; i++) {
      rows.row(start + 4L * i, rows.file(file), lines[i], true);
    }
    rows.end(start + 4L * lines.length);
    return rows.build();
  }

  @Test
  void aRowHoldsUpToTheNext() {
    LineTable table = new LineTable(List.of(sequence("a.c", 0x100, 7, 8)));
    assertNull(table.name(0xff));
    assertEquals("a.c:7", table.name(0x100));
    assertEquals("a.c:7", table.name(0x103));
    assertEquals("a.c:8", table.name(0x107));
    assertNull(table.name(0x108));
  }

  @Test
  void addressesAreUnsigned() {
    LineTable table =
        new LineTable(
            List.of(sequence("high.c", 0xffffffff80000000L, 1), sequence("low.c", 0x100, 2)));
    assertEquals("high.c:1", table.name(0xffffffff80000003L));
    assertEquals("low.c:2", table.name(0x100));
    assertNull(table.name(-1));
    assertNull(table.name(0x8000));
  }

  @Test
  void sequencesThatTouchLeaveNoGap() {
    LineTable table = new LineTable(List.of(sequence("b.c", 0x104, 2), sequence("a.c", 0x100, 1)));
    assertEquals("a.c:1", table.name(0x103));
    assertEquals("b.c:2", table.name(0x104));
  }

  @Test
  void theFirstSequenceKeepsWhatItCovers() {
    LineTable table =
        new LineTable(
            List.of(
                sequence("kernel.c", 0x100, 1, 2),
                sequence("copy.c", 0x100, 3),
                sequence("late.c", 0x104, 4, 5)));
    assertEquals("kernel.c:1", table.name(0x100));
    assertEquals("kernel.c:2", table.name(0x104));
    assertEquals("late.c:5", table.name(0x108));
    assertNull(table.name(0x10c));
  }

  @Test
  void lineZeroIsNoLine() {
    LineTable table = new LineTable(List.of(sequence("a.c", 0x100, 0, 8)));
    assertNull(table.name(0x100));
    assertEquals("a.c:8", table.name(0x104));
    assertEquals(List.of(), table.addresses("a.c", 0));
  }

  @Test
  void aLineBeginsWhereItsFirstStatementDoes() {
    LineTable table =
        new LineTable(List.of(sequence("src/heap.c", 0x100, 7, 8, 8, 7), sequence("p.c", 0, 7)));
    assertEquals(List.of(0x100L, 0x10cL), table.addresses("src/heap.c", 7));
    assertEquals(List.of(0x104L), table.addresses("heap.c", 8));
    assertEquals(List.of(), table.addresses("eap.c", 8));
    assertEquals(List.of(), table.addresses("src/heap.c", 9));
  }

  @Test
  void rowsOutOfOrderNeitherGoBackNorPastTheEnd() {
    SourceLines.Builder rows = new SourceLines.Builder();
    int file = rows.file("a.c");
    rows.row(0x100, file, 1, true);
    rows.row(0x900, file, 2, true);
    rows.row(0x50, file, 3, true);
    rows.end(0x200);
    LineTable table = new LineTable(List.of(rows.build(), sequence("b.c", 0x200, 9)));
    assertEquals("a.c:1", table.name(0x1ff));
    assertEquals("b.c:9", table.name(0x200));
    assertNull(table.name(0x900));
  }

  @Test
  void namesCannotSteerATerminal() {
    LineTable table = new LineTable(List.of(sequence("a\u001b[2J.c", 0x100, 1)));
    assertEquals("a?[2J.c:1", table.name(0x100));
  }

  @Test
  void nothingIsKnownWithoutTables() {
    LineTable table = new LineTable(List.of());
    assertTrue(table.isEmpty());
    assertNull(table.name(0));
    assertEquals(List.of(), table.addresses("a.c", 1));
  }
}
