package org.chronovisor.symbols;

/** An address expression cannot be understood; the message is one line that says what to do. */
public final class AddressException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public AddressException(String message) {
    super(message);
  }
}
