package org.chronovisor.x86;

/** Decoders of one opcode map, by opcode byte. */
final class OpcodeTable {
  /** Decodes the rest of an instruction whose opcode has been read. */
  interface Entry {
    /** Returns null when there is no model for it. */
    Insn decode(DecodeContext c, int opcode);
  }

  private final Entry[] entries = new Entry[256];

  void put(int opcode, Entry entry) {
    if (entries[opcode] != null) {
      throw new IllegalStateException("opcode " + Integer.toHexString(opcode) + " is taken");
    }
    entries[opcode] = entry;
  }

  /** The same decoder for opcodes first to last. */
  void put(int first, int last, Entry entry) {
    for (int opcode = first; opcode <= last; opcode++) {
      put(opcode, entry);
    }
  }

  /** The decoder, or null. */
  Entry get(int opcode) {
    return entries[opcode];
  }
}
