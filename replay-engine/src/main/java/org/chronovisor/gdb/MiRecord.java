package org.chronovisor.gdb;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A result line of gdb's machine interface (gdb manual, "GDB/MI Output Syntax").
 *
 * @param kind {@code done}, {@code error}, {@code connected} ...
 * @param values Strings, Lists and Maps
 */
record MiRecord(String kind, Map<String, Object> values) {
  private static final int DEEPEST = 64;

  /** Parses a line behind its {@code ^}. */
  static MiRecord parse(String text) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      return new MiRecord(text, Map.of());
    }
    Parser parser = new Parser(text, comma + 1);
    return new MiRecord(text.substring(0, comma), parser.results('\0'));
  }

  /** A text among the values, or null. */
  String text(String name) {
    return values.get(name) instanceof String text ? text : null;
  }

  /** A list of tuples among the values; empty when there is none. */
  List<Map<?, ?>> tuples(String name) {
    List<Map<?, ?>> tuples = new ArrayList<>();
    if (values.get(name) instanceof List<?> list) {
      for (Object one : list) {
        if (one instanceof Map<?, ?> tuple) {
          tuples.add(tuple);
        }
      }
    }
    return tuples;
  }

  private static final class Parser {
    private final String text;
    private int at;
    private int depth;

    Parser(String text, int at) {
      this.text = text;
      this.at = at;
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private IllegalArgumentException bad() {
      return new IllegalArgumentException("gdb answered in an unknown way: " + text);
    }

    Map<String, Object> results(char end) {
      Map<String, Object> results = new LinkedHashMap<>();
      while (at < text.length() && peek() != end) {
        int equals = text.indexOf('=', at);
        if (equals < 0) {
          throw bad();
        }
        String name = text.substring(at, equals);
        at = equals + 1;
        results.put(name, value());
        if (peek() == ',') {
          at++;
        }
      }
      return results;
    }

    private Object value() {
      if (++depth > DEEPEST) {
        throw bad();
      }
      Object value =
          switch (peek()) {
            case '"' -> string();
            case '{' -> {
              at++;
              Map<String, Object> tuple = results('}');
              at++;
              yield tuple;
            }
            case '[' -> list();
            default -> throw bad();
          };
      depth--;
      return value;
    }

    private List<Object> list() {
      List<Object> list = new ArrayList<>();
      at++;
      while (at < text.length() && peek() != ']') {
        if (peek() != '"' && peek() != '{' && peek() != '[') {
          at = text.indexOf('=', at) + 1; // a result: its name says nothing new
        }
        list.add(value());
        if (peek() == ',') {
          at++;
        }
      }
      at++;
      return list;
    }

    private String string() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      at++;
      while (peek() != '"') {
        if (at >= text.length()) {
          throw bad();
        }
        char c = text.charAt(at++);
        if (c == '\\') {
          escape(bytes);
        } else {
          bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        }
      }
      at++;
      return bytes.toString(StandardCharsets.UTF_8);
    }

    /** What follows a backslash: up to three octal digits, or a letter. */
    private void escape(ByteArrayOutputStream bytes) {
      int end = at;
      while (end < at + 3 && end < text.length() && Character.digit(text.charAt(end), 8) >= 0) {
        end++;
      }
      if (end > at) {
        bytes.write(Integer.parseInt(text.substring(at, end), 8));
        at = end;
      } else {
        char c = peek();
        at++;
        bytes.write(c == 'n' ? '\n' : c == 't' ? '\t' : c);
      }
    }
  }
}
