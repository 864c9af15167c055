package org.chronovisor.symbols.demangle;

/** A name is not mangled, in a way this package does not know, or too long when demangled. */
final class NotMangledException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotMangledException() {
    super("not mangled", null, false, false);
  }
}
