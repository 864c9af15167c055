package org.chronovisor.gdb;

/** A packet that makes no sense; it is answered with an error. */
final class PacketException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PacketException(String message) {
    super(message);
  }
}
