package org.chronovisor.symbols.dwarf;

/** The form numbers that are named in code (DWARF 5, table 7.6; GNU's extensions). */
final class Form {
  static final int ADDR = 0x01;
  static final int STRING = 0x08;
  static final int STRP = 0x0e;
  static final int REF_ADDR = 0x10;
  static final int INDIRECT = 0x16;
  static final int SEC_OFFSET = 0x17;
  static final int STRX = 0x1a;
  static final int ADDRX = 0x1b;
  static final int LINE_STRP = 0x1f;
  static final int IMPLICIT_CONST = 0x21;
  static final int RNGLISTX = 0x23;
  static final int GNU_ADDR_INDEX = 0x1f01;
  static final int GNU_STR_INDEX = 0x1f02;
  static final int GNU_REF_ALT = 0x1f20;
  static final int GNU_STRP_ALT = 0x1f21;

  private Form() {}
}
