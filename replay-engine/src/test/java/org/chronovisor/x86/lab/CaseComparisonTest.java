package org.chronovisor.x86.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.chronovisor.x86.Mode;
import org.junit.jupiter.api.Test;

/** A comparison that overlooked something would make every other lab test worthless. */
class CaseComparisonTest {
  @Test
  void everyByteOfRegistersAndMemoryCounts() {
    byte[] expected = new byte[LabLayout.RECORD_BYTES];
    for (int at = 0; at < expected.length; at++) {
      boolean fault = at >= LabLayout.FAULT && at < LabLayout.XMM;
      boolean unused = at >= LabLayout.XMM_END && at < LabLayout.BLOCK;
      if (fault || unused) {
        continue;
      }
      byte[] found = expected.clone();
      // Bit 16 of rflags, RF, is the one that is not compared.
      found[at] ^= 2;
      assertNotEquals(
          "",
          CaseComparison.differences(Mode.CODE64, expected, expected, found),
          "difference at " + at);
    }
  }

  @Test
  void equalResultsHaveNoDifference() {
    byte[] record = new byte[LabLayout.RECORD_BYTES];
    assertEquals("", CaseComparison.differences(Mode.CODE64, record, record, record.clone()));
    assertEquals("", CaseComparison.differences(Mode.CODE32, record, record, record.clone()));
  }
}
