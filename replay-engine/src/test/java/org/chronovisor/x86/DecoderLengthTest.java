package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every length the decoder finds must be objdump's. */
class DecoderLengthTest {
  /** Bytes after an instruction, so that a decoder that reads too far shows. */
  private static final byte[] PADDING = new byte[16];

  @BeforeAll
  static void needsObjdump() {
    Assumptions.assumeTrue(Objdump.isAvailable(), "binutils are not installed");
  }

  /** The Java runtime's own libraries: there wherever the test runs. */
  @Test
  void decodesCompiledCodeWithObjdumpsLengths() throws Exception {
    List<Path> files;
    try (Stream<Path> list = Files.list(Path.of(System.getProperty("java.home"), "lib"))) {
      files = list.filter(p -> p.toString().endsWith(".so")).sorted().toList();
    }
    Counts counts = new Counts();
    for (Path file : files) {
      counts.addAll(Objdump.disassemble(file), Mode.CODE64);
    }
    counts.check(0.99);
  }

  /** Random bytes reach encodings that no compiler emits. */
  @Test
  void decodesRandomBytesInBothModesWithObjdumpsLengths(@TempDir Path directory) throws Exception {
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    Path file = Files.write(directory.resolve("random.bin"), bytes);
    for (Mode mode : new Mode[] {Mode.CODE32, Mode.CODE64}) {
      String machine = mode == Mode.CODE32 ? "i386" : "i386:x86-64";
      Counts counts = new Counts();
      counts.addAll(Objdump.disassemble(file, "-D", "-b", "binary", "-m", machine), mode);
      counts.check(0.9);
    }
  }

  static final class Counts {
    private final List<String> wrong = new ArrayList<>();
    private int total;
    private int known;

    void addAll(List<Objdump.Line> lines, Mode mode) {
      for (Objdump.Line line : lines) {
        String text = line.text();
        // objdump shows WAIT and an x87 instruction after it as one.
        boolean wait = line.bytes().length > 1 && line.bytes()[0] == (byte) 0x9b;
        if (!text.isBlank() && !wait && !isOther(text)) {
          add(line, mode);
        }
      }
    }

    /**
     * Bytes that are no instruction, and AVX, which has no models. A REX prefix that other prefixes
     * follow counts in QEMU, and near jumps with 0x66 have 32-bit displacements in 64-bit mode;
     * objdump takes both otherwise.
     */
    private static boolean isOther(String text) {
      return text.contains("(bad)")
          || text.startsWith(".byte")
          || text.matches("[vk].*|.*\\brex\\b.*|.*\\b(call|j[a-z]+)w\\b.*|data16 .*");
    }

    private void add(Objdump.Line line, Mode mode) {
      byte[] code = Arrays.copyOf(line.bytes(), line.bytes().length + PADDING.length);
      Insn insn = Decoder.decode(code, 0, code.length, line.address(), mode);
      total++;
      if (insn != null) {
        known++;
        if (insn.length() != line.bytes().length) {
          wrong.add(line.text() + " is " + insn.length() + " instead of " + line.bytes().length);
        }
      }
    }

    /** All lengths were right, and at least this share of the instructions has a model. */
    void check(double share) {
      assertEquals(List.of(), wrong);
      assertTrue(total > 1000, "only " + total + " instructions");
      assertTrue(known >= share * total, known + " of " + total + " modelled");
    }
  }
}
