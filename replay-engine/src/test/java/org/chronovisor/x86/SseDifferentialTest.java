package org.chronovisor.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every SSE model against QEMU, and against this machine's CPU where the two agree. */
class SseDifferentialTest {
  private static final int MEMORY_ADDRESS = 0x4000;

  private static final String[] FLOATING = {
    "add",
    "sub",
    "mul",
    "div",
    "min",
    "max",
    "sqrt",
    "cmpeq",
    "cmplt",
    "cmple",
    "cmpunord",
    "cmpneq",
    "cmpnlt",
    "cmpnle",
    "cmpord"
  };

  /** xmm0, and xmm1 or 16 bytes of memory. */
  private static final String[] BINARY = {
    "andps",
    "andnpd",
    "orps",
    "xorpd",
    "pand",
    "pandn",
    "por",
    "pxor",
    "punpcklbw",
    "punpcklwd",
    "punpckldq",
    "punpcklqdq",
    "punpckhbw",
    "punpckhwd",
    "punpckhdq",
    "punpckhqdq",
    "packsswb",
    "packuswb",
    "packssdw",
    "packusdw",
    "pcmpgtb",
    "pcmpgtw",
    "pcmpgtd",
    "pcmpgtq",
    "pcmpeqb",
    "pcmpeqw",
    "pcmpeqd",
    "pcmpeqq",
    "psrlw",
    "psrld",
    "psrlq",
    "psraw",
    "psrad",
    "psllw",
    "pslld",
    "psllq",
    "paddb",
    "paddw",
    "paddd",
    "paddq",
    "psubb",
    "psubw",
    "psubd",
    "psubq",
    "paddsb",
    "paddsw",
    "paddusb",
    "paddusw",
    "psubsb",
    "psubsw",
    "psubusb",
    "psubusw",
    "pmullw",
    "pmulhw",
    "pmulhuw",
    "pmuludq",
    "pmaddwd",
    "psadbw",
    "pavgb",
    "pavgw",
    "pminub",
    "pminsw",
    "pmaxub",
    "pmaxsw",
    "unpcklps",
    "unpcklpd",
    "unpckhps",
    "unpckhpd",
    "haddps",
    "haddpd",
    "hsubps",
    "hsubpd",
    "addsubps",
    "addsubpd",
    "cvtps2dq",
    "cvttps2dq",
    "cvtpd2dq",
    "cvttpd2dq",
    "cvtdq2ps",
    "cvtpd2ps",
    "movshdup",
    "movsldup",
    "pshufb",
    "phaddw",
    "phaddd",
    "phaddsw",
    "phsubw",
    "phsubd",
    "phsubsw",
    "pmaddubsw",
    "psignb",
    "psignw",
    "psignd",
    "pmulhrsw",
    "pabsb",
    "pabsw",
    "pabsd",
    "pmuldq",
    "pminsb",
    "pminsd",
    "pminuw",
    "pminud",
    "pmaxsb",
    "pmaxsd",
    "pmaxuw",
    "pmaxud",
    "pmulld",
    "phminposuw",
    "pblendvb",
    "blendvps",
    "blendvpd",
    "ptest",
    "movups",
    "movupd",
    "movdqu",
    "movaps",
    "movdqa"
  };

  private static final String[] WITH_IMMEDIATE = {
    "shufps", "shufpd", "pshufd", "pshufhw", "pshuflw", "palignr", "blendps", "blendpd", "pblendw",
    "roundps", "roundpd"
  };

  private static final String[] OTHERS = {
    "movss xmm0, xmm1",
    "movss xmm0, [rsi]",
    "movss [rsi], xmm0",
    "movsd xmm0, xmm1",
    "movsd xmm0, [rsi]",
    "movsd [rsi], xmm0",
    "movq xmm0, xmm1",
    "movq xmm0, [rsi]",
    "movq [rsi], xmm0",
    "movd xmm0, eax",
    "movd eax, xmm0",
    "movq xmm0, rax",
    "movq rax, xmm0",
    "movd xmm0, [rsi]",
    "movd [rsi], xmm0",
    "movlps xmm0, [rsi]",
    "movhps xmm0, [rsi]",
    "movlpd xmm0, [rsi]",
    "movhpd xmm0, [rsi]",
    "movlps [rsi], xmm0",
    "movhps [rsi], xmm0",
    "movhlps xmm0, xmm1",
    "movlhps xmm0, xmm1",
    "movddup xmm0, xmm1",
    "movddup xmm0, [rsi]",
    "movups [rsi], xmm0",
    "movdqu [rsi+3], xmm0",
    "movdqa [rsi], xmm0",
    "movntdq [rsi], xmm0",
    "movntps [rsi], xmm0",
    "movnti [rsi], rax",
    "lddqu xmm0, [rsi]",
    "movntdqa xmm0, [rsi]",
    "xchg rdi, rsi; maskmovdqu xmm0, xmm1; xchg rdi, rsi",
    "pxor xmm0, xmm0",
    "paddb xmm0, xmm0",
    "movmskps eax, xmm0",
    "movmskpd eax, xmm0",
    "pmovmskb eax, xmm0",
    "comiss xmm0, xmm1",
    "comisd xmm0, xmm1",
    "ucomiss xmm0, xmm1",
    "ucomisd xmm0, xmm1",
    "comisd xmm0, [rsi]",
    "ucomiss xmm0, [rsi]",
    "cvtsi2sd xmm0, eax",
    "cvtsi2sd xmm0, rax",
    "cvtsi2ss xmm0, eax",
    "cvtsi2ss xmm0, rax",
    "cvtsi2sd xmm0, dword ptr [rsi]",
    "cvtsi2ss xmm0, qword ptr [rsi]",
    "cvtsd2si eax, xmm0",
    "cvtsd2si rax, xmm0",
    "cvttsd2si eax, xmm0",
    "cvttsd2si rax, xmm0",
    "cvtss2si eax, xmm0",
    "cvtss2si rax, xmm0",
    "cvttss2si eax, xmm0",
    "cvttss2si rax, [rsi]",
    "cvtss2sd xmm0, xmm1",
    "cvtsd2ss xmm0, xmm1",
    "cvtsd2ss xmm0, [rsi]",
    "cvtps2pd xmm0, xmm1",
    "cvtps2pd xmm0, [rsi]",
    "cvtdq2pd xmm0, xmm1",
    "cvtdq2pd xmm0, [rsi]",
    "rcpps xmm0, xmm1",
    "rcpss xmm0, xmm1",
    "rsqrtps xmm0, xmm1",
    "rsqrtss xmm0, xmm1",
    "pinsrw xmm0, eax, 5",
    "pinsrw xmm0, [rsi], 2",
    "pextrw eax, xmm0, 6",
    "pinsrb xmm0, eax, 11",
    "pinsrd xmm0, eax, 3",
    "pinsrq xmm0, rax, 1",
    "pextrb eax, xmm0, 9",
    "pextrd eax, xmm0, 2",
    "pextrq rax, xmm0, 1",
    "pextrb [rsi], xmm0, 3",
    "pextrw [rsi], xmm0, 4",
    "pextrq [rsi], xmm0, 0",
    "extractps eax, xmm0, 3",
    "insertps xmm0, xmm1, 0x9c",
    "insertps xmm0, xmm1, 0x41",
    "insertps xmm0, [rsi], 0x62",
    "roundss xmm0, xmm1, 0",
    "roundss xmm0, xmm1, 9",
    "roundsd xmm0, xmm1, 2",
    "roundsd xmm0, xmm1, 12",
    "roundsd xmm0, [rsi], 3",
    "psrlw xmm0, 3",
    "psrlw xmm0, 16",
    "psraw xmm0, 15",
    "psraw xmm0, 77",
    "psllw xmm0, 1",
    "psrld xmm0, 31",
    "psrad xmm0, 32",
    "pslld xmm0, 7",
    "psrlq xmm0, 63",
    "psrlq xmm0, 64",
    "psllq xmm0, 9",
    "psrldq xmm0, 1",
    "psrldq xmm0, 8",
    "psrldq xmm0, 13",
    "psrldq xmm0, 16",
    "pslldq xmm0, 3",
    "pslldq xmm0, 8",
    "pslldq xmm0, 15",
    "pslldq xmm0, 200",
    "pmovsxbw xmm0, xmm1",
    "pmovsxbd xmm0, xmm1",
    "pmovsxbq xmm0, xmm1",
    "pmovsxwd xmm0, xmm1",
    "pmovsxwq xmm0, xmm1",
    "pmovsxdq xmm0, xmm1",
    "pmovzxbw xmm0, [rsi]",
    "pmovzxbd xmm0, [rsi]",
    "pmovzxbq xmm0, [rsi]",
    "pmovzxwd xmm0, xmm1",
    "pmovzxwq xmm0, xmm1",
    "pmovzxdq xmm0, xmm1",
    "ldmxcsr [rsi]; stmxcsr [rsi+4]",
    "stmxcsr [rsi]",
    "mfence",
    ".byte 0x0f, 0x11, 0xc1",
    ".byte 0xf3, 0x0f, 0x11, 0xc1",
    ".byte 0xf2, 0x0f, 0x11, 0xc1",
    ".byte 0x66, 0x0f, 0xd6, 0xc1"
  };

  private static List<String> forms() {
    List<String> forms = new ArrayList<>();
    for (String operation : FLOATING) {
      for (String type : List.of("ss", "sd", "ps", "pd")) {
        forms.add(operation + type + " xmm0, xmm1");
        forms.add(operation + type + " xmm0, [rsi]");
      }
    }
    for (String operation : BINARY) {
      forms.add(operation + " xmm0, xmm1");
      forms.add(operation + " xmm0, [rsi]");
    }
    for (String operation : WITH_IMMEDIATE) {
      for (int immediate : new int[] {0x1b, 0xe4, 5, 14, 16, 33}) {
        forms.add(
            operation + " xmm0, xmm1, " + (immediate & (operation.startsWith("round") ? 15 : 255)));
      }
      forms.add(operation + " xmm0, [rsi], 9");
    }
    forms.addAll(List.of(OTHERS));
    return forms;
  }

  // ---- operands ------------------------------------------------------------------------------

  private static final long[] DOUBLES = {
    0,
    1,
    0x000f_ffff_ffff_ffffL,
    0x0010_0000_0000_0000L,
    0x0010_0000_0000_0001L,
    0x001f_ffff_ffff_ffffL,
    0x3ff0_0000_0000_0000L,
    0x3ff0_0000_0000_0001L,
    0x3fef_ffff_ffff_ffffL,
    0x4000_0000_0000_0000L,
    0x3fe0_0000_0000_0000L,
    0x7fef_ffff_ffff_ffffL,
    0x7ff0_0000_0000_0000L,
    0x1ff0_0000_0000_0000L,
    0x2000_0000_0000_0001L,
    0x5fe0_0000_0000_0000L,
    0x4340_0000_0000_0001L,
    0x41df_ffff_ffe0_0000L,
    0x41df_ffff_fff0_0000L,
    0x43e0_0000_0000_0000L,
    0x4008_0000_0000_0000L,
    0x47ef_ffff_e000_0000L,
    0x47ef_ffff_f000_0000L,
    0x380f_ffff_ffff_ffffL,
    0x3810_0000_0000_0000L,
    0x3690_0000_0000_0001L,
    0x0350_0000_0000_0001L
  };
  private static final long[] DOUBLE_NANS = {
    0x7ff8_0000_0000_0000L,
    0xfff8_0000_0000_0123L,
    0x7ff0_0000_0000_0001L,
    0xfff7_ffff_ffff_ffffL,
    0x7fff_ffff_ffff_ffffL,
    0x7ff8_0000_0000_0123L
  };
  private static final int[] FLOATS = {
    0,
    1,
    0x007f_ffff,
    0x0080_0000,
    0x0080_0001,
    0x00ff_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0x3f7f_ffff,
    0x4000_0000,
    0x3f00_0000,
    0x7f7f_ffff,
    0x7f80_0000,
    0x1f80_0000,
    0x2000_0001,
    0x5f00_0000,
    0x4b80_0001,
    0x4eff_ffff,
    0x4f00_0000,
    0x5eff_ffff,
    0x4040_0000,
    0x4b00_0001
  };
  private static final int[] FLOAT_NANS = {
    0x7fc0_0000, 0xffc0_0123, 0x7f80_0001, 0xffbf_ffff, 0x7fff_ffff, 0x7fc0_0123
  };

  private static long element(Random random, boolean isDouble, boolean nans) {
    long sign = random.nextBoolean() ? 1L << 63 : 0;
    int kind = random.nextInt(10);
    if (nans && random.nextInt(6) == 0) {
      return isDouble
          ? DOUBLE_NANS[random.nextInt(DOUBLE_NANS.length)]
          : pair(random, FLOAT_NANS[random.nextInt(FLOAT_NANS.length)]);
    }
    if (kind < 4) {
      return isDouble
          ? DOUBLES[random.nextInt(DOUBLES.length)] | sign
          : pair(random, FLOATS[random.nextInt(FLOATS.length)] | (int) (sign >>> 32));
    }
    if (kind < 6) {
      int small = random.nextInt(2001) - 1000;
      return isDouble
          ? Double.doubleToRawLongBits(small / 4.0)
          : pair(random, Float.floatToRawIntBits(small / 4f));
    }
    if (kind < 8) {
      double near = Math.scalb(1 + random.nextDouble(), random.nextInt(12) - 6);
      return isDouble
          ? Double.doubleToRawLongBits(near) | sign
          : pair(random, Float.floatToRawIntBits((float) near) | (int) (sign >>> 32));
    }
    long bits = random.nextLong();
    if (!nans) {
      // Not the exponent of NaNs, neither as a double nor as floats.
      bits &= 0xbfff_ffff_bfff_ffffL;
    }
    return bits;
  }

  private static long pair(Random random, int other) {
    int low = FLOATS[random.nextInt(FLOATS.length)];
    return random.nextBoolean() ? SseLanes.join(low, other) : SseLanes.join(other, low);
  }

  private static ByteBuffer records(List<String> forms, int each, boolean host) {
    Random random = new Random(42);
    ByteBuffer b =
        ByteBuffer.allocate(forms.size() * each * SseOracle.RECORD).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    for (int form = 0; form < forms.size(); form++) {
      String text = forms.get(form);
      for (int i = 0; i < each; i++, at += SseOracle.RECORD) {
        boolean isDouble = !text.contains("ss") && !text.contains("ps") || random.nextInt(8) == 0;
        // The CPU chooses between two NaNs by another rule: give it one side only.
        int nanSide = random.nextInt(3);
        b.putInt(at, form);
        b.putInt(at + SseOracle.MXCSR, mxcsr(random, host));
        b.putLong(at + SseOracle.RAX, integer(random));
        for (int j = 0; j < 8; j++) {
          boolean first = j < 2;
          boolean nans = !host || (first ? nanSide == 0 : nanSide == 1);
          b.putLong(at + SseOracle.XMM0 + 8 * j, element(random, isDouble, nans));
        }
        if (text.startsWith("ldmxcsr")) {
          b.putInt(at + SseOracle.MEMORY, mxcsr(random, host));
        }
        if (text.startsWith("ps") && random.nextBoolean()) {
          b.putLong(at + SseOracle.XMM1, random.nextInt(70));
          b.putLong(at + SseOracle.MEMORY, random.nextInt(70));
        }
      }
    }
    return b;
  }

  private static long integer(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(100) - 50;
      case 1 -> (1L << random.nextInt(64)) + random.nextInt(3) - 1;
      case 2 -> random.nextInt();
      default -> random.nextLong();
    };
  }

  private static int mxcsr(Random random, boolean host) {
    int value = 0x1f80;
    if (random.nextBoolean()) {
      value |= random.nextInt(64);
    }
    if (random.nextInt(3) == 0) {
      value |= random.nextInt(4) << 13;
    }
    if (random.nextInt(5) == 0) {
      // Host and QEMU flush results by different rules.
      value |= host ? 0 : SseSoft.FLUSH_TO_ZERO;
    }
    if (random.nextInt(5) == 0) {
      value |= SseSoft.DENORMALS_ARE_ZERO;
    }
    if (!host && random.nextInt(20) == 0) {
      // QEMU takes no SIMD exception.
      value &= ~0x1f80;
    }
    return value;
  }

  // ---- the model -----------------------------------------------------------------------------

  private static ByteBuffer model(List<String> forms, ByteBuffer records) {
    List<List<Insn>> models = new ArrayList<>();
    StringBuilder source = new StringBuilder();
    for (int i = 0; i < forms.size(); i++) {
      source.append(forms.get(i)).append("\nud2\n");
    }
    List<Insn> current = new ArrayList<>();
    for (SseAssembler.Line line : SseAssembler.assemble(Mode.CODE64, source.toString())) {
      if (line.text().startsWith("ud2")) {
        models.add(current);
        current = new ArrayList<>();
        continue;
      }
      byte[] bytes = line.bytes();
      Insn insn = Decoder.decode(bytes, 0, bytes.length, line.address(), Mode.CODE64);
      assertNotNull(insn, line.text());
      assertEquals(bytes.length, insn.length(), line.text());
      current.add(insn);
    }
    assertEquals(forms.size(), models.size());
    Cpu cpu = new Cpu(new Mmu(new PhysicalMemory(List.of(new RamRegion(0, 1 << 20, 0)))));
    ByteBuffer result = ByteBuffer.allocate(records.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    result.put(records.array()).rewind();
    for (int at = 0; at < result.capacity(); at += SseOracle.RECORD) {
      cpu.mxcsr = result.getInt(at + SseOracle.MXCSR);
      cpu.r[Registers.RAX] = result.getLong(at + SseOracle.RAX);
      cpu.r[Registers.RSI] = MEMORY_ADDRESS;
      cpu.setRflags(SseOracle.INITIAL_FLAGS | 2);
      for (int i = 0; i < 4; i++) {
        cpu.xmm[i] = result.getLong(at + SseOracle.XMM0 + 8 * i);
        cpu.mmu.store64(MEMORY_ADDRESS + 8 * i, result.getLong(at + SseOracle.MEMORY + 8 * i));
      }
      for (Insn insn : models.get(result.getInt(at))) {
        insn.execute(cpu);
      }
      result.putInt(at + SseOracle.MXCSR, cpu.mxcsr);
      result.putLong(at + SseOracle.RAX, cpu.r[Registers.RAX]);
      result.putLong(at + SseOracle.FLAGS, cpu.rflags());
      for (int i = 0; i < 4; i++) {
        result.putLong(at + SseOracle.XMM0 + 8 * i, cpu.xmm[i]);
        result.putLong(at + SseOracle.MEMORY + 8 * i, cpu.mmu.load64(MEMORY_ADDRESS + 8 * i));
      }
    }
    return result;
  }

  // ---- comparison ----------------------------------------------------------------------------

  private static void compare(
      List<String> forms, ByteBuffer records, ByteBuffer oracle, ByteBuffer model, boolean host) {
    Map<String, Integer> wrong = new TreeMap<>();
    StringBuilder samples = new StringBuilder();
    for (int at = 0; at < records.capacity(); at += SseOracle.RECORD) {
      String form = forms.get(records.getInt(at));
      if (host && qemuDiffersFromCpu(form, records, at)) {
        continue;
      }
      String expected = describe(oracle, at, host);
      String found = describe(model, at, host);
      if (!expected.equals(found)
          && wrong.merge(form, 1, Integer::sum) <= 2
          && samples.length() < 8000) {
        samples.append(form).append("\n  operands ").append(describe(records, at, false));
        samples.append("\n  expected ").append(expected).append("\n  found    ").append(found);
        samples.append('\n');
      }
    }
    assertEquals(Map.of(), wrong, samples.toString());
  }

  /**
   * Known deviations of QEMU 10.0: min and max return a denormal operand unflushed although DAZ is
   * set, and of two NaNs the x87 rule chooses.
   */
  private static boolean qemuDiffersFromCpu(String form, ByteBuffer b, int at) {
    boolean minimumOrMaximum = form.matches("(min|max)[sp][sd] .*");
    if (minimumOrMaximum && (b.getInt(at + SseOracle.MXCSR) & SseSoft.DENORMALS_ARE_ZERO) != 0) {
      return true;
    }
    SseFormat format = form.matches("\\w+[sp]s .*") ? SseFormat.SINGLE : SseFormat.DOUBLE;
    int first = nans(format, b, at + SseOracle.XMM0);
    int second = nans(format, b, at + (form.contains("[") ? SseOracle.MEMORY : SseOracle.XMM1));
    return form.matches("h(add|sub)p.*") ? first + second > 1 : first > 0 && second > 0;
  }

  private static int nans(SseFormat format, ByteBuffer b, int at) {
    int count = 0;
    for (int i = 0; i < 16; i += format.equals(SseFormat.SINGLE) ? 4 : 8) {
      boolean nan =
          format.equals(SseFormat.SINGLE)
              ? format.isNan(b.getInt(at + i) & 0xffff_ffffL)
              : format.isNan(b.getLong(at + i));
      count += nan ? 1 : 0;
    }
    return count;
  }

  private static String describe(ByteBuffer b, int at, boolean host) {
    StringBuilder s = new StringBuilder();
    // QEMU never sets DE.
    int mask = host ? ~2 : -1;
    s.append(String.format("mxcsr=%x ", b.getInt(at + SseOracle.MXCSR) & mask));
    s.append(String.format("rax=%x ", b.getLong(at + SseOracle.RAX)));
    for (int i = 0; i < 8; i++) {
      s.append(String.format("%016x ", b.getLong(at + SseOracle.XMM0 + 8 * i)));
    }
    long flags = b.getLong(at + SseOracle.FLAGS) & Flags.ARITHMETIC;
    return s.append(String.format("flags=%x", flags)).toString();
  }

  @Test
  void modelsEqualQemuInResultsAndFlags(@TempDir Path directory) throws IOException {
    List<String> forms = forms();
    ByteBuffer records = records(forms, 300, false);
    ByteBuffer oracle = SseOracle.runInQemu(directory, forms, records);
    compare(forms, records, oracle, model(forms, records), false);
  }

  @Test
  void modelsEqualTheCpuWhereQemuDoes(@TempDir Path directory) throws IOException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "not an x86-64 machine");
    List<String> forms = new ArrayList<>(forms());
    // Approximations of the CPU; stored MXCSR would show DE.
    forms.removeIf(f -> f.startsWith("rcp") || f.startsWith("rsqrt") || f.contains("mxcsr"));
    ByteBuffer records = records(forms, 300, true);
    ByteBuffer oracle = SseOracle.runOnHost(directory, forms, records);
    compare(forms, records, oracle, model(forms, records), true);
  }
}
