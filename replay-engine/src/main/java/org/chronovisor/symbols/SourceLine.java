package org.chronovisor.symbols;

/**
 * A line of a source file.
 *
 * @param line from 1 on
 */
public record SourceLine(String file, int line) {
  /** {@code file:line}. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
