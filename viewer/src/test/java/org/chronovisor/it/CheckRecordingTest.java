package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.it.Recordings.Recording;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.Plan;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code record --check}: what each modelled instruction wrote in QEMU, against its model. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CheckRecordingTest {
  @ParameterizedTest
  @EnumSource
  void everyRegisterAndStoreOfEveryModelEqualsQemus(Sample sample) {
    Recording recording = Recordings.of(sample, How.CHECK);
    assertTrue(recording.summary().complete(), recording.summary()::toString);
    assertEquals(List.of(), recording.summary().inexact());
    try (TraceReader trace = Traces.open(recording.trace())) {
      assertTrue(trace.header().check());
      // On a CPU without AVX that sample is soon over (AvxRecordingTest has one with it).
      assertModelsAreCompared(trace, sample == Sample.AVX ? 130 : 150);
      assertTrue(
          trace.segmentCount() > (sample == Sample.AVX ? 100 : 300),
          "keyframes behind single instructions");
      Verification.assertProved(trace);
    }
  }

  /** A check that captures nothing would always be clean. */
  private static void assertModelsAreCompared(TraceReader trace, int least) {
    long compared =
        trace.plans().stream()
            .map(PlannedInstruction::plan)
            .filter(Plan::modelled)
            .filter(plan -> plan.has(Plan.CAPTURE) || plan.has(Plan.CAPTURE_STORES))
            .count();
    assertTrue(compared > least, "different instructions compared: " + compared);
  }
}
