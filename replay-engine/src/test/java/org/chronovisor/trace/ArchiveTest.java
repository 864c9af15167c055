package org.chronovisor.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.chronovisor.trace.SampleTraces.Sample;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  private static final int FLIPS = 1000;

  @TempDir Path directory;
  private final Sample sample = SampleTraces.random(3, 3);
  private Path trace;
  private Path archive;
  private byte[] good;

  @BeforeEach
  void pack() throws IOException {
    trace = directory.resolve("trace");
    archive = directory.resolve("trace.cvt");
    try (TraceWriter writer = Traces.create(trace)) {
      SampleTraces.write(sample, writer);
    }
    Traces.pack(trace, archive, Traces.Progress.NONE);
    good = Files.readAllBytes(archive);
  }

  @Test
  void archiveHoldsWhatTheDirectoryHeld() {
    try (TraceReader reader = Traces.open(archive)) {
      SampleTraces.assertSame(sample, reader);
      assertEquals(good.length, reader.bytes());
    }
  }

  @Test
  void unpackingAndPackingAgainGivesTheSameFile() throws IOException {
    Path unpacked = directory.resolve("unpacked");
    Traces.unpack(archive, unpacked, Traces.Progress.NONE);
    try (TraceReader reader = Traces.open(unpacked)) {
      SampleTraces.assertSame(sample, reader);
    }
    Path again = directory.resolve("again.cvt");
    Traces.pack(unpacked, again, Traces.Progress.NONE);
    assertArrayEquals(good, Files.readAllBytes(again));
    Traces.pack(archive, again, Traces.Progress.NONE);
    assertArrayEquals(good, Files.readAllBytes(again));
  }

  @Test
  void progressEndsAtTheTotal() {
    List<Long> seen = new ArrayList<>();
    Traces.pack(
        trace,
        directory.resolve("p.cvt"),
        (done, total) -> {
          assertTrue(done <= total);
          seen.add(total - done);
        });
    assertEquals(0L, seen.get(seen.size() - 1));
  }

  @Test
  void archiveNamesNoClass() {
    String text = new String(good, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertFalse(text.contains("net.openhft"));
    assertFalse(text.contains("chronovisor"));
    assertFalse(text.contains("java"));
  }

  @Test
  void everyFlippedBitIsReported() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < FLIPS; i++) {
      int at = random.nextInt(8 * good.length);
      byte[] bad = good.clone();
      bad[at / 8] ^= (byte) (1 << at % 8);
      assertDamaged(bad, "bit " + at);
    }
    for (int at = 0; at < 40; at++) {
      for (int place : new int[] {at, good.length - 1 - at}) {
        byte[] bad = good.clone();
        bad[place] ^= (byte) (1 << random.nextInt(8));
        assertDamaged(bad, "byte " + place);
      }
    }
  }

  @Test
  void overwrittenStretchesAreReported() throws IOException {
    Random random = new Random(2);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      byte[] noise = new byte[1 + random.nextInt(200)];
      random.nextBytes(noise);
      int at = random.nextInt(good.length - noise.length);
      System.arraycopy(noise, 0, bad, at, noise.length);
      if (!Arrays.equals(bad, good)) {
        assertDamaged(bad, noise.length + " bytes at " + at);
      }
    }
  }

  @Test
  void cutOffArchiveIsRefusedUnlessAskedFor() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 400; i++) {
      int length = i < 50 ? i : i < 100 ? good.length - 1 - (i - 50) : random.nextInt(good.length);
      Path cut = write(Arrays.copyOf(good, length));
      assertThrows(TraceException.class, () -> Traces.open(cut).close(), "length " + length);
      try (TraceReader reader = Traces.openDamaged(cut)) {
        for (int s = 0; s < reader.segmentCount(); s++) {
          SampleTraces.assertInfo(sample.infos().get(s), reader.segment(s));
          SampleTraces.assertEvents(sample.events().get(s), reader.events(s));
        }
      } catch (TraceException e) {
        assertTrue(length < 1000, "the header record is whole at " + length + ": " + e);
      }
    }
  }

  @Test
  void cutOffArchiveGivesAllSegmentsBeforeTheCut() throws IOException {
    try (TraceReader reader = Traces.openDamaged(write(Arrays.copyOf(good, good.length - 30)))) {
      assertEquals(3, reader.segmentCount());
      SampleTraces.assertBegin(sample, reader, 3);
    }
  }

  @Test
  void damagedArchiveIsNotUnpacked() throws IOException {
    byte[] bad = good.clone();
    bad[good.length * 2 / 3] ^= 4;
    Path file = write(bad);
    Path target = directory.resolve("target");
    assertThrows(TraceException.class, () -> Traces.unpack(file, target, Traces.Progress.NONE));
    assertFalse(Files.exists(target));
  }

  @Test
  void foreignFilesGetOneLine() throws IOException {
    for (byte[] foreign :
        new byte[][] {
          {}, {1}, "#!/bin/sh\necho not a trace at all".getBytes(StandardCharsets.UTF_8)
        }) {
      Path file = write(foreign);
      String message = assertThrows(TraceException.class, () -> Traces.open(file)).getMessage();
      assertTrue(message.startsWith("Not a Chronovisor archive"), message);
      assertEquals(1, message.lines().count());
    }
  }

  private void assertDamaged(byte[] bad, String what) throws IOException {
    Path file = write(bad);
    assertThrows(TraceException.class, () -> readAll(file), what);
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("changed.cvt"), bytes);
  }

  /** Reads every byte of an archive. */
  private static void readAll(Path file) {
    try (TraceReader reader = Traces.open(file)) {
      reader.blocks();
      reader.plans();
      reader.symbols();
      reader.notes();
      reader.lines();
      reader.functions();
      reader.frames();
      reader.sources();
      for (int i = 0; i < reader.segmentCount(); i++) {
        reader.events(i);
        for (long frame : reader.segment(i).frames()) {
          reader.page(frame, i);
        }
      }
      if (reader.end().isPresent()) {
        for (long frame : reader.end().get().frames()) {
          reader.page(frame, reader.segmentCount());
        }
      }
    }
  }
}
