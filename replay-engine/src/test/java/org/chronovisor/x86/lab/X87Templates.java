package org.chronovisor.x86.lab;

import static org.chronovisor.x86.lab.Operands.DOUBLE;
import static org.chronovisor.x86.lab.Operands.EXTENDED;
import static org.chronovisor.x86.lab.Operands.SINGLE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.chronovisor.x86.Mode;

/**
 * x87 instructions in both modes: operands come from memory, results and the status word go there.
 */
final class X87Templates {
  private final Mode mode;
  private final List<Template> list = new ArrayList<>();

  private X87Templates(Mode mode) {
    this.mode = mode;
  }

  static List<Template> all(Mode mode) {
    X87Templates t = new X87Templates(mode);
    t.arithmetic();
    t.comparisons();
    t.transfers();
    t.registers();
    return t.list;
  }

  /** Loads two operands and the control word, executes, stores what {@code results} says. */
  private void add(int cases, String text, int results, Operands... operands) {
    StringBuilder all = new StringBuilder("fninit; fldcw 40(%rbx); fldt (%rbx); fldt 16(%rbx); ");
    all.append(text).append("; fnstsw 96(%rbx)");
    for (int i = 0; i < results; i++) {
      all.append("; fstpt ").append(112 + 16 * i).append("(%rbx)");
    }
    all.append("; fnstsw 98(%rbx)");
    String base = mode == Mode.CODE32 ? "%ebx" : "%rbx";
    Set<Operands> set = EnumSet.of(EXTENDED, operands);
    int count = mode == Mode.CODE32 ? cases / 4 + 1 : cases;
    list.add(new Template(all.toString().replace("%rbx", base), mode, set, count));
  }

  private void arithmetic() {
    for (String op : List.of("fadd", "fmul", "fsub", "fsubr", "fdiv", "fdivr")) {
      add(600, op + " %st(1), %st", 2);
      add(300, op + " %st, %st(1)", 2);
      add(100, op + " %st, %st", 2);
      add(300, op + "p %st, %st(1)", 1);
      add(300, op + "s 32(%rbx)", 2, SINGLE);
      add(300, op + "l 32(%rbx)", 2, DOUBLE);
      String integer = "fi" + op.substring(1);
      add(200, integer + "s 32(%rbx)", 2);
      add(200, integer + "l 32(%rbx)", 2);
    }
    for (String op : List.of("fsqrt", "frndint", "fchs", "fabs", "fxam", "ftst")) {
      add(op.startsWith("f") && op.length() > 4 ? 600 : 80, op, 2);
    }
  }

  private void comparisons() {
    for (String op : List.of("fcom", "fucom")) {
      add(300, op + " %st(1)", 2);
      add(60, op + " %st", 2);
      add(100, op + "p %st(1)", 1);
      add(100, op + "pp", 0);
      for (String pop : List.of("", "p")) {
        add(300, op + "i" + pop + " %st(1), %st", pop.isEmpty() ? 2 : 1);
        add(40, "addl %ecx, %edx; " + op + "i" + pop + " %st(1), %st", pop.isEmpty() ? 2 : 1);
      }
    }
    for (String op : List.of("fcom", "fcomp")) {
      int results = op.equals("fcom") ? 2 : 1;
      add(200, op + "s 32(%rbx)", results, SINGLE);
      add(200, op + "l 32(%rbx)", results, DOUBLE);
      add(100, "fi" + op.substring(1) + "s 32(%rbx)", results);
      add(100, "fi" + op.substring(1) + "l 32(%rbx)", results);
    }
    for (String condition : List.of("b", "e", "be", "u", "nb", "ne", "nbe", "nu")) {
      add(20, "addl %ecx, %edx; fcmov" + condition + " %st(1), %st", 2);
    }
  }

  private void transfers() {
    add(200, "flds 32(%rbx)", 3, SINGLE);
    add(200, "fldl 32(%rbx)", 3, DOUBLE);
    add(20, "flds -3(%rbx)", 3, SINGLE);
    add(20, "fldl -3(%rbx)", 3, DOUBLE);
    add(40, "fldt -5(%rbx)", 3);
    for (String size : List.of("s", "l", "ll")) {
      add(60, "fild" + size + " 32(%rbx)", 3);
      add(400, "fistp" + size + " 48(%rbx)", 1);
      add(400, "fisttp" + size + " 48(%rbx)", 1);
      add(20, "fistp" + size + " -1(%rbx)", 1);
    }
    for (String size : List.of("s", "l")) {
      add(300, "fist" + size + " 48(%rbx)", 2);
      add(600, "fst" + size + " 48(%rbx)", 2);
      add(600, "fstp" + size + " 48(%rbx)", 1);
    }
    add(40, "fstpt -5(%rbx)", 1);
    for (String constant : List.of("1", "l2t", "l2e", "pi", "lg2", "ln2", "z")) {
      add(24, "fld" + constant, 3);
    }
  }

  private void registers() {
    add(16, "fld %st(1)", 3);
    add(16, "fld %st", 3);
    add(16, "fxch %st(1)", 2);
    add(16, "fst %st(1)", 2);
    add(16, "fstp %st(1)", 1);
    add(16, "fstp %st", 1);
    add(16, "fldz; fst %st(2)", 3);
    add(16, "ffree %st; fxam", 2);
    add(16, "ffree %st(1); fincstp; fxam; fdecstp", 2);
    add(16, "fcom %st(1); fincstp; fdecstp", 2);
    add(16, "fnop; fnclex", 2);
    add(16, ".byte 0xdf, 0xc1; fxam", 1);
    add(60, "fdivp %st, %st(1); fnclex", 1);
    add(60, "fdivp %st, %st(1); fnstsw %ax; fldcw 44(%rbx); fld1; faddp", 1);
  }
}
