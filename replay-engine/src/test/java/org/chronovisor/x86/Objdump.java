package org.chronovisor.x86;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Disassembles with binutils' objdump, the oracle of the decoder's tests. */
final class Objdump {
  /** One disassembled instruction. */
  record Line(long address, byte[] bytes, String text) {}

  private Objdump() {}

  static boolean isAvailable() {
    try {
      Process process = new ProcessBuilder("objdump", "--version").start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Instructions of a file's code sections. */
  static List<Line> disassemble(Path file, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("objdump", "-d", "-w", "--insn-width=16"));
    command.addAll(List.of(options));
    command.add(file.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<Line> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      for (String line; (line = reader.readLine()) != null; ) {
        String[] parts = line.split("\t");
        if (parts.length >= 2 && parts[0].endsWith(":")) {
          String address = parts[0].strip().replace(":", "");
          byte[] bytes = HexFormat.of().parseHex(parts[1].replace(" ", ""));
          String text = parts.length > 2 ? parts[2] : "";
          lines.add(new Line(Long.parseUnsignedLong(address, 16), bytes, text));
        }
      }
    }
    process.waitFor();
    return lines;
  }
}
