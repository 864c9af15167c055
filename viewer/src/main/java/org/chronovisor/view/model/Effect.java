package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.x86.CpuState;

/**
 * What an instruction did to a register.
 *
 * @param before value in hexadecimal, or the flags that were set
 */
public record Effect(String register, String before, String after) {
  private static final int GENERAL = 16;
  private static final String CONTROL = "cr";

  /** The registers that differ, without the instruction pointer. */
  static List<Effect> between(CpuState before, CpuState after) {
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < GENERAL; i++) {
      if (before.words[i] != after.words[i]) {
        effects.add(
            new Effect(
                CpuState.wordName(i), Texts.hex(before.words[i]), Texts.hex(after.words[i])));
      }
    }
    for (CpuState.Difference difference : before.differences(after)) {
      String name = difference.register();
      if (name.startsWith("xmm") || name.startsWith("st") || name.startsWith(CONTROL)) {
        effects.add(new Effect(name, difference.expected(), difference.found()));
      }
    }
    long old = before.words[CpuState.RFLAGS];
    long now = after.words[CpuState.RFLAGS];
    if (old != now) {
      effects.add(new Effect("flags", Flag.text(old), Flag.text(now)));
    }
    return effects;
  }

  /** {@code rax: 0x10 → 0x18}. */
  public String text() {
    return register + ": " + before + " \u2192 " + after;
  }
}
