package org.chronovisor.x86;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** Encodings from the GNU assembler and disassembler, when the machine has them. */
final class SseAssembler {
  private static final Pattern LINE =
      Pattern.compile("^\\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\\s*(?:\t(.*))?$");

  private SseAssembler() {}

  /** One line of a disassembly. */
  record Line(long address, byte[] bytes, String text) {}

  /** Assembles Intel syntax for 64-bit mode, or 32-bit mode. */
  static List<Line> assemble(Mode mode, String source) {
    try {
      Path directory = Files.createTempDirectory("assembler");
      try {
        Path in = directory.resolve("in.s");
        Path out = directory.resolve("out.o");
        Files.writeString(in, ".intel_syntax noprefix\n" + source + "\n");
        run("as", mode == Mode.CODE64 ? "--64" : "--32", "-o", out.toString(), in.toString());
        return disassemble(out);
      } finally {
        try (var files = Files.list(directory)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Every instruction of the executable sections. */
  static List<Line> disassemble(Path objectFile) throws IOException {
    List<Line> lines = new ArrayList<>();
    String listing =
        run("objdump", "-d", "-z", "-M", "intel", "--insn-width=15", objectFile.toString());
    for (String text : listing.split("\n")) {
      Matcher m = LINE.matcher(text);
      if (m.matches()) {
        String[] hex = m.group(2).trim().split(" ");
        byte[] bytes = new byte[hex.length];
        for (int i = 0; i < hex.length; i++) {
          bytes[i] = (byte) Integer.parseInt(hex[i], 16);
        }
        lines.add(
            new Line(Long.parseUnsignedLong(m.group(1), 16), bytes, String.valueOf(m.group(3))));
      }
    }
    return lines;
  }

  /** Output of a program; the test is skipped when the machine does not have it. */
  static String run(String... command) throws IOException {
    Path log = Files.createTempFile("output", ".txt");
    try {
      Process process;
      try {
        process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
      } catch (IOException e) {
        Assumptions.abort(command[0] + " is not installed");
        return "";
      }
      boolean ended = process.waitFor(60, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      String output = Files.readString(log, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        throw new IOException(command[0] + (ended ? " failed: " : " timed out: ") + output);
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(log);
    }
  }
}
