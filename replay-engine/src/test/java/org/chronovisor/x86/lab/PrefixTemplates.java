package org.chronovisor.x86.lab;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.chronovisor.x86.Mode;

/** A sample of other templates behind one more prefix, needed or not. */
final class PrefixTemplates {
  private static final int CASES = 3;

  /** One template in so many. */
  private static final int SAMPLE = 12;

  /** Operand size, repeats, segments; REX without B and X, which could lead memory astray. */
  private static final List<String> PREFIXES =
      List.of("0x66", "0xf2", "0xf3", "0x2e", "0x3e", "0x36", "0x40", "0x44", "0x48");

  private static final int LEGACY = 6;

  private PrefixTemplates() {}

  static List<Template> of(List<Template> templates) {
    SplittableRandom random = new SplittableRandom(CaseGenerator.SEED);
    List<Template> list = new ArrayList<>();
    for (Template t : templates) {
      // REX.R makes another register the bit number, and QEMU 10.0.2 reads beyond the segment
      // registers when it precedes one (a CPU ignores it).
      if (!isSafe(t.text()) || t.has(Operands.BIT) || t.text().matches("mov.*%[c-gs]s.*")) {
        continue;
      }
      int prefixes = t.mode() == Mode.CODE64 ? PREFIXES.size() : LEGACY;
      for (int i = 0; i < prefixes; i++) {
        if (random.nextInt(SAMPLE) == 0 && !(t.text().startsWith("lock") && i == 0)) {
          Set<Operands> operands = EnumSet.of(Operands.PREFIXED);
          operands.addAll(t.operands());
          list.add(
              new Template(
                  ".byte " + PREFIXES.get(i) + "; " + t.text(), t.mode(), operands, CASES));
        }
      }
    }
    return list;
  }

  /** One instruction, whose length or target does not depend on the operand size. */
  private static boolean isSafe(String text) {
    return !text.contains(";")
        && !text.contains(".byte")
        && !text.contains("(%rip)")
        && !text.matches(".*[$]-?0x[0-9a-f]{3,}.*")
        && !text.matches("(mov|test|push|ret|enter|leave|cli|sti|pop|pusha|rd|wr).*[$].*")
        && !text.matches(
            "(enter|leave|cli|sti|movabs|addr|ud2|lea[lwq]? 0x|fxsave|pop.* %[er]?sp).*")
        && !text.matches(".*0x80[0-9]{4}.*");
  }
}
