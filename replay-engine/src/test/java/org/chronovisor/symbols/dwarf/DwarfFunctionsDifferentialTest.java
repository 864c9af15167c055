package org.chronovisor.symbols.dwarf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.symbols.FunctionTable;
import org.chronovisor.symbols.LineTable;
import org.chronovisor.symbols.SourceFrame;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.trace.Functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions and inlined calls at every address against {@code addr2line -i -f}. */
class DwarfFunctionsDifferentialTest {
  private static final List<String> SOURCES =
      List.of("crc", "sort", "strings", "matrix", "recursion", "divide", "hash_table", "main");

  @TempDir Path directory;

  @BeforeEach
  void needsTools() {
    assumeTrue(Binutils.isAvailable(), "gcc and binutils are not installed");
  }

  @Test
  void samples() throws IOException {
    int inlined = 0;
    for (Path elf : Binutils.samplesWithFunctions()) {
      inlined += compare(elf, 5, true);
    }
    assertTrue(inlined > 100, "only " + inlined + " addresses in inlined code");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-gdwarf-5 -O2",
        "-gdwarf-5 -O0",
        "-gdwarf-4 -O3 -gz=zlib",
        "-gdwarf-5 -O2 -ffunction-sections -Wl,--gc-sections -Wl,-e,main",
        "-gdwarf-5 -O2 -flto",
        "-gdwarf-3 -O2",
        "-gdwarf-2 -O1 -fdebug-types-section"
      })
  void compilerOptions(String options) throws IOException {
    Path elf = Binutils.build(directory, "main", options, SOURCES);
    // Binutils 2.40 name the unit's main file here; gdb and the line table name ours.
    boolean files = !options.contains("-flto") && !options.equals("-gdwarf-5 -O0");
    compare(elf, 1, files);
  }

  /** Compares addresses with code; how many of them are in inlined code. */
  private static int compare(Path elf, int step, boolean files) throws IOException {
    byte[] file = Files.readAllBytes(elf);
    Functions functions = DwarfFunctions.read(file);
    FunctionTable table = new FunctionTable(List.of(functions));
    LineTable lines = new LineTable(List.of(DwarfLines.read(file)));
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < functions.size(); i++) {
      if (functions.parent(i) == Functions.NONE) {
        for (int r = functions.firstRange(i); r < functions.firstRange(i + 1); r++) {
          for (long a = functions.start(r); a < functions.end(r); a += step) {
            addresses.add(a);
          }
        }
      }
    }
    assertTrue(addresses.size() > 200, elf + ": only " + addresses.size() + " bytes of functions");
    List<List<String>> expected = Binutils.inlineStacks(elf, addresses);
    assertEquals(addresses.size(), expected.size());
    int inlined = 0;
    List<String> otherFiles = new ArrayList<>();
    SymbolTable none = new SymbolTable(List.of());
    for (int i = 0; i < addresses.size(); i++) {
      List<String> found = new ArrayList<>();
      for (SourceFrame frame : SourceFrame.at(addresses.get(i), table, lines, none)) {
        found.add(frame.function() + " " + frame.line());
      }
      List<String> wanted = expected.get(i);
      String where = elf + " 0x" + Long.toHexString(addresses.get(i));
      assertEquals(comparable(wanted, false), comparable(found, false), where);
      if (!comparable(wanted, true).equals(comparable(found, true))) {
        otherFiles.add(where + ": " + wanted + ", found " + found);
      }
      inlined += wanted.size() > 1 ? 1 : 0;
    }
    // Binutils 2.40 name the unit's main file for some lines of headers; gdb, and the line table as
    // objdump prints it, name ours.
    assertTrue(!files || otherFiles.size() <= addresses.size() / 10, otherFiles::toString);
    return inlined;
  }

  private static List<String> comparable(List<String> frames, boolean files) {
    return frames.stream()
        .map(s -> s.replace(Binutils.ROOT + "/", ""))
        .map(s -> files ? s : s.replaceAll(" .*:", " "))
        .toList();
  }
}
