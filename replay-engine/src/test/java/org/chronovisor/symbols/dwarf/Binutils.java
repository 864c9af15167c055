package org.chronovisor.symbols.dwarf;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** gcc, binutils, and what they make: what debug information is compared with. */
public final class Binutils {
  /** The repository: sources are named from here. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** A row as objdump prints it; {@code line} is -1 at the end of a sequence. */
  record Row(long address, String baseName, int line, boolean statement) {}

  private Binutils() {}

  static boolean isAvailable() {
    return List.of("gcc", "objdump", "addr2line").stream().allMatch(Binutils::has);
  }

  /** Whether a tool is installed. */
  public static boolean has(String tool) {
    try {
      run(tool, "--version");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The samples' kernels that binutils read well; without any the test is not run. */
  static List<Path> samples() throws IOException {
    Path guests = ROOT.resolve("samples/target/guests");
    assumeTrue(Files.isDirectory(guests), "samples are not built");
    List<Path> samples = new ArrayList<>();
    try (var files = Files.newDirectoryStream(guests, "*.elf")) {
      for (Path elf : files) {
        if (isConsistent(elf)) {
          samples.add(elf);
        }
      }
    }
    return samples;
  }

  /** Those with functions: the boot sector is assembly alone. */
  static List<Path> samplesWithFunctions() throws IOException {
    return samples().stream().filter(elf -> !elf.endsWith("bootsector.elf")).toList();
  }

  /**
   * Builds parts of the sample {@code compute}.
   *
   * @param directory where the file is made
   * @param entry symbol or address where it begins
   * @param options of the compiler, separated by spaces
   * @param sources names without {@code .c}
   */
  static Path build(Path directory, String entry, String options, List<String> sources)
      throws IOException {
    Path elf = directory.resolve("test.elf");
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-ffreestanding",
                "-fno-pic",
                "-fno-pie",
                "-no-pie",
                "-nostdlib",
                "-static",
                "-w",
                "-Wl,-Ttext,0x100000",
                "-Wl,--unresolved-symbols=ignore-all",
                "-Wl,-e," + entry,
                "-I",
                "samples/src/common",
                "-o",
                elf.toString()));
    command.addAll(List.of(options.split(" ")));
    sources.forEach(source -> command.add("samples/src/compute/" + source + ".c"));
    run(command.toArray(String[]::new));
    return elf;
  }

  /** Runs a program in the repository's root; its standard output by line. */
  public static List<String> run(String... command) throws IOException {
    return run(List.of(), command);
  }

  /** The same with an input. */
  public static List<String> run(List<String> input, String... command) throws IOException {
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

  /** What addr2line printed, null when it knew no place. */
  private static String place(String text) {
    String line = text.replaceAll(" \\(discriminator \\d+\\)$", "");
    return line.matches(".*:(0|\\?)") ? null : line.replaceAll("^(\\./)+", "");
  }

  /** {@code file:line} of consecutive addresses, null where addr2line knows none. */
  static List<String> lines(Path elf, long from, long to) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (long a = from; a < to; a++) {
      addresses.add("0x" + Long.toHexString(a));
    }
    List<String> lines = new ArrayList<>();
    for (String text : run(addresses, "addr2line", "-e", elf.toString())) {
      lines.add(place(text));
    }
    return lines;
  }

  /**
   * Whether addr2line names the files that objdump prints, and there are any. Binutils 2.40 takes
   * the wrong file for a function of a header that was not inlined, where gdb agrees with objdump.
   */
  static boolean isConsistent(Path elf) throws IOException {
    Map<Long, Set<String>> files = new TreeMap<>();
    for (Row row : rows(elf)) {
      if (row.line() > 0) {
        files.computeIfAbsent(row.address(), a -> new HashSet<>()).add(row.baseName());
      }
    }
    if (files.isEmpty()) {
      return false;
    }
    List<String> addresses = files.keySet().stream().map(a -> "0x" + Long.toHexString(a)).toList();
    List<String> found = run(addresses, "addr2line", "-e", elf.toString());
    int i = 0;
    for (Set<String> names : files.values()) {
      String path = found.get(i++).replaceAll(":[^:]*$", "");
      if (!names.contains(path.substring(path.lastIndexOf('/') + 1))) {
        return false;
      }
    }
    return true;
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
        stacks.get(stacks.size() - 1).add(function + " " + place(text));
        function = null;
      }
    }
    return stacks;
  }
}
