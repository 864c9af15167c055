package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    counts.check(0.97);
  }

  static final class Counts {
    private final List<String> wrong = new ArrayList<>();
    final Map<String, Integer> unknown = new TreeMap<>();
    private int total;
    private int known;

    void addAll(List<Objdump.Line> lines, Mode mode) {
      for (Objdump.Line line : lines) {
        if (!line.text().contains("(bad)") && !line.text().isBlank()) {
          add(line, mode);
        }
      }
    }

    private void add(Objdump.Line line, Mode mode) {
      byte[] code = Arrays.copyOf(line.bytes(), line.bytes().length + PADDING.length);
      Insn insn = Decoder.decode(code, 0, code.length, line.address(), mode);
      total++;
      if (insn == null) {
        unknown.merge(line.text().split(" ")[0], 1, Integer::sum);
      } else {
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
      assertTrue(known >= share * total, known + " of " + total + ": " + unknown);
    }

    @Override
    public String toString() {
      return known + " of " + total + " modelled, " + wrong.size() + " wrong";
    }
  }
}
