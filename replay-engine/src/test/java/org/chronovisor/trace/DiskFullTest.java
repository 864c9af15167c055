package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.chronovisor.trace.SampleTraces.Sample;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFullTest {
  @TempDir Path directory;
  private Path small;

  @BeforeEach
  void mountASmallFileSystem() throws Exception {
    small = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", small.toString()),
        "mounting a small file system needs root");
  }

  @AfterEach
  void unmount() throws Exception {
    // Lazily: the queue's mappings are released in the background.
    run("umount", "-l", small.toString());
  }

  @Test
  void fullDiskEndsTheTraceAndWhatWasWrittenStaysReadable() {
    Path trace = small.resolve("trace");
    Sample sample = SampleTraces.withOneCpu(5);
    int written = 0;
    TraceException thrown = null;
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.writeBegin(sample, writer);
      while (thrown == null && written < 1000) {
        try {
          writer.segment(megabyte(written), pages(written), noEvents());
          written++;
        } catch (TraceException e) {
          thrown = e;
        }
      }
      assertThrows(TraceException.class, () -> writer.end(sample.end(), sample.endPages()));
    }
    assertTrue(thrown != null && thrown.getMessage().contains("disk is full"), "" + thrown);
    assertTrue(written > 10, "segments " + written);
    try (TraceReader reader = Traces.open(trace)) {
      assertEquals(written, reader.segmentCount());
      for (int i = 0; i < written; i++) {
        SampleTraces.assertInfo(megabyte(i), reader.segment(i));
        assertEquals(pages(i).get(200)[77], reader.page(200, i)[77]);
      }
      assertTrue(reader.end().isEmpty());
    }
  }

  @Test
  void packingToAFullDiskFailsAndLeavesNoFile() throws IOException {
    Path trace = directory.resolve("trace");
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.writeBegin(SampleTraces.withOneCpu(5), writer);
      for (int i = 0; i < 45; i++) {
        writer.segment(megabyte(i), pages(i), noEvents());
      }
    }
    Path archive = small.resolve("a.cvt");
    assertThrows(TraceException.class, () -> Traces.pack(trace, archive, Traces.Progress.NONE));
    try (var files = Files.list(small)) {
      assertEquals(List.of(), files.toList());
    }
  }

  private static SegmentInfo megabyte(int number) {
    return new SegmentInfo(
        number * 100L,
        100,
        SampleTraces.state(new Random(number)),
        number,
        true,
        IntStream.range(0, 256).asLongStream().toArray());
  }

  private static List<byte[]> pages(int seed) {
    Random random = new Random(seed);
    return IntStream.range(0, 256)
        .mapToObj(
            i -> {
              byte[] page = new byte[4096];
              random.nextBytes(page);
              return page;
            })
        .toList();
  }

  private static SegmentEvents noEvents() {
    return new SegmentEvents(
        new byte[0], List.of(), List.of(), List.of(), List.of(), List.of(), new int[0]);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }
}
