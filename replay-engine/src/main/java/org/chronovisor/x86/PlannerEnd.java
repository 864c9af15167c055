package org.chronovisor.x86;

/** How a block ends after an instruction, from its encoding alone. */
record PlannerEnd(EndKind kind, int register, long target) {
  static final PlannerEnd FALL = new PlannerEnd(EndKind.FALL, 0, 0);
  static final PlannerEnd SPECIAL = new PlannerEnd(EndKind.SPECIAL, 0, 0);

  private static final PlannerEnd IRET = new PlannerEnd(EndKind.SPECIAL, Plan.IRET, 0);

  private static final PlannerEnd MEM = new PlannerEnd(EndKind.MEM, 0, 0);
  private static final PlannerEnd RET = new PlannerEnd(EndKind.RET, 0, 0);
  private static final PlannerEnd REP = new PlannerEnd(EndKind.REP, 0, 0);

  static PlannerEnd of(PlannerSyntax s) {
    if (s.vex) {
      return FALL;
    }
    PlannerEnd end = s.map == 0 ? oneByte(s) : s.map == 1 ? twoByte(s) : FALL;
    boolean narrow = s.mode == Mode.CODE32 && s.fields.operandPrefix;
    return narrow && end.kind != EndKind.FALL && end.kind != EndKind.REP && !end.equals(IRET)
        ? SPECIAL
        : end;
  }

  private static PlannerEnd oneByte(PlannerSyntax s) {
    if (s.isRepeatedString()) {
      return REP;
    }
    switch (s.opcode) {
      case 0xe0, 0xe1, 0xe2, 0xe3:
        return direct(EndKind.BRANCH, s, 1);
      case 0xeb:
        return direct(EndKind.JUMP, s, 1);
      case 0xe8, 0xe9:
        return direct(EndKind.JUMP, s, 4);
      case 0xc2, 0xc3:
        return RET;
      case 0xcf:
        return IRET;
      case 0x9a, 0xea, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xf1:
        return SPECIAL;
      case 0xff:
        return indirect(s);
      default:
        return s.opcode >= 0x70 && s.opcode <= 0x7f ? direct(EndKind.BRANCH, s, 1) : FALL;
    }
  }

  private static PlannerEnd indirect(PlannerSyntax s) {
    switch (s.fields.extension()) {
      case 2, 4:
        if (s.isMemory()) {
          return MEM;
        }
        // After call rsp the register no longer holds the target.
        return s.fields.rm == Registers.RSP ? SPECIAL : new PlannerEnd(EndKind.REG, s.fields.rm, 0);
      case 3, 5:
        return SPECIAL;
      default:
        return FALL;
    }
  }

  private static PlannerEnd twoByte(PlannerSyntax s) {
    if (s.opcode >= 0x80 && s.opcode <= 0x8f) {
      return direct(EndKind.BRANCH, s, 4);
    }
    return switch (s.opcode) {
      case 0x05, 0x07, 0x34, 0x35, 0xaa -> SPECIAL;
      case 0x01 -> isVirtualization(s) ? SPECIAL : FALL;
      default -> FALL;
    };
  }

  /** vmcall and its group, vmrun and its group. */
  private static boolean isVirtualization(PlannerSyntax s) {
    return !s.isMemory()
        && ((s.fields.extension() == 0 && s.fields.rm != 0) || s.fields.extension() == 3);
  }

  private static PlannerEnd direct(EndKind kind, PlannerSyntax s, int size) {
    boolean narrow = s.mode != Mode.CODE64 && (s.mode == Mode.CODE16) != s.fields.operandPrefix;
    long displacement = s.fields.immediate(size == 4 && narrow ? 2 : size);
    long target = s.fields.next() + displacement;
    return new PlannerEnd(kind, 0, s.mode == Mode.CODE64 ? target : target & 0xffff_ffffL);
  }
}
