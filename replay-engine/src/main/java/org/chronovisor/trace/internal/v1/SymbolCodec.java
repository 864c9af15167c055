package org.chronovisor.trace.internal.v1;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The section of a SYMBOLS record.
 *
 * <pre>
 * varint n, n x { string name, zigzag address - previous address, varint size, u8 function }
 * </pre>
 */
final class SymbolCodec {
  private SymbolCodec() {}

  static byte[] encode(List<Symbol> symbols) {
    Limits.check(symbols.size() <= Limits.SYMBOLS, "too many symbols");
    BytesOut out = new BytesOut();
    out.varint(symbols.size());
    long previous = 0;
    for (Symbol symbol : symbols) {
      out.string(symbol.name());
      out.zigzag(symbol.address() - previous);
      out.varint(symbol.size());
      out.u8(symbol.function() ? 1 : 0);
      previous = symbol.address();
    }
    return out.toByteArray();
  }

  static List<Symbol> decode(BytesIn in) {
    int count = in.count(Limits.SYMBOLS);
    List<Symbol> symbols = new ArrayList<>();
    long address = 0;
    for (int i = 0; i < count; i++) {
      String name = in.string(Limits.STRING_BYTES);
      address += in.zigzag();
      symbols.add(new Symbol(name, address, in.varint(), in.flag()));
    }
    in.end();
    return symbols;
  }
}
