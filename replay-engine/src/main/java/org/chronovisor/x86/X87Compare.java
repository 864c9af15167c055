package org.chronovisor.x86;

/** Comparison of two 80-bit registers, as FCOMI and FUCOMI report it in the flags. */
final class X87Compare {
  private X87Compare() {}

  /** ZF, PF and CF of comparing st(0) with st(i); OF, SF and AF are kept, as QEMU 10.0 does. */
  static int flags(Cpu cpu, int i) {
    int top = (cpu.fsw >> 11) & 7;
    int other = (top + i) & 7;
    int kept = cpu.arithmeticFlags() & (Flags.OF | Flags.SF | Flags.AF);
    return kept
        | compare(
            cpu.stExponent[top], cpu.stMantissa[top], cpu.stExponent[other], cpu.stMantissa[other]);
  }

  private static int compare(long exponentA, long mantissaA, long exponentB, long mantissaB) {
    if (isUnordered(exponentA, mantissaA) || isUnordered(exponentB, mantissaB)) {
      return Flags.ZF | Flags.PF | Flags.CF;
    }
    boolean zeroA = mantissaA == 0;
    boolean zeroB = mantissaB == 0;
    boolean negativeA = (exponentA & 0x8000) != 0;
    boolean negativeB = (exponentB & 0x8000) != 0;
    if (zeroA && zeroB) {
      return Flags.ZF;
    }
    if (negativeA != negativeB || zeroA || zeroB) {
      boolean less = zeroA ? !negativeB : negativeA;
      return less ? Flags.CF : 0;
    }
    // Exponent 0 (denormal) and 1 scale alike.
    long scaleA = Math.max(exponentA & 0x7fff, 1);
    long scaleB = Math.max(exponentB & 0x7fff, 1);
    int order =
        scaleA != scaleB
            ? Long.compare(scaleA, scaleB)
            : Long.compareUnsigned(mantissaA, mantissaB);
    if (order == 0) {
      return Flags.ZF;
    }
    return (order < 0) != negativeA ? Flags.CF : 0;
  }

  /** NaN, or an encoding that the FPU does not know (no integer bit). */
  private static boolean isUnordered(long exponent, long mantissa) {
    long e = exponent & 0x7fff;
    if (e != 0 && mantissa >= 0) {
      return true;
    }
    return e == 0x7fff && mantissa << 1 != 0;
  }
}
