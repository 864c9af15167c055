package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;



import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.chronovisor.trace.SampleTraces.Sample;

class TraceRoundTripTest {
  @Property(tries = 30)
  void everythingWrittenIsReadBack(@ForAll long seed, @ForAll @IntRange(max = 12) int segments)
      throws IOException {
    Sample sample = SampleTraces.random(seed, segments);
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

  @Property(tries = 3)
  void sparseTailIsCutAndReadingChangesNoFile(@ForAll long seed) throws IOException {
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
