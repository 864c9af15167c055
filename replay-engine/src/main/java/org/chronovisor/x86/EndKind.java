package org.chronovisor.x86;

/** How the plugin finds the expected successor of a translation block (docs/ring-protocol.md). */
public enum EndKind {
  FALL,
  JUMP,
  BRANCH,
  REG,
  MEM,
  RET,
  SPECIAL,
  REP
}
