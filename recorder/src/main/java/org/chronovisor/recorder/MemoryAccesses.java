package org.chronovisor.recorder;

import java.util.Set;

/**
 * How often one execution of an instruction accesses memory, judged by its disassembly (AT&amp;T
 * syntax): good enough for an estimate, for nothing else.
 */
record MemoryAccesses(int loads, int stores) {
  private static final MemoryAccesses NONE = new MemoryAccesses(0, 0);

  private static final Set<String> PREFIXES =
      Set.of("lock", "rep", "repz", "repe", "repnz", "repne", "bnd", "notrack", "data16", "rex64");

  static MemoryAccesses of(String text) {
    String rest = text.strip();
    String mnemonic = "";
    do {
      int space = rest.indexOf(' ');
      mnemonic = space < 0 ? rest : rest.substring(0, space);
      rest = space < 0 ? "" : rest.substring(space).strip();
    } while (PREFIXES.contains(mnemonic) && !rest.isEmpty());
    boolean branch = mnemonic.startsWith("j") || mnemonic.startsWith("loop");
    boolean call = mnemonic.startsWith("call");
    if (branch || call) {
      return new MemoryAccesses(rest.startsWith("*") && isMemory(rest) ? 1 : 0, call ? 1 : 0);
    }
    if (mnemonic.startsWith("ret") || mnemonic.startsWith("leave")) {
      return new MemoryAccesses(1, 0);
    }
    if (mnemonic.startsWith("push")) {
      return new MemoryAccesses(isMemory(rest) ? 1 : 0, 1);
    }
    if (mnemonic.startsWith("pop") && !mnemonic.startsWith("popcnt")) {
      return new MemoryAccesses(1, isMemory(rest) ? 1 : 0);
    }
    return ofOperands(mnemonic, rest);
  }

  private static MemoryAccesses ofOperands(String mnemonic, String operands) {
    if (mnemonic.startsWith("lea")
        || mnemonic.startsWith("nop")
        || mnemonic.startsWith("prefetch")
        || mnemonic.startsWith("invlpg")) {
      return NONE;
    }
    int last = lastOperand(operands);
    int loads = isMemory(operands.substring(0, last)) ? 1 : 0;
    if (!isMemory(operands.substring(last))) {
      return new MemoryAccesses(loads, 0);
    }
    if (onlyReads(mnemonic) || last == 0 && mnemonic.startsWith("f") && !isStore(mnemonic)) {
      return new MemoryAccesses(loads + 1, 0);
    }
    return new MemoryAccesses(loads + (isStore(mnemonic) ? 0 : 1), 1);
  }

  private static boolean onlyReads(String mnemonic) {
    return mnemonic.startsWith("cmp") && !mnemonic.startsWith("cmpxchg")
        || mnemonic.startsWith("test")
        || mnemonic.startsWith("mul")
        || mnemonic.startsWith("imul")
        || mnemonic.startsWith("div")
        || mnemonic.startsWith("idiv")
        || mnemonic.equals("btl")
        || mnemonic.equals("btq")
        || mnemonic.equals("btw");
  }

  private static boolean isStore(String mnemonic) {
    return mnemonic.startsWith("mov")
        || mnemonic.startsWith("set")
        || mnemonic.startsWith("st")
        || mnemonic.startsWith("fst")
        || mnemonic.startsWith("fist")
        || mnemonic.startsWith("vmov");
  }

  /** Where the last operand begins: behind the last comma outside parentheses. */
  private static int lastOperand(String operands) {
    int depth = 0;
    for (int i = operands.length() - 1; i >= 0; i--) {
      char c = operands.charAt(i);
      depth += c == ')' ? 1 : c == '(' ? -1 : 0;
      if (c == ',' && depth == 0) {
        return i + 1;
      }
    }
    return 0;
  }

  private static boolean isMemory(String operands) {
    if (operands.indexOf('(') >= 0) {
      return true;
    }
    for (String operand : operands.split(",", -1)) {
      String o = operand.strip();
      if (!o.isEmpty() && (Character.isDigit(o.charAt(0)) || o.indexOf(':') > 0)) {
        return true;
      }
    }
    return false;
  }
}
