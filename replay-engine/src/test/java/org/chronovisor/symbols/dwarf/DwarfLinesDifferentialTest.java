package org.chronovisor.symbols.dwarf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.chronovisor.symbols.LineTable;
import org.chronovisor.trace.SourceLines;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row against objdump, every address against addr2line. */
class DwarfLinesDifferentialTest {
  private static final List<String> SOURCES =
      List.of("crc", "sort", "strings", "matrix", "recursion", "divide", "hash_table");

  private static final List<String> ONLY_64_BITS = List.of("strings", "matrix", "divide");

  @TempDir Path directory;

  @BeforeEach
  void needsTools() {
    assumeTrue(Binutils.isAvailable(), "gcc and binutils are not installed");
  }

  @Test
  void samples() throws IOException {
    int compared = 0;
    for (Path elf : Binutils.samples()) {
      compare(elf);
      compared++;
    }
    assertTrue(compared > 10, "only " + compared + " samples");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-gdwarf-5 -O2",
        "-gdwarf-5 -O2 -gz=zlib",
        "-gdwarf-5 -O2 -m32",
        "-gdwarf-5 -O2 -gno-as-loc-support",
        "-gdwarf-5 -O2 -ffunction-sections -Wl,--gc-sections -Wl,-e,work_crc",
        "-gdwarf-4 -O2",
        "-gdwarf-4 -O0 -m32 -gz=zlib",
        "-gdwarf-4 -O2 -gno-as-loc-support",
        "-gdwarf-3 -O2 -gno-as-loc-support",
        "-gdwarf-2 -O2 -gno-as-loc-support",
        "-gdwarf-2 -O1 -m32"
      })
  void compilerOptions(String options) throws IOException {
    compare(build(options));
  }

  /** Rows only: addr2line of binutils 2.40 cannot read this form. */
  @Test
  void wideOffsets() throws IOException {
    compareRows(build("-gdwarf-5 -O1 -gdwarf64"));
  }

  @Test
  void filesWithChecksumsAsClangWritesThem() throws IOException {
    String sum = "0x00112233445566778899aabbccddeeff";
    Path source =
        Files.writeString(
            directory.resolve("m.s"),
            ".file 0 \"/build/here\" \"top.c\" md5 SUM\n.file 1 \"/src\" \"a.c\" md5 SUM\n"
                    .replace("SUM", sum)
                + ".file 2 \"inc\" \"b.h\" md5 SUM\n".replace("SUM", sum)
                + ".text\n.globl f\nf: .loc 0 3\nnop\n.loc 1 7\nnop\n.loc 2 9 is_stmt 0\nret\n");
    Path elf = directory.resolve("m.elf");
    Binutils.run(
        "gcc",
        "-gdwarf-5",
        "-nostdlib",
        "-static",
        "-Wl,-Ttext,0x100000",
        "-Wl,-e,f",
        "-o",
        elf.toString(),
        source.toString());
    SourceLines lines = DwarfLines.read(Files.readAllBytes(elf));
    LineTable table = new LineTable(List.of(lines));
    assertEquals("/build/here/top.c:3", table.name(0x100000));
    assertEquals("/src/a.c:7", table.name(0x100001));
    assertEquals("/build/here/inc/b.h:9", table.name(0x100002));
    assertNull(table.name(0x100003));
    assertEquals(List.of(0x100001L), table.addresses("a.c", 7));
    assertEquals(List.of(), table.addresses("b.h", 9));
  }

  private Path build(String options) throws IOException {
    boolean narrow = options.contains("-m32");
    List<String> sources =
        SOURCES.stream().filter(s -> !narrow || !ONLY_64_BITS.contains(s)).toList();
    return Binutils.build(directory, "0x100000", options, sources);
  }

  private static void compare(Path elf) throws IOException {
    addresses(elf, compareRows(elf));
  }

  private static SourceLines compareRows(Path elf) throws IOException {
    SourceLines lines = DwarfLines.read(Files.readAllBytes(elf));
    List<Binutils.Row> expected = new ArrayList<>(Binutils.rows(elf));
    // What --gc-sections dropped is left in the table below all code, the boot sector's too.
    expected.removeIf(row -> row.address() < 0x7c00);
    List<Binutils.Row> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      found.add(row(lines, i));
    }
    assertTrue(expected.size() > 80, elf + ": only " + expected.size() + " rows");
    assertEquals(
        String.join("\n", expected.stream().map(Object::toString).toList()),
        String.join("\n", found.stream().map(Object::toString).toList()),
        elf.toString());
    return lines;
  }

  private static Binutils.Row row(SourceLines lines, int i) {
    if (lines.isEnd(i)) {
      // objdump prints the last row's flags with the end.
      Binutils.Row last = row(lines, i - 1);
      return new Binutils.Row(lines.address(i), last.baseName(), -1, false);
    }
    String path = lines.files().get(lines.file(i));
    return new Binutils.Row(
        lines.address(i),
        path.substring(path.lastIndexOf('/') + 1),
        lines.line(i),
        lines.isStatement(i));
  }

  /** Every byte from the first row to the last, and some more. */
  private static void addresses(Path elf, SourceLines lines) throws IOException {
    long[] all = IntStream.range(0, lines.size()).mapToLong(lines::address).sorted().toArray();
    long from = all[0] - 16;
    long to = all[all.length - 1] + 16;
    List<String> expected = Binutils.lines(elf, from, to);
    LineTable table = new LineTable(List.of(lines));
    assertEquals(to - from, expected.size());
    int otherFiles = 0;
    for (int i = 0; i < expected.size(); i++) {
      String where = elf + " 0x" + Long.toHexString(from + i);
      String name = table.name(from + i);
      String wanted = expected.get(i);
      if (wanted == null) {
        assertNull(name, where);
      } else {
        assertNotNull(name, where + " is " + wanted);
        // Before DWARF 5 only .debug_info has the compiler's directory.
        boolean same = wanted.equals(name) || wanted.equals(Binutils.ROOT + "/" + name);
        String line = name.substring(name.lastIndexOf(':'));
        assertTrue(same || wanted.endsWith(line), where + " is " + wanted + ", found " + name);
        otherFiles += same ? 0 : 1;
      }
    }
    // Binutils 2.40 name the unit's main file for some lines of headers, where the line table,
    // which
    // has been compared row by row, names the header.
    assertTrue(otherFiles <= expected.size() / 10, elf + ": " + otherFiles + " other files");
  }
}
