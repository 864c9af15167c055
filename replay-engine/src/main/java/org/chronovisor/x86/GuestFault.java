package org.chronovisor.x86;

/**
 * The replayed instruction cannot complete as modelled: an exception in the guest, which in a true
 * replay never happens because recorded transfers come first. No stack trace: it is control flow.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long address;

  public GuestFault(String what, long address) {
    super(what + " at 0x" + Long.toHexString(address), null, false, false);
    this.address = address;
  }

  /** Linear address or other operand of the fault. */
  public long address() {
    return address;
  }
}
