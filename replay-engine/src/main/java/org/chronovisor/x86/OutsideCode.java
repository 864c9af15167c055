package org.chronovisor.x86;

/** Code that does not lie in the guest's RAM (firmware), as QEMU translated it. */
public interface OutsideCode {
  /** No such code. */
  OutsideCode NONE =
      new OutsideCode() {
        @Override
        public byte[] at(long pc, Mode mode) {
          return null;
        }

        @Override
        public int version() {
          return 0;
        }
      };

  /** The bytes from a linear address to the end of a translation block, or null when unknown. */
  byte[] at(long pc, Mode mode);

  /** Changes when an answer may have changed. */
  int version();
}
