package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.chronovisor.trace.SampleTraces.Sample;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceRoundTripTest {
  @ParameterizedTest
  @MethodSource("org.chronovisor.trace.Seeds#some")
  void everythingWrittenIsReadBack(long seed) throws IOException {
    Sample sample = SampleTraces.random(seed, (int) (seed % 13));
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      Path trace = directory.path.resolve("trace");
      try (TraceWriter writer = Traces.create(trace)) {
        SampleTraces.write(sample, writer);
      }
      try (TraceReader reader = Traces.open(trace)) {
        SampleTraces.assertSame(sample, reader);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sparseTailIsCutAndReadingChangesNoFile(long seed) throws IOException {
    Sample sample = SampleTraces.random(seed, 3);
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      Path trace = directory.path.resolve("trace");
      try (TraceWriter writer = Traces.create(trace)) {
        SampleTraces.write(sample, writer);
      }
      List<String> before = listing(trace);
      try (TraceReader reader = Traces.open(trace)) {
        SampleTraces.assertSame(sample, reader);
      }
      assertEquals(before, listing(trace));
    }
  }

  private static List<String> listing(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .sorted()
          .map(
              f -> {
                try {
                  return f.getFileName()
                      + " "
                      + Files.size(f)
                      + " "
                      + java.util.Arrays.hashCode(Files.readAllBytes(f));
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .toList();
    }
  }
}
