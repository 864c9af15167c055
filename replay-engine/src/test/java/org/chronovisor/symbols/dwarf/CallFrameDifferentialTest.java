package org.chronovisor.symbols.dwarf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.trace.CallFrameSection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unwind rules, row by row, against {@code readelf --debug-dump=frames-interp}. */
class CallFrameDifferentialTest {
  private static final List<String> NAMES_64 =
      List.of(
          "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
          "r13", "r14", "r15", "ra");
  private static final List<String> NAMES_32 =
      List.of("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "ra");

  @TempDir Path directory;

  @BeforeEach
  void needsTools() {
    assumeTrue(Binutils.isAvailable(), "gcc and binutils are not installed");
  }

  @Test
  void samples() throws IOException {
    for (Path elf : Binutils.samplesWithFunctions()) {
      assertTrue(compare(elf) > 20, elf.toString());
    }
  }

  /** The C library has what compilers seldom write: expressions, signal frames, many rows. */
  @Test
  void theHostsLibrary() throws IOException {
    Path library = Path.of("/lib/x86_64-linux-gnu/libc.so.6");
    assumeTrue(Files.isReadable(library), "no C library at the usual place");
    assertTrue(compare(library) > 10_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-O0",
        "-O2 -fomit-frame-pointer",
        "-O2 -fno-asynchronous-unwind-tables -g",
        "-Os -m32 -fomit-frame-pointer",
        "-O1 -m32 -fno-asynchronous-unwind-tables -gdwarf-4",
        "-O2 -gdwarf64 -g -fno-asynchronous-unwind-tables"
      })
  void compilerOptions(String options) throws IOException {
    List<String> sources = List.of("crc", "sort", "recursion", "hash_table");
    assertTrue(compare(Binutils.build(directory, "0x100000", options, sources)) > 20);
  }

  /** All rules that an assembler can be asked for. */
  @Test
  void everyInstruction() throws IOException {
    Path source =
        Files.writeString(
            directory.resolve("rules.s"),
            """
            .text
            .globl f
            f: .cfi_startproc
            push %rbx
            .cfi_adjust_cfa_offset 8
            .cfi_rel_offset rbx, 0
            nop
            .cfi_remember_state
            .cfi_register r12, rax
            .cfi_undefined rcx
            .cfi_same_value r13
            nop
            .cfi_def_cfa rbp, 32
            .cfi_val_offset r14, -24
            .cfi_offset r15, -4096
            nop
            .cfi_def_cfa_register rdx
            .cfi_escape 0x05, 6, 3
            nop
            .cfi_restore_state
            nop
            .cfi_restore rbx
            .cfi_escape 0x10, 3, 2, 0x77, 8
            nop
            .cfi_escape 0x16, 6, 2, 0x77, 16
            .cfi_escape 0x2e, 8
            .cfi_escape 0x2f, 3, 2
            nop
            .cfi_escape 0x0f, 3, 0x77, 8, 6
            .skip 300
            .cfi_def_cfa_offset 16
            .cfi_escape 0x12, 7, 0x7e
            .cfi_escape 0x13, 0x7c
            .cfi_escape 0x15, 12, 3
            .skip 70000
            .cfi_escape 0x06, 12
            .cfi_escape 0x0c, 7, 8
            ret
            .cfi_endproc
            """);
    Path elf = directory.resolve("rules.elf");
    Binutils.run(
        "gcc", "-nostdlib", "-static", "-Wl,-e,f", "-o", elf.toString(), source.toString());
    assertTrue(compare(elf) > 10);
  }

  /** Compares every row; how many there are. */
  private static int compare(Path elf) throws IOException {
    byte[] file = Files.readAllBytes(elf);
    Map<String, CallFrameTable> tables = new LinkedHashMap<>();
    boolean wide = file[4] == 2;
    for (CallFrameSection section : DwarfCallFrames.read(file)) {
      boolean eh = section.kind() == CallFrameSection.Kind.EH_FRAME;
      tables.put(eh ? ".eh_frame" : ".debug_frame", new CallFrameTable(section));
    }
    CallFrameTable table = null;
    List<String> columns = List.of();
    int rows = 0;
    // readelf prints a row for each location; when two are equal the last one counts.
    String pending = null;
    boolean inFunction = false;
    List<String> lines =
        Binutils.run("readelf", "-W", "--debug-dump=frames-interp,no-follow-links", elf.toString());
    for (String line : lines) {
      if (line.startsWith("Contents of the ")) {
        table = tables.get(line.split(" ")[3]);
        continue;
      }
      String[] words = line.strip().split("\\s+");
      if (line.contains(" CIE ") || line.contains(" FDE ")) {
        rows += check(table, columns, pending, wide, elf);
        pending = null;
        inFunction = line.contains(" FDE ");
        columns = List.of();
      } else if (words[0].equals("LOC")) {
        columns = Arrays.asList(words).subList(2, words.length);
      } else if (inFunction
          && words[0].matches("[0-9a-f]{8}|[0-9a-f]{16}")
          && words.length > 1
          && !line.contains("ZERO")) {
        if (pending != null && !pending.startsWith(words[0])) {
          rows += check(table, columns, pending, wide, elf);
        }
        pending = line;
      }
    }
    return rows + check(table, columns, pending, wide, elf);
  }

  private static int check(
      CallFrameTable table, List<String> columns, String row, boolean wide, Path elf) {
    if (row == null) {
      return 0;
    }
    String[] words = row.strip().replaceAll("r\\d+ \\((\\w+)\\)", "$1").split("\\s+");
    long address = Long.parseUnsignedLong(words[0], 16);
    CallFrameRow found = table.at(address).orElse(null);
    List<String> names = wide ? NAMES_64 : NAMES_32;
    StringBuilder text = new StringBuilder(words[0]);
    if (found != null) {
      text.append(' ').append(cfa(found.cfa(), names));
      for (String column : columns) {
        text.append(' ').append(text(found.registers()[names.indexOf(column)], names));
      }
    }
    assertEquals(String.join(" ", words), text.toString(), elf + " " + columns);
    return 1;
  }

  private static String cfa(CallFrameRule rule, List<String> names) {
    return rule.kind() == CallFrameRule.Kind.REGISTER
        ? String.format("%s%+d", names.get(rule.register()), rule.value())
        : "exp";
  }

  /** A rule as readelf prints it. */
  private static String text(CallFrameRule rule, List<String> names) {
    return switch (rule.kind()) {
      case UNSPECIFIED, UNDEFINED -> "u";
      case SAME -> "s";
      case OFFSET -> String.format("c%+d", rule.value());
      case VALUE_OFFSET -> String.format("v%+d", rule.value());
      case REGISTER -> names.get(rule.register());
      case EXPRESSION -> "exp";
      case VALUE_EXPRESSION -> "vexp";
    };
  }
}
