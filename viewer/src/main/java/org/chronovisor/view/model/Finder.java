package org.chronovisor.view.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.Symbol;

/** Finds functions, positions, and text in the memory of a moment. */
public final class Finder {
  /** No list is longer. */
  static final int MOST = 1000;

  private static final int CHUNK = 1 << 20;

  private Finder() {}

  /**
   * Something found.
   *
   * @param position to go to, or -1
   * @param address to look at, or 0; physical for {@link Kind#TEXT}
   */
  public record Found(Kind kind, String text, long position, long address) {
    /** The address as an expression. */
    public String expression() {
      return (kind == Kind.TEXT ? "phys:" : "") + Texts.hex(address);
    }
  }

  /** What was found. */
  public enum Kind {
    POSITION,
    FUNCTION,
    DATA,
    MEMORY,
    TEXT
  }

  /** Symbols whose name contains a text, and the position or address that it may stand for. */
  public static List<Found> names(TraceSession names, long end, String text) {
    List<Found> found = new ArrayList<>();
    String wanted = text.strip().toLowerCase(Locale.ROOT);
    if (wanted.isEmpty()) {
      return found;
    }
    String digits = wanted.replaceAll("[,_ ]", "");
    if (digits.matches("\\d{1,18}") && Long.parseLong(digits) <= end) {
      long position = Long.parseLong(digits);
      found.add(new Found(Kind.POSITION, Texts.position(position), position, 0));
    }
    if (wanted.matches("0x[0-9a-f]{1,16}")) {
      long address = AddressExpression.number(wanted);
      String symbol = names.symbols().name(address);
      String where = symbol == null ? wanted : wanted + " " + symbol;
      found.add(new Found(Kind.MEMORY, where, -1, address));
    }
    for (Symbol symbol : names.trace().symbols()) {
      if (found.size() < MOST && symbol.name().toLowerCase(Locale.ROOT).contains(wanted)) {
        Kind kind = symbol.function() ? Kind.FUNCTION : Kind.DATA;
        found.add(new Found(kind, symbol.name(), -1, symbol.address()));
      }
    }
    return found;
  }

  /** Physical addresses at which RAM holds a text at a position. */
  public static List<Found> memory(
      TraceSession session, JobControl control, long position, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    List<Found> found = new ArrayList<>();
    if (wanted.length == 0) {
      return found;
    }
    session.seek(position);
    for (RamRegion region : session.trace().header().ram()) {
      for (long at = region.start(); at < region.start() + region.length(); at += CHUNK) {
        control.progress(at - region.start(), region.length());
        long left = region.start() + region.length() - at;
        int length = (int) Math.min(left, CHUNK + Page.SIZE);
        AddressExpression from = AddressExpression.parse("phys:" + Texts.hex(at));
        MemoryBytes bytes = MemoryQuery.read(session, position, from, length);
        search(bytes, wanted, Math.min(CHUNK, length), found);
        if (found.size() >= MOST) {
          return found;
        }
      }
    }
    return found;
  }

  private static void search(MemoryBytes memory, byte[] wanted, int starts, List<Found> found) {
    byte[] bytes = memory.bytes();
    for (int i = 0; i < starts && i + wanted.length <= bytes.length; i++) {
      int same = 0;
      while (same < wanted.length && bytes[i + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length && memory.isKnown(i, wanted.length) && found.size() < MOST) {
        long address = memory.address() + i;
        found.add(new Found(Kind.TEXT, context(memory, i), -1, address));
      }
    }
  }

  private static String context(MemoryBytes memory, int at) {
    StringBuilder text = new StringBuilder(Texts.hex(memory.address() + at)).append("  ");
    for (int i = at; i < Math.min(memory.length(), at + 48); i++) {
      text.append(memory.character(i));
    }
    return text.toString();
  }
}
