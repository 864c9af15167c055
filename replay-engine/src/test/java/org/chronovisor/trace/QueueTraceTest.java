package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.chronovisor.trace.SampleTraces.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueTraceTest {
  @TempDir Path directory;

  @Test
  void traceCanBeReadWhileItGrows() {
    Path trace = directory.resolve("trace");
    Sample sample = SampleTraces.random(11, 8);
    List<TraceReader> readers = new ArrayList<>();
    try (TraceWriter writer = Traces.create(trace)) {
      assertThrows(TraceException.class, () -> Traces.open(trace));
      SampleTraces.writeBegin(sample, writer);
      for (int i = 0; i < 8; i++) {
        writer.segment(sample.infos().get(i), sample.pages().get(i), sample.events().get(i));
        TraceReader reader = Traces.open(trace);
        SampleTraces.assertBegin(sample, reader, i + 1);
        assertTrue(reader.end().isEmpty());
        readers.add(reader);
      }
      writer.end(sample.end(), sample.endPages());
      SampleTraces.assertBegin(sample, readers.get(3), 4);
    }
    for (int i = 0; i < 8; i++) {
      SampleTraces.assertBegin(sample, readers.get(i), i + 1);
      readers.get(i).close();
    }
  }

  @Test
  void segmentOfFortyMegabytesIsReadBack() {
    Path trace = directory.resolve("trace");
    Path archive = directory.resolve("trace.cvt");
    int count = 10_000;
    List<byte[]> pages = randomPages(count);
    Sample sample = SampleTraces.random(12, 1);
    SegmentInfo one = sample.infos().get(0);
    SegmentInfo info =
        new SegmentInfo(
            one.start(),
            one.instructions(),
            one.keyframe(),
            one.cpu(),
            one.cpus(),
            one.pathHash(),
            true,
            IntStream.range(0, count).mapToLong(i -> 1000 + 3L * i).toArray());
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.writeBegin(sample, writer);
      writer.segment(info, pages, sample.events().get(0));
      writer.end(sample.end(), sample.endPages());
      assertTrue(writer.bytes() > 40_000_000);
    }
    Traces.pack(trace, archive, Traces.Progress.NONE);
    for (Path path : List.of(trace, archive)) {
      try (TraceReader reader = Traces.open(path)) {
        SampleTraces.assertInfo(info, reader.segment(0));
        SampleTraces.assertEvents(sample.events().get(0), reader.events(0));
        for (int i = 0; i < count; i++) {
          assertArrayEquals(pages.get(i), reader.page(1000 + 3L * i, 0));
        }
      }
    }
  }

  @Test
  void severalThreadsReadTheSameTrace() throws Exception {
    Path trace = directory.resolve("trace");
    Sample sample = SampleTraces.random(13, 6);
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.write(sample, writer);
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (TraceReader reader = Traces.open(trace)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        futures.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < 5; n++) {
                    SampleTraces.assertSame(sample, reader);
                  }
                }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void interruptedThreadReadsAndStaysInterrupted() {
    Path trace = directory.resolve("trace");
    Sample sample = SampleTraces.random(15, 2);
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.write(sample, writer);
    }
    try (TraceReader reader = Traces.open(trace)) {
      Thread.currentThread().interrupt();
      SampleTraces.assertSame(sample, reader);
      assertTrue(Thread.interrupted());
      SampleTraces.assertSame(sample, reader);
    }
  }

  @Test
  void directoryWithoutMarkerIsRefusedInOneLine() throws IOException {
    String message = assertThrows(TraceException.class, () -> Traces.open(directory)).getMessage();
    assertTrue(message.startsWith("Not a Chronovisor trace"), message);
    Path trace = directory.resolve("trace");
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.write(SampleTraces.random(1, 1), writer);
    }
    Files.writeString(
        trace.resolve("chronovisor-trace"), "chronovisor trace directory, layout 2\n");
    message = assertThrows(TraceException.class, () -> Traces.open(trace)).getMessage();
    assertTrue(message.contains("another layout"), message);
    Files.delete(trace.resolve("chronovisor-trace"));
    assertThrows(TraceException.class, () -> Traces.open(trace));
    assertThrows(TraceException.class, () -> Traces.open(directory.resolve("nothing")));
  }

  @Test
  void cutOffQueueFileIsReportedAtOnceInOneLine() throws IOException {
    Path trace = directory.resolve("trace");
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.write(SampleTraces.random(16, 5), writer);
    }
    Path file;
    try (var files = Files.list(trace)) {
      file = files.filter(f -> f.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {whole.length / 2, 4096, 100, 3, 0}) {
      Files.write(file, Arrays.copyOf(whole, length));
      String message =
          assertTimeoutPreemptively(
              Duration.ofSeconds(60),
              () -> assertThrows(TraceException.class, () -> Traces.open(trace)).getMessage());
      assertEquals(1, message.lines().count());
    }
    Files.write(file, new byte[1 << 20]);
    assertThrows(TraceException.class, () -> Traces.open(trace));
  }

  @Test
  void directoryThatIsNotEmptyIsNotWrittenTo() throws IOException {
    Files.writeString(directory.resolve("mine"), "precious");
    assertThrows(TraceException.class, () -> Traces.create(directory));
    assertEquals("precious", Files.readString(directory.resolve("mine")));
  }

  @Test
  void segmentsMustFollowEachOther() {
    Sample sample = SampleTraces.random(14, 3);
    try (TraceWriter writer = Traces.create(directory.resolve("trace"))) {
      assertThrows(IllegalStateException.class, () -> writer.symbols(List.of()));
      SampleTraces.writeBegin(sample, writer);
      writer.segment(sample.infos().get(0), sample.pages().get(0), sample.events().get(0));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              writer.segment(sample.infos().get(2), sample.pages().get(2), sample.events().get(2)));
      writer.segment(sample.infos().get(1), sample.pages().get(1), sample.events().get(1));
    }
    try (TraceReader reader = Traces.open(directory.resolve("trace"))) {
      SampleTraces.assertBegin(sample, reader, 2);
    }
  }

  @Test
  void libraryThatPhonesHomeIsNotOnTheClassPath() {
    assertThrows(
        ClassNotFoundException.class,
        () -> Class.forName("net.openhft.chronicle.analytics.Analytics"));
    assertFalse(System.getProperty("java.class.path").contains("chronicle-analytics"));
  }

  private static List<byte[]> randomPages(int count) {
    Random random = new Random(9);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              byte[] page = new byte[4096];
              random.nextBytes(page);
              return page;
            })
        .toList();
  }

  @Test
  void createSaysWhyThereCanBeNoDirectory() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "mine");
    TraceException error = assertThrows(TraceException.class, () -> Traces.create(file));
    assertTrue(error.getMessage().contains("a file of that name exists"), error.getMessage());
  }
}
