package org.chronovisor.x86.lab;

import static org.chronovisor.x86.lab.Operands.CONTROL;
import static org.chronovisor.x86.lab.Operands.DOUBLE;
import static org.chronovisor.x86.lab.Operands.SINGLE;
import static org.chronovisor.x86.lab.Operands.VECTOR_INDEX;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.Mode;

/** AVX, AVX2, FMA and F16C instructions in 64-bit mode; all bits of the ymm registers count. */
final class AvxTemplates {
  private static final List<String> BOTH = List.of("%xmm", "%ymm");
  private static final List<String> XMM = List.of("%xmm");
  private static final List<String> YMM = List.of("%ymm");

  private final List<Template> list = new ArrayList<>();

  private AvxTemplates() {}

  /** In 32-bit mode: what needs no other registers, with fewer inputs. */
  static List<Template> all32() {
    List<Template> narrow = new ArrayList<>();
    for (Template t : all()) {
      String text = t.text().replace("%rbx", "%ebx").replace("%rdi", "%edi");
      if (!text.matches(".*(mm8|mm9|mm1[0-5]|%r[0-9a-d]|gather|xadd).*")
          && !text.matches("vcvtsi2s[sd]q.*")) {
        narrow.add(new Template(text, Mode.CODE32, t.operands(), Math.min(8, t.cases())));
      }
    }
    return narrow;
  }

  static List<Template> all() {
    AvxTemplates t = new AvxTemplates();
    t.moves();
    t.floats();
    t.fused();
    t.conversions();
    t.integers();
    t.shifts();
    t.permutations();
    t.masks();
    t.flags();
    t.legacy();
    return t.list;
  }

  private void add(int cases, String text, Operands... operands) {
    list.add(Template.of(Mode.CODE64, cases, text, operands));
  }

  /** Of two sources, in every way in which the three may be one register. */
  private void three(List<String> widths, int cases, String op, Operands... operands) {
    int few = cases / 4 + 1;
    for (String r : widths) {
      add(cases, op + " " + r + "1, " + r + "2, " + r + "3", operands);
      add(few, op + " " + r + "1, " + r + "2, " + r + "1", operands);
      add(few, op + " " + r + "1, " + r + "2, " + r + "2", operands);
      add(few, op + " " + r + "1, " + r + "1, " + r + "2", operands);
      add(few, op + " " + r + "3, " + r + "3, " + r + "3", operands);
      add(few, op + " " + r + "9, " + r + "10, " + r + "12", operands);
      add(few, op + " (%rbx), " + r + "2, " + r + "3", operands);
      add(few, op + " -5(%rbx), " + r + "2, " + r + "2", operands);
      add(few, op + " -11(%rbx), " + r + "12, " + r + "1", operands);
    }
  }

  private void two(List<String> widths, int cases, String op, Operands... operands) {
    int few = cases / 4 + 1;
    for (String r : widths) {
      add(cases, op + " " + r + "1, " + r + "2", operands);
      add(few, op + " " + r + "3, " + r + "3", operands);
      add(few, op + " " + r + "9, " + r + "12", operands);
      add(few, op + " (%rbx), " + r + "2", operands);
      add(few, op + " -3(%rbx), " + r + "8", operands);
    }
  }

  /** To a register twice as wide, or from one: the other has the given width. */
  private void widening(int cases, String op, String narrow, Operands... operands) {
    for (String wide : BOTH) {
      String from = wide.equals("%xmm") ? "%xmm" : narrow;
      add(cases, op + " " + from + "1, " + wide + "2", operands);
      add(cases / 4 + 1, op + " " + from + "3, " + wide + "3", operands);
      add(cases / 4 + 1, op + " " + from + "9, " + wide + "12", operands);
      add(cases / 4 + 1, op + " (%rbx), " + wide + "2", operands);
      add(cases / 4 + 1, op + " -1(%rbx), " + wide + "8", operands);
    }
  }

  private void moves() {
    for (String op : List.of("vmovups", "vmovaps", "vmovupd", "vmovapd", "vmovdqu", "vmovdqa")) {
      for (String r : BOTH) {
        add(4, op + " " + r + "1, " + r + "2; " + op + " " + r + "9, " + r + "12");
        add(4, op + " (%rbx), " + r + "1; " + op + " 32(%rbx), " + r + "9");
        add(4, op + " " + r + "1, (%rbx); " + op + " " + r + "9, 32(%rbx)");
        if (!op.contains("a") && !op.endsWith("dqa")) {
          add(4, op + " -7(%rbx), " + r + "1");
          add(4, op + " " + r + "1, -7(%rbx)");
        }
      }
    }
    // The register forms of the stores.
    add(4, ".byte 0xc5, 0xf8, 0x11, 0xca");
    add(4, ".byte 0xc5, 0xfc, 0x11, 0xca");
    add(4, ".byte 0xc5, 0xf9, 0x7f, 0xca");
    add(4, ".byte 0xc5, 0xfe, 0x7f, 0xca");
    add(4, ".byte 0xc5, 0xf9, 0xd6, 0xca");
    add(4, ".byte 0xc5, 0xea, 0x11, 0xcb");
    add(4, ".byte 0xc5, 0xeb, 0x11, 0xcb");
    for (String op : List.of("vmovss", "vmovsd")) {
      three(XMM, 6, op);
      list.removeIf(t -> t.text().matches(op + " .*\\(%rbx\\),.*,.*"));
      add(6, op + " (%rbx), %xmm1; " + op + " -3(%rbx), %xmm9");
      add(6, op + " %xmm1, (%rbx); " + op + " %xmm9, -3(%rbx)");
    }
    two(XMM, 6, "vmovq");
    add(6, "vmovq %xmm1, (%rbx); vmovq %xmm9, -3(%rbx)");
    add(6, "vmovd %ecx, %xmm1; vmovd %r9d, %xmm9; vmovd (%rbx), %xmm2");
    add(6, "vmovd %xmm1, %ecx; vmovd %xmm9, %r9d; vmovd %xmm2, (%rbx)");
    add(6, "vmovq %rcx, %xmm1; vmovq %r9, %xmm9");
    add(6, "vmovq %xmm1, %rcx; vmovq %xmm9, %r9");
    for (String op : List.of("vmovlps", "vmovhps", "vmovlpd", "vmovhpd")) {
      add(6, op + " (%rbx), %xmm1, %xmm2; " + op + " -3(%rbx), %xmm9, %xmm9");
      add(6, op + " %xmm1, (%rbx); " + op + " %xmm9, -3(%rbx)");
    }
    for (String op : List.of("vmovhlps", "vmovlhps")) {
      add(6, op + " %xmm1, %xmm2, %xmm3; " + op + " %xmm9, %xmm12, %xmm9");
      add(6, op + " %xmm1, %xmm1, %xmm1; " + op + " %xmm4, %xmm2, %xmm2");
    }
    for (String op : List.of("vmovmskps", "vmovmskpd", "vpmovmskb")) {
      for (String r : BOTH) {
        add(10, op + " " + r + "1, %ecx; " + op + " " + r + "9, %r9d");
      }
    }
    for (String r : BOTH) {
      add(4, "vmovntps " + r + "1, (%rbx); vmovntpd " + r + "9, 32(%rbx)");
      add(4, "vmovntdq " + r + "1, (%rbx)");
      add(4, "vmovntdqa (%rbx), " + r + "1");
      add(4, "vlddqu -9(%rbx), " + r + "1");
    }
    for (String op : List.of("vmovddup", "vmovshdup", "vmovsldup")) {
      two(BOTH, 6, op);
    }
    add(12, "lea (%rbx), %rdi; vmaskmovdqu %xmm1, %xmm2");
    add(4, "vzeroupper");
    add(4, "vzeroall");
    add(8, "vldmxcsr (%rbx)", CONTROL);
    add(8, "vstmxcsr (%rbx)");
  }

  private void floats() {
    for (String op : List.of("vadd", "vsub", "vmul", "vdiv", "vmin", "vmax")) {
      three(XMM, 40, op + "ss", SINGLE);
      three(BOTH, 40, op + "ps", SINGLE);
      three(XMM, 40, op + "sd", DOUBLE);
      three(BOTH, 40, op + "pd", DOUBLE);
    }
    for (String op : List.of("vaddsub", "vhadd", "vhsub")) {
      three(BOTH, 30, op + "ps", SINGLE);
      three(BOTH, 30, op + "pd", DOUBLE);
    }
    three(XMM, 30, "vsqrtss", SINGLE);
    three(XMM, 30, "vsqrtsd", DOUBLE);
    two(BOTH, 30, "vsqrtps", SINGLE);
    two(BOTH, 30, "vsqrtpd", DOUBLE);
    for (String op : List.of("vrcp", "vrsqrt")) {
      three(XMM, 30, op + "ss", SINGLE);
      two(BOTH, 20, op + "ps", SINGLE);
    }
    for (String op : List.of("vand", "vandn", "vor", "vxor", "vunpckl", "vunpckh")) {
      three(BOTH, 6, op + "ps", SINGLE);
      three(BOTH, 6, op + "pd", DOUBLE);
    }
    for (int i = 0; i < 32; i++) {
      three(XMM, 24, "vcmpss $" + i + ",", SINGLE);
      three(BOTH, 12, "vcmpps $" + i + ",", SINGLE);
      three(XMM, 24, "vcmpsd $" + i + ",", DOUBLE);
      three(BOTH, 12, "vcmppd $" + i + ",", DOUBLE);
    }
    for (int i : new int[] {0, 1, 2, 5, 6, 9, 10, 0x1b, 0x4e, 0x93, 0xe4, 0xff}) {
      three(BOTH, 4, "vshufps $" + i + ",", SINGLE);
      three(BOTH, 4, "vshufpd $" + i + ",", DOUBLE);
      three(BOTH, 4, "vblendps $" + i + ",", SINGLE);
      three(BOTH, 4, "vblendpd $" + (i & 15) + ",", DOUBLE);
      three(XMM, 4, "vinsertps $" + i + ",", SINGLE);
      add(4, "vextractps $" + i + ", %xmm1, %ecx; vextractps $" + i + ", %xmm9, (%rbx)");
    }
    for (int i = 0; i < 16; i++) {
      three(XMM, 8, "vroundss $" + i + ",", SINGLE);
      three(XMM, 8, "vroundsd $" + i + ",", DOUBLE);
      two(BOTH, 12, "vroundps $" + i + ",", SINGLE);
      two(BOTH, 12, "vroundpd $" + i + ",", DOUBLE);
    }
  }

  private void fused() {
    for (String order : List.of("132", "213", "231")) {
      for (String op : List.of("vfmadd", "vfmsub", "vfnmadd", "vfnmsub")) {
        three(XMM, 60, op + order + "ss", SINGLE);
        three(BOTH, 40, op + order + "ps", SINGLE);
        three(XMM, 60, op + order + "sd", DOUBLE);
        three(BOTH, 40, op + order + "pd", DOUBLE);
      }
      for (String op : List.of("vfmaddsub", "vfmsubadd")) {
        three(BOTH, 30, op + order + "ps", SINGLE);
        three(BOTH, 30, op + order + "pd", DOUBLE);
      }
    }
  }

  private void conversions() {
    for (String op : List.of("vcvtsi2ss", "vcvtsi2sd")) {
      for (String r : List.of("l %ecx", "l %r9d", "q %rcx", "q %r9", "l (%rbx)", "q -3(%rbx)")) {
        add(20, op + r + ", %xmm2, %xmm3");
        add(6, op + r + ", %xmm2, %xmm2");
      }
    }
    for (String op : List.of("vcvtss2si", "vcvttss2si", "vcvtsd2si", "vcvttsd2si")) {
      Operands kind = op.contains("ss2") ? SINGLE : DOUBLE;
      for (String r : List.of("%ecx", "%r9d", "%rcx", "%r9")) {
        add(20, op + " %xmm1, " + r, kind);
        add(8, op + " (%rbx), " + r, kind);
      }
    }
    three(XMM, 30, "vcvtss2sd", SINGLE);
    three(XMM, 60, "vcvtsd2ss", DOUBLE);
    widening(40, "vcvtps2pd", "%xmm", SINGLE);
    widening(20, "vcvtdq2pd", "%xmm");
    two(BOTH, 20, "vcvtdq2ps");
    two(BOTH, 40, "vcvtps2dq", SINGLE);
    two(BOTH, 40, "vcvttps2dq", SINGLE);
    for (String op : List.of("vcvtpd2ps", "vcvtpd2dq", "vcvttpd2dq")) {
      add(40, op + " %xmm1, %xmm2; " + op + " %xmm9, %xmm9", DOUBLE);
      add(40, op + " %ymm1, %xmm2; " + op + " %ymm9, %xmm9", DOUBLE);
      add(12, op + "x (%rbx), %xmm2; " + op + "x -3(%rbx), %xmm8", DOUBLE);
      add(12, op + "y (%rbx), %xmm2; " + op + "y -3(%rbx), %xmm8", DOUBLE);
    }
    widening(120, "vcvtph2ps", "%xmm");
    for (int i : new int[] {0, 1, 2, 3, 4}) {
      String op = "vcvtps2ph $" + i + ", ";
      for (String r : BOTH) {
        add(120, op + r + "1, %xmm2; " + op + r + "9, %xmm9", SINGLE);
        add(20, op + r + "1, (%rbx); " + op + r + "9, -3(%rbx)", SINGLE);
      }
    }
  }

  private void integers() {
    for (String op :
        List.of(
            "paddb",
            "paddw",
            "paddd",
            "paddq",
            "paddsb",
            "paddsw",
            "paddusb",
            "paddusw",
            "psubb",
            "psubw",
            "psubd",
            "psubq",
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
            "pmaxub",
            "pminsw",
            "pmaxsw",
            "pand",
            "pandn",
            "por",
            "pxor",
            "pcmpeqb",
            "pcmpeqw",
            "pcmpeqd",
            "pcmpgtb",
            "pcmpgtw",
            "pcmpgtd",
            "punpcklbw",
            "punpcklwd",
            "punpckldq",
            "punpcklqdq",
            "punpckhbw",
            "punpckhwd",
            "punpckhdq",
            "punpckhqdq",
            "packsswb",
            "packssdw",
            "packuswb",
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
            "pmulld",
            "pmuldq",
            "pminsb",
            "pmaxsb",
            "pminuw",
            "pmaxuw",
            "pminsd",
            "pmaxsd",
            "pminud",
            "pmaxud",
            "pcmpeqq",
            "pcmpgtq",
            "packusdw")) {
      three(BOTH, 10, "v" + op);
    }
    for (String op : List.of("vpabsb", "vpabsw", "vpabsd")) {
      two(BOTH, 8, op);
    }
    two(XMM, 8, "vphminposuw");
    for (String op : List.of("bw", "bd", "bq", "wd", "wq", "dq")) {
      widening(8, "vpmovsx" + op, "%xmm");
      widening(8, "vpmovzx" + op, "%xmm");
    }
    for (int i : new int[] {0, 1, 7, 8, 9, 15, 16, 31, 255}) {
      three(BOTH, 4, "vpalignr $" + i + ",");
      add(4, "vpinsrw $" + i + ", %ecx, %xmm1, %xmm2; vpinsrw $" + i + ", (%rbx), %xmm9, %xmm9");
      add(4, "vpinsrb $" + i + ", %ecx, %xmm1, %xmm2; vpinsrb $" + i + ", (%rbx), %xmm9, %xmm9");
      add(4, "vpinsrd $" + i + ", %ecx, %xmm1, %xmm2; vpinsrd $" + i + ", (%rbx), %xmm1, %xmm3");
      add(4, "vpinsrq $" + i + ", %rcx, %xmm1, %xmm2; vpinsrq $" + i + ", (%rbx), %xmm9, %xmm9");
      add(4, "vpextrw $" + i + ", %xmm1, %ecx; vpextrw $" + i + ", %xmm9, (%rbx)");
      add(4, "vpextrb $" + i + ", %xmm1, %ecx; vpextrb $" + i + ", %xmm9, (%rbx)");
      add(4, "vpextrd $" + i + ", %xmm1, %ecx; vpextrd $" + i + ", %xmm2, (%rbx)");
      add(4, "vpextrq $" + i + ", %xmm1, %rcx; vpextrq $" + i + ", %xmm9, (%rbx)");
    }
    for (int i : new int[] {0, 1, 0x1b, 0x4e, 0x93, 0xe4, 0xff}) {
      two(BOTH, 4, "vpshufd $" + i + ",");
      two(BOTH, 4, "vpshuflw $" + i + ",");
      two(BOTH, 4, "vpshufhw $" + i + ",");
      three(BOTH, 4, "vpblendw $" + i + ",");
      three(BOTH, 4, "vpblendd $" + i + ",");
      three(BOTH, 4, "vmpsadbw $" + (i & 7) + ",");
      three(BOTH, 8, "vdpps $" + i + ",", SINGLE);
      three(XMM, 8, "vdppd $" + i + ",", DOUBLE);
    }
    for (String op : List.of("vpblendvb", "vblendvps", "vblendvpd")) {
      for (String r : BOTH) {
        for (int mask : new int[] {1, 2, 3, 4}) {
          add(6, op + " " + r + mask + ", " + r + "1, " + r + "2, " + r + "3");
        }
        add(6, op + " " + r + "4, (%rbx), " + r + "2, " + r + "4");
        add(6, op + " " + r + "14, -3(%rbx), " + r + "12, " + r + "12");
      }
    }
  }

  private void shifts() {
    for (String op :
        List.of("vpsllw", "vpslld", "vpsllq", "vpsrlw", "vpsrld", "vpsrlq", "vpsraw", "vpsrad")) {
      for (String r : BOTH) {
        add(6, op + " %xmm1, " + r + "2, " + r + "3");
        add(
            12,
            "andl $0x1f, %ecx; vmovd %ecx, %xmm1; vinsertf128 $1, %xmm2, %ymm1, %ymm1; "
                + op
                + " %xmm1, "
                + r
                + "1, "
                + r
                + "1");
        for (int d : new int[] {1, 2, 3}) {
          add(10, "andl $0x4f, %ecx; vmovd %ecx, %xmm1; " + op + " %xmm1, " + r + "2, " + r + d);
        }
        add(
            8,
            "andl $0x1f, %ecx; movl %ecx, (%rbx); movl $0, 4(%rbx); "
                + op
                + " (%rbx), "
                + r
                + "2, "
                + r
                + "3");
        for (int i : new int[] {0, 1, 7, 8, 15, 16, 31, 32, 63, 64, 255}) {
          add(4, op + " $" + i + ", " + r + "1, " + r + "2; " + op + " $3, " + r + "9, " + r + "9");
        }
      }
    }
    for (String r : BOTH) {
      for (int i : new int[] {0, 1, 7, 8, 9, 15, 16, 255}) {
        add(4, "vpslldq $" + i + ", " + r + "1, " + r + "2; vpslldq $3, " + r + "9, " + r + "9");
        add(4, "vpsrldq $" + i + ", " + r + "1, " + r + "2; vpsrldq $3, " + r + "9, " + r + "9");
      }
    }
    for (String op : List.of("vpsllvd", "vpsllvq", "vpsrlvd", "vpsrlvq", "vpsravd")) {
      three(BOTH, 20, op);
      for (String r : BOTH) {
        String mask = "vpsrl" + op.charAt(op.length() - 1) + " $" + (op.endsWith("q") ? 57 : 26);
        add(20, mask + ", " + r + "1, " + r + "1; " + op + " " + r + "1, " + r + "2, " + r + "3");
      }
    }
  }

  private void permutations() {
    three(BOTH, 10, "vpermilps", SINGLE);
    three(BOTH, 10, "vpermilpd");
    three(YMM, 10, "vpermd");
    three(YMM, 10, "vpermps");
    for (int i : new int[] {0, 1, 2, 3, 8, 0x10, 0x13, 0x1b, 0x20, 0x31, 0x4e, 0x80, 0x93, 0xff}) {
      two(BOTH, 4, "vpermilps $" + i + ",");
      two(BOTH, 4, "vpermilpd $" + (i & 15) + ",");
      two(YMM, 4, "vpermq $" + i + ",");
      two(YMM, 4, "vpermpd $" + i + ",");
      three(YMM, 4, "vperm2f128 $" + i + ",");
      three(YMM, 4, "vperm2i128 $" + i + ",");
    }
    for (String op : List.of("f128", "i128")) {
      for (int i = 0; i < 2; i++) {
        String insert = "vinsert" + op + " $" + i + ", ";
        add(4, insert + "%xmm1, %ymm2, %ymm3; " + insert + "%xmm9, %ymm12, %ymm9");
        add(4, insert + "%xmm1, %ymm2, %ymm2; " + insert + "%xmm4, %ymm4, %ymm4");
        add(4, insert + "(%rbx), %ymm2, %ymm3; " + insert + "-3(%rbx), %ymm9, %ymm9");
        String extract = "vextract" + op + " $" + i + ", ";
        add(4, extract + "%ymm1, %xmm2; " + extract + "%ymm9, %xmm9");
        add(4, extract + "%ymm1, (%rbx); " + extract + "%ymm9, -3(%rbx)");
      }
      add(4, "vbroadcast" + op + " (%rbx), %ymm1; vbroadcast" + op + " -3(%rbx), %ymm9");
    }
    for (String r : BOTH) {
      for (String op : List.of("vpbroadcastb", "vpbroadcastw", "vpbroadcastd", "vpbroadcastq")) {
        add(4, op + " %xmm1, " + r + "2; " + op + " %xmm9, " + r + "9");
        add(4, op + " (%rbx), " + r + "2; " + op + " -1(%rbx), " + r + "9");
      }
      add(4, "vbroadcastss %xmm1, " + r + "2; vbroadcastss -3(%rbx), " + r + "9");
    }
    add(4, "vbroadcastsd %xmm1, %ymm2; vbroadcastsd -3(%rbx), %ymm9");
  }

  private void masks() {
    for (String op : List.of("vmaskmovps", "vmaskmovpd", "vpmaskmovd", "vpmaskmovq")) {
      for (String r : BOTH) {
        add(
            12,
            op + " (%rbx), " + r + "1, " + r + "2; " + op + " -3(%rbx), " + r + "9, " + r + "9");
        add(12, op + " " + r + "1, " + r + "2, (%rbx)");
        add(12, op + " " + r + "9, " + r + "9, -5(%rbx)");
      }
    }
    for (String op : List.of("vpgatherdd", "vgatherdps")) {
      for (String r : BOTH) {
        add(20, op + " " + r + "1, (%rbx," + r + "5,4), " + r + "3", VECTOR_INDEX);
        add(20, op + " " + r + "9, -3(%rbx," + r + "5,1), " + r + "12", VECTOR_INDEX);
      }
    }
    for (String op : List.of("vpgatherdq", "vgatherdpd")) {
      for (String r : BOTH) {
        add(20, op + " " + r + "1, (%rbx,%xmm5,8), " + r + "3", VECTOR_INDEX);
        add(20, op + " " + r + "9, 8(%rbx,%xmm5,2), " + r + "12", VECTOR_INDEX);
      }
    }
    for (String op : List.of("vpgatherqd", "vgatherqps")) {
      for (String r : BOTH) {
        add(20, op + " %xmm1, (%rbx," + r + "5,4), %xmm3", VECTOR_INDEX);
        add(20, op + " %xmm9, 5(%rbx," + r + "5,1), %xmm12", VECTOR_INDEX);
      }
    }
    for (String op : List.of("vpgatherqq", "vgatherqpd")) {
      for (String r : BOTH) {
        add(20, op + " " + r + "1, (%rbx," + r + "5,8), " + r + "3", VECTOR_INDEX);
        add(20, op + " " + r + "9, 5(%rbx," + r + "5,1), " + r + "12", VECTOR_INDEX);
      }
    }
  }

  private void flags() {
    for (String op : List.of("vucomis", "vcomis")) {
      two(XMM, 40, op + "s", SINGLE);
      two(XMM, 40, op + "d", DOUBLE);
    }
    for (String condition : "o no b nb z nz be nbe s ns p np l nl le nle".split(" ")) {
      String op = "cmp" + condition + "xadd ";
      add(20, op + "%ecx, %edx, (%rbx)", Operands.COMPARE);
      add(20, op + "%r9, %rax, 8(%rbx)", Operands.COMPARE);
      add(8, op + "%eax, %eax, -3(%rbx)", Operands.COMPARE);
    }
    // VEX.L is ignored.
    add(12, ".byte 0xc5, 0xfc, 0x2e, 0xd1", SINGLE);
    add(12, ".byte 0xc5, 0xfd, 0x2f, 0xd1", DOUBLE);
    for (String op : List.of("vptest", "vtestps", "vtestpd")) {
      two(BOTH, 24, op);
      for (String r : BOTH) {
        add(8, "vpxor %ymm1, %ymm1, %ymm1; " + op + " " + r + "1, " + r + "2");
        add(8, "vpcmpeqd %ymm1, %ymm1, %ymm1; " + op + " " + r + "2, " + r + "1");
        add(8, "vmovdqu %xmm1, %xmm1; vmovdqu %xmm2, %xmm2; " + op + " " + r + "1, " + r + "2");
        add(8, "addl %ecx, %edx; " + op + " " + r + "1, " + r + "2; seto %cl");
      }
    }
    for (String op : List.of("vpcmpestri", "vpcmpestrm", "vpcmpistri", "vpcmpistrm")) {
      for (int i : new int[] {0, 1, 2, 0x0c, 0x18, 0x1a, 0x40, 0x44, 0x72}) {
        add(6, op + " $" + i + ", %xmm1, %xmm2");
        add(3, op + " $" + i + ", -3(%rbx), %xmm9");
      }
    }
    for (String op : List.of("vaesenc", "vaesdec", "vaesenclast", "vaesdeclast")) {
      three(BOTH, 2, op);
    }
    two(XMM, 2, "vaesimc");
    two(XMM, 2, "vaeskeygenassist $3,");
    three(XMM, 2, "vpclmulqdq $16,");
  }

  /** SSE instructions leave the upper halves. */
  private void legacy() {
    add(6, "addps %xmm1, %xmm2; movups (%rbx), %xmm3; movd %ecx, %xmm4; pxor %xmm9, %xmm9");
    add(6, "cvtsi2sdl %ecx, %xmm1; pshufd $3, %xmm2, %xmm3; movss (%rbx), %xmm4; pslldq $2, %xmm1");
    add(6, "vaddps %ymm1, %ymm2, %ymm3; addps %xmm3, %xmm2; vaddps %xmm1, %xmm2, %xmm1", SINGLE);
  }
}
