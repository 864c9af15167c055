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
    String printed = output.toString(StandardCharsets.UTF_8);
    for (String line :
        List.of(
            "checksum bdbc9af6a185c64c",
            "x87 be264320bf0bc9d",
            "vectors 4e094798a2037db7",
            "faults b41c593f2e91927d")) {
      assertTrue(printed.contains(line), printed);
    }
    assertEquals(List.of(), summary.inexact());
    try (TraceReader trace = Traces.open(summary.trace())) {
      Verification.assertProved(trace);
    }
  }
}
