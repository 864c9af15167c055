package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.recorder.RecordListener;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.recorder.Recorder;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.Planner;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that uses whole ymm registers: every bit of them is exact. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AvxRecordingTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isProvedUpperHalvesIncluded(boolean check) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    RecordOptions options =
        RecordOptions.of(
                Recordings.directory().resolve("avx-max-" + check),
                Sample.AVX.command("-cpu", "max"))
            .withCheck(check)
            .withPlugin(Recordings.plugin())
            .withGuestInput(InputStream.nullInputStream())
            .withGuestOutput(output);
    RecordSummary summary = new Recorder(new Planner()).record(options, new RecordListener() {});
    assertTrue(output.toString(StandardCharsets.UTF_8).contains("checksum bdbc9af6a185c64c"));
    assertEquals(List.of(), summary.inexact());
    try (TraceReader trace = Traces.open(summary.trace())) {
      Verification.assertProved(trace);
    }
  }
}
