package org.chronovisor.symbols.dwarf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.chronovisor.symbols.LineTable;
import org.chronovisor.trace.SourceLines;
import org.junit.jupiter.api.Test;

/** Damaged and hostile files give a table or a DwarfException of one line, soon. */
class HostileElfTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final byte[] PROGRAM = {
    0,
    9,
    2,
    0,
    0,
    0x10,
    0,
    0,
    0,
    0,
    0, // set_address 0x100000
    3,
    6,
    1, // advance_line, copy
    0x4b,
    4,
    2,
    0x2f, // special, set_file, special
    5,
    9,
    6,
    8,
    9,
    4,
    0,
    10,
    1, // column, negate, const_add, fixed_advance, prologue, copy
    2,
    0x10,
    0,
    1,
    1 // advance_pc, end_sequence
  };

  private static byte[] elf(boolean wide, byte[] line, byte[] lineStrings) {
    byte[][] sections = {new byte[0], new byte[0x100], line, lineStrings, new byte[0]};
    String[] names = {"", ".text", ".debug_line", ".debug_line_str", ".shstrtab"};
    StringBuilder text = new StringBuilder();
    int[] nameAt = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      nameAt[i] = text.length();
      text.append(names[i]).append('\0');
    }
    sections[4] = text.toString().getBytes(StandardCharsets.US_ASCII);
    int header = wide ? 64 : 52;
    int total = header + Arrays.stream(sections).mapToInt(s -> s.length).sum();
    ByteBuffer out =
        ByteBuffer.allocate(total + 5 * (wide ? 64 : 40)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0x464c457f).put((byte) (wide ? 2 : 1)).put((byte) 1).position(16);
    out.putShort((short) 2).position(wide ? 40 : 32);
    offset(out, wide, total);
    out.position(out.position() + 10);
    out.putShort((short) (wide ? 64 : 40)).putShort((short) 5).putShort((short) 4);
    int[] at = new int[5];
    for (int i = 0; i < 5; i++) {
      at[i] = out.position();
      out.put(sections[i]);
    }
    for (int i = 0; i < 5; i++) {
      out.putInt(nameAt[i]).putInt(i == 0 ? 0 : 1);
      offset(out, wide, i == 1 ? 6 : 0);
      offset(out, wide, i == 1 ? 0x100000 : 0);
      offset(out, wide, at[i]);
      offset(out, wide, sections[i].length);
      out.position(out.position() + (wide ? 24 : 16));
    }
    return out.array();
  }

  private static void offset(ByteBuffer out, boolean wide, long value) {
    if (wide) {
      out.putLong(value);
    } else {
      out.putInt((int) value);
    }
  }

  /** A unit of DWARF 5 with two directories and three files, or of DWARF 4 with as many. */
  private static byte[] unit(int version) {
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    tables.writeBytes(new byte[] {1});
    if (version >= 4) {
      tables.write(1);
    }
    tables.writeBytes(new byte[] {1, -5, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1});
    if (version == 5) {
      tables.writeBytes(new byte[] {1, 1, 0x1f, 2, 0, 0, 0, 0, 5, 0, 0, 0});
      tables.writeBytes(new byte[] {3, 1, 8, 2, 0x0b, 5, 0x1e, 3});
      for (int i = 0; i < 3; i++) {
        tables.writeBytes(new byte[] {'a', '.', 'c', (byte) ('0' + i), 0, (byte) (i & 1)});
        tables.writeBytes(new byte[16]);
      }
    } else {
      tables.writeBytes("inc\0\0a.c\0".getBytes(StandardCharsets.US_ASCII));
      tables.writeBytes(new byte[] {0, 0, 0, 'b', '.', 'h', 0, 1, 2, 3, 0});
    }
    ByteBuffer out = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0).putShort((short) version);
    if (version == 5) {
      out.put((byte) 8).put((byte) 0);
    }
    out.putInt(tables.size()).put(tables.toByteArray()).put(PROGRAM);
    out.putInt(0, out.position() - 4);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] strings() {
    return "/src\0inc\0".getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void readsTheFilesThatTheOtherTestsDamage() {
    for (boolean wide : new boolean[] {false, true}) {
      for (int version = 2; version <= 5; version++) {
        LineTable table =
            new LineTable(List.of(DwarfLines.read(elf(wide, unit(version), strings()))));
        assertEquals(version == 5 ? "/src/inc/a.c1:7" : "a.c:7", table.name(0x100000));
        assertEquals(version == 5 ? "/src/a.c2:9" : "inc/b.h:9", table.name(0x100006));
      }
    }
  }

  @Test
  void damageGivesATableOrOneLine() {
    Random random = new Random(1);
    int tables = 0;
    for (int i = 0; i < 20_000; i++) {
      tables += read(damaged(random)) ? 1 : 0;
    }
    assertTrue(tables > 2000 && tables < 18_000, tables + " tables of 20000");
  }

  @Test
  void damagedSamples() throws IOException {
    Path sample = Path.of("../samples/target/guests/heap-overflow.elf");
    assumeTrue(Files.isReadable(sample), "samples are not built");
    byte[] good = Files.readAllBytes(sample);
    assertTrue(read(good));
    byte[] line = new ElfSections(good).content(".debug_line");
    int start =
        new String(good, StandardCharsets.ISO_8859_1)
            .indexOf(new String(line, StandardCharsets.ISO_8859_1));
    Random random = new Random(2);
    int tables = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bad = good.clone();
      for (int n = random.nextInt(5); n >= 0; n--) {
        int near = start + random.nextInt(random.nextBoolean() ? line.length : 150);
        int at = random.nextInt(4) == 0 ? random.nextInt(bad.length) : near;
        bad[at] ^= (byte) (1 << random.nextInt(8));
      }
      tables += read(bad) ? 1 : 0;
    }
    assertTrue(tables > 100 && tables < 900, tables + " tables of 1000");
  }

  private static byte[] damaged(Random random) {
    byte[] bad = elf(random.nextBoolean(), unit(2 + random.nextInt(4)), strings());
    for (int n = random.nextInt(4); n >= 0; n--) {
      // The sections' contents lie between the text and the section headers.
      int at = random.nextInt(3) == 0 ? random.nextInt(bad.length) : 0x140 + random.nextInt(200);
      bad[at] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt());
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
  }

  /** True when a table was read. */
  private static boolean read(byte[] file) {
    try {
      SourceLines lines = DwarfLines.read(file);
      LineTable table = new LineTable(List.of(lines));
      for (int i = 0; i < lines.size(); i++) {
        table.name(lines.address(i));
      }
      return true;
    } catch (DwarfException e) {
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      return false;
    }
  }

  @Test
  void aListOfFilesWithoutFormsIsNotBelieved() {
    byte[] bad = unit(5);
    // The number of file formats is behind the directories.
    int formats = 4 + 2 + 2 + 4 + 18 + 13;
    assertEquals(3, bad[formats - 1]);
    bad[formats - 1] = 0;
    for (int i = formats; i < formats + 8; i++) {
      bad[i] = -1;
    }
    bad[formats + 8] = 0x7f;
    assertRefused(elf(true, bad, strings()), "longer than its data");
  }

  @Test
  void unknownVersionsAreNamed() {
    byte[] bad = unit(5);
    bad[4] = 6;
    assertRefused(elf(true, bad, strings()), "version 6");
  }

  @Test
  void objectFilesAndOthersAreRefused() {
    byte[] object = elf(true, unit(5), strings());
    object[16] = 1;
    assertRefused(object, "link it first");
    assertRefused(new byte[100], "not an ELF file");
    byte[] big = elf(true, unit(5), strings());
    big[5] = 2;
    assertRefused(big, "little-endian");
  }

  @Test
  void moreRowsThanATraceHoldsAreRefused() {
    byte[] unit = unit(5);
    byte[] line = Arrays.copyOf(unit, unit.length + SourceLines.MAX_ROWS);
    int end = unit.length - 3;
    Arrays.fill(line, end, line.length - 3, (byte) 1);
    line[line.length - 2] = 1;
    line[line.length - 1] = 1;
    ByteBuffer.wrap(line).order(ByteOrder.LITTLE_ENDIAN).putInt(0, line.length - 4);
    assertTimeoutPreemptively(
        SOON, () -> assertRefused(elf(true, line, strings()), "line table rows"));
  }

  @Test
  void manyUnitsThatNameOneLongStringEndSoon() {
    byte[] unit = unit(5);
    int units = 100_000;
    byte[] line = new byte[unit.length * units];
    for (int i = 0; i < units; i++) {
      System.arraycopy(unit, 0, line, i * unit.length, unit.length);
    }
    byte[] longStrings = new byte[4000];
    Arrays.fill(longStrings, 0, 3999, (byte) 'x');
    assertTimeoutPreemptively(
        SOON, () -> assertRefused(elf(true, line, longStrings), "too many files"));
  }

  @Test
  void aDroppedFunctionHasNoLines() {
    byte[] unit = unit(5);
    unit[unit.length - PROGRAM.length + 5] = 0x70;
    assertEquals(0, DwarfLines.read(elf(true, unit, strings())).size());
  }

  private static void assertRefused(byte[] file, String part) {
    DwarfException e = assertThrows(DwarfException.class, () -> DwarfLines.read(file));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
