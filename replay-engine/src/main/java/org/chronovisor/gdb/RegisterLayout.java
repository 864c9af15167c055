package org.chronovisor.gdb;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * The registers that gdb sees, in the order and with the numbers of QEMU's stub (10.0,
 * gdb-xml/i386-64bit.xml), and the target description that says so.
 *
 * <p>The x87 pointers and the last opcode are not recorded: gdb is told that they are unavailable.
 */
final class RegisterLayout {
  /** gdb's general registers as encoding numbers. */
  private static final int[] GENERAL = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};

  /** cs ss ds es fs gs as encoding numbers. */
  private static final int[] SEGMENTS = {1, 2, 3, 0, 4, 5};

  private static final List<String> UNRECORDED = List.of("fiseg", "fioff", "foseg", "fooff", "fop");

  static final int RBP = 6;
  static final int RSP = 7;
  static final int RIP = 16;

  private enum Feature {
    CORE("org.gnu.gdb.i386.core"),
    SSE("org.gnu.gdb.i386.sse"),
    AVX("org.gnu.gdb.i386.avx"),
    SEGMENTS("org.gnu.gdb.i386.segments"),
    SYSTEM("org.chronovisor.x86.system");

    final String name;

    Feature(String name) {
      this.name = name;
    }
  }

  /** Appends the hexadecimal value of a register. */
  @FunctionalInterface
  private interface Value {
    void append(StringBuilder out, CpuState cpu);
  }

  private record Register(
      Feature feature, String name, int bits, String type, String group, Value value) {}

  private final List<Register> registers = new ArrayList<>();

  RegisterLayout() {
    for (int number : GENERAL) {
      String type = number == 4 || number == 5 ? "data_ptr" : "int64";
      word(Feature.CORE, number, 64, type);
    }
    word(Feature.CORE, CpuState.RIP, 64, "code_ptr");
    word(Feature.CORE, CpuState.RFLAGS, 32, "eflags_bits");
    for (int segment : SEGMENTS) {
      number(
          Feature.CORE,
          CpuState.segmentName(segment),
          32,
          "int32",
          cpu -> cpu.segments[segment].selector());
    }
    number(Feature.SEGMENTS, "fs_base", 64, "int64", cpu -> cpu.segments[4].base());
    number(Feature.SEGMENTS, "gs_base", 64, "int64", cpu -> cpu.segments[5].base());
    word(Feature.SYSTEM, CpuState.KERNEL_GS_BASE, 64, "int64");
    word(Feature.SYSTEM, CpuState.CR0, 64, "cr0_bits");
    word(Feature.SYSTEM, CpuState.CR2, 64, "int64");
    word(Feature.SYSTEM, CpuState.CR3, 64, "int64");
    word(Feature.SYSTEM, CpuState.CR4, 64, "cr4_bits");
    word(Feature.SYSTEM, CpuState.CR8, 64, "int64");
    word(Feature.SYSTEM, CpuState.EFER, 64, "efer_bits");
    for (int i = 0; i < 8; i++) {
      int st = i;
      registers.add(
          new Register(
              Feature.CORE,
              "st" + st,
              80,
              "i387_ext",
              null,
              (out, cpu) -> {
                Hex.littleEndian(out, cpu.stMantissa[cpu.physical(st)], 8);
                Hex.littleEndian(out, cpu.stExponent[cpu.physical(st)], 2);
              }));
    }
    control("fctrl", cpu -> cpu.words[CpuState.FCW]);
    control("fstat", cpu -> cpu.words[CpuState.FSW]);
    control("ftag", RegisterLayout::tagWord);
    for (String name : UNRECORDED) {
      registers.add(
          new Register(
              Feature.CORE, name, 32, "int", "float", (out, cpu) -> out.append("xxxxxxxx")));
    }
    for (int i = 0; i < 16; i++) {
      int xmm = i;
      registers.add(
          new Register(
              Feature.SSE,
              "xmm" + xmm,
              128,
              "vec128",
              null,
              (out, cpu) -> {
                Hex.littleEndian(out, cpu.xmmLow[xmm], 8);
                Hex.littleEndian(out, cpu.xmmHigh[xmm], 8);
              }));
    }
    word(Feature.SSE, CpuState.MXCSR, 32, "mxcsr_bits");
    for (int i = 0; i < 16; i++) {
      int ymm = i;
      registers.add(
          new Register(
              Feature.AVX,
              "ymm" + ymm + "h",
              128,
              "uint128",
              null,
              (out, cpu) -> {
                Hex.littleEndian(out, cpu.ymmhLow[ymm], 8);
                Hex.littleEndian(out, cpu.ymmhHigh[ymm], 8);
              }));
    }
  }

  /** A number that is a function of the CPU's state. */
  @FunctionalInterface
  private interface Word {
    long of(CpuState cpu);
  }

  private void word(Feature feature, int word, int bits, String type) {
    number(feature, CpuState.wordName(word), bits, type, cpu -> cpu.words[word]);
  }

  private void number(Feature feature, String name, int bits, String type, Word word) {
    registers.add(
        new Register(
            feature,
            name,
            bits,
            type,
            null,
            (out, cpu) -> Hex.littleEndian(out, word.of(cpu), bits / 8)));
  }

  private void control(String name, Word word) {
    registers.add(
        new Register(
            Feature.CORE,
            name,
            32,
            "int",
            "float",
            (out, cpu) -> Hex.littleEndian(out, word.of(cpu), 4)));
  }

  int count() {
    return registers.size();
  }

  /** A register's value in hexadecimal. */
  String value(int register, CpuState cpu) {
    StringBuilder out = new StringBuilder();
    registers.get(register).value.append(out, cpu);
    return out.toString();
  }

  /** All values: the answer to {@code g}. */
  String values(CpuState cpu) {
    StringBuilder out = new StringBuilder();
    registers.forEach(register -> register.value.append(out, cpu));
    return out.toString();
  }

  /**
   * The x87 tag word from its abridged form (Intel SDM vol. 1, table 10-2): 0 valid, 1 zero, 2
   * special, 3 empty.
   */
  private static long tagWord(CpuState cpu) {
    long tags = 0;
    for (int physical = 0; physical < 8; physical++) {
      long tag = 3;
      if ((cpu.words[CpuState.FTW] >>> physical & 1) != 0) {
        long exponent = cpu.stExponent[physical] & 0x7fff;
        long mantissa = cpu.stMantissa[physical];
        if (exponent == 0 && mantissa == 0) {
          tag = 1;
        } else {
          tag = exponent != 0 && exponent != 0x7fff && mantissa < 0 ? 0 : 2;
        }
      }
      tags |= tag << (2 * physical);
    }
    return tags;
  }

  /** The target description. */
  String xml() {
    StringBuilder xml = new StringBuilder();
    xml.append("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n");
    xml.append("<target version=\"1.0\">\n<architecture>i386:x86-64</architecture>\n");
    for (Feature feature : Feature.values()) {
      xml.append("<feature name=\"").append(feature.name).append("\">\n");
      switch (feature) {
        case CORE ->
            flags(
                xml,
                "eflags_bits",
                4,
                "CF 0,PF 2,AF 4,ZF 6,SF 7,TF 8,IF 9,DF 10,OF 11,NT 14,RF 16,VM 17,AC 18,VIF 19,"
                    + "VIP 20,ID 21");
        case SSE -> {
          xml.append(VECTOR);
          flags(
              xml,
              "mxcsr_bits",
              4,
              "IE 0,DE 1,ZE 2,OE 3,UE 4,PE 5,DAZ 6,IM 7,DM 8,ZM 9,OM 10,UM 11,PM 12,FZ 15");
        }
        case AVX, SEGMENTS -> {
          // Plain numbers.
        }
        case SYSTEM -> {
          flags(xml, "cr0_bits", 8, "PE 0,MP 1,EM 2,TS 3,ET 4,NE 5,WP 16,AM 18,NW 29,CD 30,PG 31");
          flags(
              xml,
              "cr4_bits",
              8,
              "VME 0,PVI 1,TSD 2,DE 3,PSE 4,PAE 5,MCE 6,PGE 7,PCE 8,OSFXSR 9,OSXMMEXCPT 10,"
                  + "UMIP 11,LA57 12,VMXE 13,SMXE 14,FSGSBASE 16,PCIDE 17,OSXSAVE 18,SMEP 20,"
                  + "SMAP 21,PKE 22");
          flags(xml, "efer_bits", 8, "SCE 0,LME 8,LMA 10,NXE 11,SVME 12,LMSLE 13,FFXSR 14,TCE 15");
        }
      }
      for (int i = 0; i < registers.size(); i++) {
        if (registers.get(i).feature == feature) {
          append(xml, i);
        }
      }
      xml.append("</feature>\n");
    }
    return xml.append("</target>\n").toString();
  }

  private void append(StringBuilder xml, int number) {
    Register register = registers.get(number);
    xml.append(
        String.format(
            "<reg name=\"%s\" bitsize=\"%d\" type=\"%s\" regnum=\"%d\"%s/>\n",
            register.name,
            register.bits,
            register.type,
            number,
            register.group == null ? "" : " group=\"" + register.group + "\""));
  }

  private static void flags(StringBuilder xml, String id, int bytes, String fields) {
    xml.append(String.format("<flags id=\"%s\" size=\"%d\">\n", id, bytes));
    for (String field : fields.split(",")) {
      String[] parts = field.split(" ");
      xml.append(
          String.format(
              "<field name=\"%s\" start=\"%s\" end=\"%s\"/>\n", parts[0], parts[1], parts[1]));
    }
    xml.append("</flags>\n");
  }

  private static final String VECTOR =
      """
      <vector id="f32x4" type="ieee_single" count="4"/>
      <vector id="f64x2" type="ieee_double" count="2"/>
      <vector id="i8x16" type="int8" count="16"/>
      <vector id="i16x8" type="int16" count="8"/>
      <vector id="i32x4" type="int32" count="4"/>
      <vector id="i64x2" type="int64" count="2"/>
      <union id="vec128">
      <field name="v4_float" type="f32x4"/>
      <field name="v2_double" type="f64x2"/>
      <field name="v16_int8" type="i8x16"/>
      <field name="v8_int16" type="i16x8"/>
      <field name="v4_int32" type="i32x4"/>
      <field name="v2_int64" type="i64x2"/>
      <field name="uint128" type="uint128"/>
      </union>
      """;
}
