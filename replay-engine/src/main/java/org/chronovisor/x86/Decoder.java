package org.chronovisor.x86;

/** Turns instruction bytes into models. */
public final class Decoder {
  private Decoder() {}

  /**
   * Decodes one instruction.
   *
   * @param code bytes from the instruction's first on; at most 15 are looked at
   * @param available number of valid bytes in {@code code} from {@code offset}
   * @param pc its linear address
   * @return the model with its address and length set, or null when there is no model for it (or
   *     not enough bytes)
   */
  public static Insn decode(byte[] code, int offset, int available, long pc, Mode mode) {
    return null;
  }
}
