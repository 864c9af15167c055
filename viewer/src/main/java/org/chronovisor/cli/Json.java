package org.chronovisor.cli;

import java.util.Map;

/** Writes JSON (RFC 8259) from maps, lists, strings, numbers, booleans and null. */
final class Json {
  private final StringBuilder out = new StringBuilder();

  private Json() {}

  /** The text of a value, on one line. */
  static String write(Object value) {
    Json json = new Json();
    json.value(value);
    return json.out.toString();
  }

  /** A 64-bit value as scripts expect it. */
  static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private void value(Object value) {
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Double || value instanceof Float) {
      number(((Number) value).doubleValue());
    } else if (value instanceof Number) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof Iterable<?> list) {
      array(list);
    } else {
      string(value.toString());
    }
  }

  /** JSON has no NaN and no infinity. */
  private void number(double value) {
    if (Double.isFinite(value)) {
      out.append(value);
    } else {
      out.append("null");
    }
  }

  private void object(Map<?, ?> map) {
    String separator = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      string(entry.getKey().toString());
      out.append(": ");
      value(entry.getValue());
      separator = ", ";
    }
    out.append(map.isEmpty() ? "{}" : "}");
  }

  private void array(Iterable<?> list) {
    String separator = "";
    out.append('[');
    for (Object element : list) {
      out.append(separator);
      value(element);
      separator = ", ";
    }
    out.append(']');
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
