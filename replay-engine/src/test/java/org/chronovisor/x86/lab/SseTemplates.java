package org.chronovisor.x86.lab;

import static org.chronovisor.x86.lab.Operands.CONTROL;
import static org.chronovisor.x86.lab.Operands.DOUBLE;
import static org.chronovisor.x86.lab.Operands.SINGLE;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.Mode;

/** SSE to SSE4.2 instructions in 64-bit mode. */
final class SseTemplates {
  private final List<Template> list = new ArrayList<>();

  private SseTemplates() {}

  /** In 32-bit mode: the templates that need no REX prefix, with fewer inputs. */
  static List<Template> all32() {
    List<Template> narrow = new ArrayList<>();
    for (Template t : all()) {
      String text = t.text().replace("%rbx", "%ebx").replace("%rdi", "%edi");
      if (!text.matches(".*(xmm8|xmm9|xmm1[0-5]|%r[0-9a-d]|[0-9a-z]q %r).*")
          && !text.matches("(vmovdqu|cvtsi2s[sd]q|.byte 0x66, 0x48).*")) {
        narrow.add(new Template(text, Mode.CODE32, t.operands(), Math.min(20, t.cases())));
      }
    }
    return narrow;
  }

  static List<Template> all() {
    SseTemplates t = new SseTemplates();
    t.pageBoundary();
    t.moves();
    t.floats();
    t.conversions();
    t.integers();
    t.control();
    return t.list;
  }

  private void add(int cases, String text, Operands... operands) {
    list.add(Template.of(Mode.CODE64, cases, text, operands));
  }

  /** Register, same register, high registers and memory forms. */
  private void forms(int cases, String op, Operands... operands) {
    add(cases, op + " %xmm1, %xmm2", operands);
    add(cases / 4 + 1, op + " %xmm3, %xmm3", operands);
    add(cases / 4 + 1, op + " %xmm9, %xmm12", operands);
    add(cases / 4 + 1, op + " %xmm0, %xmm15", operands);
    add(cases / 3 + 1, op + " (%rbx), %xmm2", operands);
    add(cases / 4 + 1, op + " 16(%rbx), %xmm8", operands);
  }

  private void moves() {
    for (String op : List.of("movups", "movaps", "movupd", "movapd", "movdqu", "movdqa")) {
      forms(8, op);
      add(6, op + " %xmm1, (%rbx)");
      add(6, op + " %xmm11, 32(%rbx)");
      add(6, op + " %xmm1, 3(%rbx)");
      add(6, op + " 3(%rbx), %xmm1");
    }
    for (String op : List.of("movss", "movsd", "movq")) {
      forms(8, op);
      add(6, op + " %xmm1, (%rbx)");
      add(6, op + " %xmm11, 33(%rbx)");
      add(6, op + " 33(%rbx), %xmm4");
    }
    add(8, ".byte 0xf3, 0x0f, 0x11, 0xca");
    add(8, ".byte 0xf2, 0x0f, 0x11, 0xca");
    add(8, ".byte 0x0f, 0x11, 0xca");
    add(8, ".byte 0x66, 0x0f, 0xd6, 0xca");
    add(8, "movd %ecx, %xmm1; movd %r9d, %xmm9; movd (%rbx), %xmm2");
    add(8, "movd %xmm1, %ecx; movd %xmm9, %r9d; movd %xmm2, (%rbx)");
    add(8, "movq %rcx, %xmm1; movq %r9, %xmm9");
    add(8, "movq %xmm1, %rcx; movq %xmm9, %r9");
    add(8, ".byte 0x66, 0x48, 0x0f, 0x7e, 0x0b, 0x66, 0x48, 0x0f, 0x6e, 0x13");
    for (String op : List.of("movlps", "movhps", "movlpd", "movhpd")) {
      add(8, op + " (%rbx), %xmm1; " + op + " 9(%rbx), %xmm9");
      add(8, op + " %xmm1, (%rbx); " + op + " %xmm9, 9(%rbx)");
    }
    add(8, "movhlps %xmm1, %xmm2; movlhps %xmm3, %xmm4; movlhps %xmm9, %xmm12");
    add(8, "movhlps %xmm1, %xmm1; movlhps %xmm3, %xmm3; movhlps %xmm10, %xmm11");
    for (String op : List.of("movmskps", "movmskpd", "pmovmskb")) {
      add(12, op + " %xmm1, %ecx; " + op + " %xmm9, %r9d");
    }
    add(6, "movntps %xmm1, (%rbx); movntpd %xmm9, 16(%rbx); movntdq %xmm3, 32(%rbx)");
    add(6, "movnti %ecx, (%rbx); movnti %rcx, 8(%rbx)");
    add(6, "movntdqa (%rbx), %xmm1");
    add(6, "lddqu 3(%rbx), %xmm1");
    for (String op : List.of("movddup", "movshdup", "movsldup")) {
      forms(8, op);
    }
    add(24, "lea (%rbx), %rdi; maskmovdqu %xmm1, %xmm2");
    add(8, "movss (%rbx), %xmm1; addss %xmm1, %xmm2", SINGLE);
  }

  /** In every fourth case a page ends at rbx. */
  private void pageBoundary() {
    for (String op :
        List.of("movups", "movupd", "movdqu", "movq", "movsd", "movss", "movhps", "movlpd")) {
      add(8, op + " -3(%rbx), %xmm1");
      add(8, op + " %xmm1, -3(%rbx)");
    }
    add(8, "movd -3(%rbx), %xmm1; movd %xmm1, -2(%rbx)");
    add(8, "lddqu -9(%rbx), %xmm1");
    add(12, "addsd -3(%rbx), %xmm1", DOUBLE);
    add(12, "cvtps2pd -3(%rbx), %xmm1", SINGLE);
    add(12, "lea -7(%rbx), %rdi; maskmovdqu %xmm1, %xmm2");
  }

  private void floats() {
    for (String op : List.of("add", "sub", "mul", "div", "min", "max", "sqrt")) {
      forms(300, op + "ss", SINGLE);
      forms(120, op + "ps", SINGLE);
      forms(300, op + "sd", DOUBLE);
      forms(120, op + "pd", DOUBLE);
    }
    for (String op : List.of("rcp", "rsqrt")) {
      forms(120, op + "ss", SINGLE);
      forms(60, op + "ps", SINGLE);
    }
    for (String op : List.of("addsub", "hadd", "hsub")) {
      forms(60, op + "ps", SINGLE);
      forms(60, op + "pd", DOUBLE);
    }
    for (String op : List.of("and", "andn", "or", "xor", "unpckl", "unpckh")) {
      forms(12, op + "ps", SINGLE);
      forms(12, op + "pd", DOUBLE);
    }
    for (int i = 0; i < 8; i++) {
      forms(80, "cmpss $" + i + ",", SINGLE);
      forms(40, "cmpps $" + i + ",", SINGLE);
      forms(80, "cmpsd $" + i + ",", DOUBLE);
      forms(40, "cmppd $" + i + ",", DOUBLE);
    }
    for (String op : List.of("ucomis", "comis")) {
      forms(200, op + "s", SINGLE);
      forms(200, op + "d", DOUBLE);
    }
    for (int i : new int[] {0, 1, 2, 3, 0x1b, 0x4e, 0x93, 0xe4, 0xff}) {
      forms(6, "shufps $" + i + ",", SINGLE);
      forms(6, "shufpd $" + i + ",", DOUBLE);
      forms(6, "blendps $" + i + ",", SINGLE);
      forms(6, "blendpd $" + i + ",", DOUBLE);
      forms(20, "dpps $" + i + ",", SINGLE);
      forms(20, "dppd $" + i + ",", DOUBLE);
      forms(6, "insertps $" + i + ",", SINGLE);
      add(6, "extractps $" + i + ", %xmm1, %ecx; extractps $" + i + ", %xmm9, (%rbx)");
    }
    for (int i = 0; i < 16; i++) {
      forms(40, "roundss $" + i + ",", SINGLE);
      forms(20, "roundps $" + i + ",", SINGLE);
      forms(40, "roundsd $" + i + ",", DOUBLE);
      forms(20, "roundpd $" + i + ",", DOUBLE);
    }
  }

  private void conversions() {
    for (String op : List.of("cvtsi2ss", "cvtsi2sd")) {
      for (String r : List.of("l %ecx", "l %r9d", "q %rcx", "q %r9", "l (%rbx)", "q (%rbx)")) {
        add(120, op + r + ", %xmm2");
      }
    }
    for (String op : List.of("cvtss2si", "cvttss2si", "cvtsd2si", "cvttsd2si")) {
      Operands kind = op.contains("ss2") ? SINGLE : DOUBLE;
      for (String r : List.of("%ecx", "%r9d", "%rcx", "%r9")) {
        add(200, op + " %xmm1, " + r, kind);
        add(40, op + " (%rbx), " + r, kind);
      }
    }
    forms(150, "cvtss2sd", SINGLE);
    forms(400, "cvtsd2ss", DOUBLE);
    forms(100, "cvtps2pd", SINGLE);
    forms(300, "cvtpd2ps", DOUBLE);
    forms(60, "cvtdq2ps");
    forms(60, "cvtdq2pd");
    for (String op : List.of("cvtps2dq", "cvttps2dq")) {
      forms(150, op, SINGLE);
    }
    for (String op : List.of("cvtpd2dq", "cvttpd2dq")) {
      forms(150, op, DOUBLE);
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
            // SSSE3
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
            // SSE4.1 and SSE4.2
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
            "packusdw",
            "phminposuw",
            "ptest",
            "pblendvb",
            "blendvps",
            "blendvpd",
            "pmovsxbw",
            "pmovsxbd",
            "pmovsxbq",
            "pmovsxwd",
            "pmovsxwq",
            "pmovsxdq",
            "pmovzxbw",
            "pmovzxbd",
            "pmovzxbq",
            "pmovzxwd",
            "pmovzxwq",
            "pmovzxdq")) {
      forms(36, op);
    }
    for (String op :
        List.of("psllw", "pslld", "psllq", "psrlw", "psrld", "psrlq", "psraw", "psrad")) {
      add(20, op + " %xmm1, %xmm2");
      add(40, "andl $0x4f, %ecx; movd %ecx, %xmm1; " + op + " %xmm1, %xmm2");
      add(20, "andl $0x1f, %ecx; movd %ecx, %xmm9; " + op + " %xmm9, %xmm12");
      add(10, "andl $0x1f, %ecx; movq %rcx, (%rbx); " + op + " (%rbx), %xmm2");
      for (int i : new int[] {0, 1, 7, 8, 15, 16, 31, 32, 63, 64, 255}) {
        add(6, op + " $" + i + ", %xmm1; " + op + " $" + i + ", %xmm9");
      }
    }
    for (int i : new int[] {0, 1, 7, 8, 9, 15, 16, 255}) {
      add(6, "pslldq $" + i + ", %xmm1; pslldq $" + i + ", %xmm9");
      add(6, "psrldq $" + i + ", %xmm1; psrldq $" + i + ", %xmm9");
      forms(6, "palignr $" + i + ",");
      add(6, "pinsrw $" + i + ", %ecx, %xmm1; pinsrw $" + i + ", (%rbx), %xmm9");
      add(6, "pextrw $" + i + ", %xmm1, %ecx; pextrw $" + i + ", %xmm9, %r9d");
      add(6, "pextrw $" + i + ", %xmm1, (%rbx)");
      add(6, "pinsrb $" + i + ", %ecx, %xmm1; pinsrb $" + i + ", (%rbx), %xmm9");
      add(6, "pinsrd $" + i + ", %ecx, %xmm1; pinsrq $" + i + ", %rcx, %xmm9");
      add(6, "pextrb $" + i + ", %xmm1, %ecx; pextrb $" + i + ", %xmm9, (%rbx)");
      add(6, "pextrd $" + i + ", %xmm1, %ecx; pextrq $" + i + ", %xmm9, %r9");
    }
    for (String op : List.of("pcmpestri", "pcmpestrm", "pcmpistri", "pcmpistrm")) {
      for (int i = 0; i < 128; i++) {
        add(6, op + " $" + i + ", %xmm1, %xmm2");
        add(2, op + " $" + i + ", (%rbx), %xmm9");
        add(2, op + " $" + i + ", %xmm3, %xmm3");
      }
    }
    for (int i : new int[] {0, 1, 0x1b, 0x4e, 0x93, 0xe4, 0xff}) {
      forms(6, "pshufd $" + i + ",");
      forms(6, "pshuflw $" + i + ",");
      forms(6, "pshufhw $" + i + ",");
      forms(6, "pblendw $" + i + ",");
      forms(6, "mpsadbw $" + (i & 7) + ",");
      forms(6, "pclmulqdq $" + (i & 0x11) + ",");
    }
    for (int i : new int[] {0, 1, 2, 0x0c, 0x18, 0x1a, 0x40, 0x44, 0x72}) {
      for (String op : List.of("pcmpistri", "pcmpistrm", "pcmpestri", "pcmpestrm")) {
        add(12, op + " $" + i + ", %xmm1, %xmm2");
      }
    }
    for (String op : List.of("aesenc", "aesenclast", "aesdec", "aesdeclast", "aesimc")) {
      forms(8, op);
    }
    forms(8, "aeskeygenassist $3,");
    for (String op :
        List.of("sha1msg1", "sha1msg2", "sha1nexte", "sha256rnds2", "sha256msg1", "sha256msg2")) {
      forms(6, op);
    }
    forms(6, "sha1rnds4 $2,");
  }

  private void control() {
    add(24, "stmxcsr (%rbx)");
    add(24, "ldmxcsr (%rbx)", CONTROL);
    add(24, "addss %xmm1, %xmm2; stmxcsr 4(%rbx)", SINGLE);
    add(24, "ldmxcsr (%rbx); divss %xmm1, %xmm2; mulps %xmm3, %xmm2", SINGLE, CONTROL);
    add(4, "fxsave -256(%rbx)");
    add(4, "fldl (%rbx); faddl 8(%rbx); fstpl 16(%rbx)", DOUBLE);
    add(4, "fnstcw (%rbx)");
    add(4, "fninit");
    add(4, "movq (%rbx), %mm0; paddb %mm0, %mm1; movq %mm1, 8(%rbx); emms");
    add(4, "vmovdqu (%rbx), %xmm1");
  }
}
