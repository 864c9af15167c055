package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.chronovisor.replay.Verifier;
import org.chronovisor.replay.VerifyReport;
import org.chronovisor.trace.TraceReader;

/** Verification as tests need it. */
final class Verification {
  private Verification() {}

  static VerifyReport of(TraceReader trace) {
    return Verifier.verify(trace, 2, (segments, instructions) -> {}, () -> false);
  }

  /** Every segment lands on its keyframe, and all of them are looked at. */
  static void assertProved(TraceReader trace) {
    VerifyReport report = of(trace);
    assertEquals("", String.join("\n", report.mismatches()));
    assertTrue(report.ok());
    assertEquals(trace.segmentCount(), report.segments());
    assertTrue(report.segments() > 0);
    assertEquals(trace.segment(trace.segmentCount() - 1).end(), report.instructions());
  }
}
