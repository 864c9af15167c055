package org.chronovisor.symbols.dwarf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** gcc, objdump and addr2line: what the line tables are compared with. */
final class Binutils {
  /** The repository: sources are named from here. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** A row as objdump prints it; {@code line} is -1 at the end of a sequence. */
  record Row(long address, String baseName, int line, boolean statement) {}

  private Binutils() {}

  static boolean isAvailable() {
    for (String tool : List.of("gcc", "objdump", "addr2line")) {
      try {
        run(tool, "--version");
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  /** Runs a program in the repository's root; its standard output by line. */
  static List<String> run(String... command) throws IOException {
    return run(List.of(), command);
  }

  private static List<String> run(List<String> input, String... command) throws IOException {
    Path in = Files.createTempFile("in", ".txt");
    Path out = Files.createTempFile("out", ".txt");
    try {
      Files.write(in, input);
      Process process =
          new ProcessBuilder(command)
              .directory(ROOT.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("no end: " + List.of(command));
      }
      List<String> lines = Files.readAllLines(out);
      if (process.exitValue() != 0) {
        throw new IOException(List.of(command) + ": " + lines);
      }
      return lines;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(in);
      Files.delete(out);
    }
  }

  /** All rows of an ELF file, in the order of the file. */
  static List<Row> rows(Path elf) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String text : run("objdump", "-w", "--dwarf=decodedline", elf.toString())) {
      String[] words = text.strip().split("\\s+");
      if (words.length >= 3 && words[2].startsWith("0x") && words[1].matches("-|\\d+")) {
        boolean statement = words[words.length - 1].equals("x");
        rows.add(
            new Row(
                Long.parseUnsignedLong(words[2].substring(2), 16),
                words[0],
                words[1].equals("-") ? -1 : Integer.parseInt(words[1]),
                statement));
      }
    }
    return rows;
  }

  /** {@code file:line} of consecutive addresses, null where addr2line knows none. */
  static List<String> lines(Path elf, long from, long to) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (long a = from; a < to; a++) {
      addresses.add("0x" + Long.toHexString(a));
    }
    List<String> lines = new ArrayList<>();
    for (String text : run(addresses, "addr2line", "-e", elf.toString())) {
      String line = text.replaceAll(" \\(discriminator \\d+\\)$", "");
      lines.add(line.matches(".*:(0|\\?)") ? null : line.replaceAll("^(\\./)+", ""));
    }
    return lines;
  }

  /** Per address the functions there, {@code name file:line} each, innermost first. */
  static List<List<String>> inlineStacks(Path elf, List<Long> addresses) throws IOException {
    List<String> input = addresses.stream().map(a -> "0x" + Long.toHexString(a)).toList();
    List<List<String>> stacks = new ArrayList<>();
    String function = null;
    for (String text : run(input, "addr2line", "-a", "-i", "-f", "-e", elf.toString())) {
      if (text.matches("0x[0-9a-f]{16}|0x[0-9a-f]{8}")) {
        stacks.add(new ArrayList<>());
        function = null;
      } else if (function == null) {
        function = text;
      } else {
        String line = text.replaceAll(" \\(discriminator \\d+\\)$", "");
        stacks
            .get(stacks.size() - 1)
            .add(
                function
                    + " "
                    + (line.matches(".*:(0|\\?)") ? null : line.replaceAll("^(\\./)+", "")));
        function = null;
      }
    }
    return stacks;
  }

  /** What another tool prints for an input. */
  static List<String> filter(List<String> input, String... command) throws IOException {
    return run(input, command);
  }
}
