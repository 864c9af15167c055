package org.chronovisor.symbols.demangle;

import java.util.List;

/**
 * A type, or the beginning of a name, in two halves: what is declared stands between them.
 *
 * @param shape what a pointer to it has to respect
 * @param base last part of the name, without template arguments: what a constructor is called
 * @param pack the elements, when it is a parameter pack; null otherwise
 */
record CxxType(String left, String right, Shape shape, String base, List<CxxType> pack) {
  enum Shape {
    PLAIN,
    FUNCTION,
    ARRAY,
    LVALUE_REFERENCE,
    RVALUE_REFERENCE
  }

  /** Longest text: hostile names double it again and again. */
  static final int LONGEST = 1 << 15;

  CxxType {
    if (left.length() + right.length() > LONGEST) {
      throw new NotMangledException();
    }
  }

  static CxxType of(String text) {
    return new CxxType(text, "", Shape.PLAIN, text, null);
  }

  static CxxType named(String text, String base) {
    return new CxxType(text, "", Shape.PLAIN, base, null);
  }

  static CxxType packOf(List<CxxType> elements) {
    StringBuilder text = new StringBuilder();
    for (CxxType element : elements) {
      if (!element.text().isEmpty()) {
        text.append(text.isEmpty() ? "" : ", ").append(element.text());
      }
      if (text.length() > LONGEST) {
        throw new NotMangledException();
      }
    }
    return new CxxType(text.toString(), "", Shape.PLAIN, "", List.copyOf(elements));
  }

  String text() {
    return left + right;
  }

  /** This type with {@code *}, {@code &} or another declarator in the middle. */
  CxxType declared(String declarator, Shape newShape) {
    return switch (shape) {
      case FUNCTION -> new CxxType(left + "(" + declarator, ")" + right, newShape, base, null);
      case ARRAY -> new CxxType(left + " (" + declarator, ")" + right, newShape, base, null);
      default -> new CxxType(left + declarator, right, newShape, base, null);
    };
  }

  CxxType pointer() {
    return declared("*", Shape.PLAIN);
  }

  /** A reference; one to a reference collapses. */
  CxxType reference(boolean rvalue) {
    if (shape == Shape.LVALUE_REFERENCE || (rvalue && shape == Shape.RVALUE_REFERENCE)) {
      return this;
    }
    if (shape == Shape.RVALUE_REFERENCE) {
      // && and & make &.
      return new CxxType(
          left.substring(0, left.length() - 1), right, Shape.LVALUE_REFERENCE, base, null);
    }
    return rvalue ? declared("&&", Shape.RVALUE_REFERENCE) : declared("&", Shape.LVALUE_REFERENCE);
  }

  /** With a qualifier such as {@code const}. */
  CxxType qualified(String qualifier) {
    return switch (shape) {
      case FUNCTION -> new CxxType(left, right + " " + qualifier, shape, base, null);
      case LVALUE_REFERENCE, RVALUE_REFERENCE -> this;
      default -> new CxxType(left + " " + qualifier, right, shape, base, null);
    };
  }
}
