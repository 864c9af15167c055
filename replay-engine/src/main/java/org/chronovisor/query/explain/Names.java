package org.chronovisor.query.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.Symbol;

/** Functions whose names tell what they do. */
final class Names {
  static final Pattern PANIC =
      Pattern.compile(
          "(?i)(^|[_.])(panic|assert|assertion|abort|bug|oops|die|crash|fatal|halt_on_error)"
              + "($|[_.0-9])|assert_?fail|kernel_panic|caml_fatal");
  static final Pattern FREE = Pattern.compile("(?i)(^|[a-z0-9]*[_.])k?v?free($|[_.0-9])|dealloc");
  static final Pattern ALLOCATE = Pattern.compile("(?i)alloc|(^|_)new($|_)|memalign|sbrk");

  private Names() {}

  static List<Symbol> functions(TraceSession session, Pattern pattern) {
    List<Symbol> found = new ArrayList<>();
    for (Symbol symbol : session.trace().symbols()) {
      if (symbol.function() && pattern.matcher(symbol.name()).find()) {
        found.add(symbol);
      }
    }
    return found;
  }

  /** The function's name in {@code name+0xoff}, or null. */
  static String function(String place) {
    if (place == null) {
      return null;
    }
    int plus = place.lastIndexOf("+0x");
    return plus < 0 ? place : place.substring(0, plus);
  }
}
