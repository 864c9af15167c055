package org.chronovisor.query.calls;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.trace.Symbol;

/** Functions by address. Thread-safe. */
final class Functions {
  private static final int CACHED = 1 << 20;

  private final SymbolTable symbols;
  private final Map<Long, Function> byAddress = new ConcurrentHashMap<>();

  /**
   * A function, or a part of one that the compiler put elsewhere.
   *
   * @param name of the function; for code without a symbol its address
   * @param size in bytes, 0 when unknown
   */
  record Function(String name, long start, long size) {}

  Functions(SymbolTable symbols) {
    this.symbols = symbols;
  }

  /** The function an address lies in. */
  Function at(long pc) {
    Function found = byAddress.get(pc);
    if (found == null) {
      found = find(pc);
      if (byAddress.size() < CACHED) {
        byAddress.put(pc, found);
      }
    }
    return found;
  }

  private Function find(long pc) {
    Optional<Symbol> symbol = symbols.at(pc);
    return symbol
        .map(s -> new Function(plain(s.name()), s.address(), s.size()))
        .orElseGet(() -> new Function("0x" + Long.toHexString(pc), pc, 0));
  }

  /** GCC moves unlikely parts of a function behind others. */
  private static String plain(String name) {
    int cold = name.indexOf(".cold");
    return cold > 0 ? name.substring(0, cold) : name;
  }
}
