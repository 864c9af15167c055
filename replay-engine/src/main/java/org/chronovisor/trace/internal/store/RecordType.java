package org.chronovisor.trace.internal.store;

/** What a record holds; the numbers are part of the format. */
public enum RecordType {
  HEADER(1),
  SYMBOLS(2),
  CODE(3),
  SEGMENT(4),
  END(5),
  LINES(6),
  FUNCTIONS(7),
  FRAMES(8),
  SOURCE(9),
  NOTES(10),
  BOOKMARKS(11);

  private final int number;

  RecordType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static RecordType of(int number) {
    return number >= 1 && number <= values().length ? values()[number - 1] : null;
  }
}
