package org.chronovisor.symbols.dwarf;

/** Debug information is damaged or of an unknown kind; the message is one line for people. */
public final class DwarfException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DwarfException(String message) {
    super(message);
  }
}
