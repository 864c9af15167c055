package org.chronovisor.query;

/** A linear address has no translation at the position asked for. */
public final class NotMappedException extends QueryException {
  private static final long serialVersionUID = 1;

  public NotMappedException(long address, long position) {
    super("0x" + Long.toHexString(address) + " is not mapped at instruction " + position);
  }
}
