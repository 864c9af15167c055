package org.chronovisor.symbols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.chronovisor.symbols.demangle.Demangler;
import org.chronovisor.trace.Symbol;

/** Finds symbols by name and by address. Immutable and thread-safe. */
public final class SymbolTable {
  private static final int SUGGESTIONS = 3;

  private final Map<String, Symbol> byName = new HashMap<>();

  private volatile Map<String, Symbol> byDemangledName;

  /** By address; of several at one address the preferred one comes last. */
  private final Symbol[] byAddress;

  private final long[] addresses;

  /** Highest end of any symbol up to this index: a search backwards may stop there. */
  private final long[] furthestEnd;

  /**
   * @param symbols in any order; of two with the same name the first wins
   */
  public SymbolTable(List<Symbol> symbols) {
    List<Symbol> named = new ArrayList<>();
    for (Symbol symbol : symbols) {
      if (!symbol.name().isEmpty()) {
        named.add(symbol);
        byName.putIfAbsent(symbol.name(), symbol);
      }
    }
    named.sort(SymbolTable::compare);
    byAddress = named.toArray(Symbol[]::new);
    addresses = new long[byAddress.length];
    furthestEnd = new long[byAddress.length];
    long furthest = 0;
    for (int i = 0; i < byAddress.length; i++) {
      addresses[i] = byAddress[i].address();
      if (Long.compareUnsigned(end(i), furthest) > 0) {
        furthest = end(i);
      }
      furthestEnd[i] = furthest;
    }
  }

  private static int compare(Symbol a, Symbol b) {
    int order = Long.compareUnsigned(a.address(), b.address());
    if (order == 0) {
      order = Boolean.compare(a.function(), b.function());
    }
    if (order == 0) {
      // The smaller one that has a size says more than a section-wide label.
      order = Long.compareUnsigned(b.size() - 1, a.size() - 1);
    }
    return order == 0 ? b.name().compareTo(a.name()) : order;
  }

  /** A symbol without a size reaches to the next symbol. */
  private long end(int index) {
    Symbol symbol = byAddress[index];
    if (symbol.size() != 0) {
      long end = symbol.address() + symbol.size();
      return Long.compareUnsigned(end, symbol.address()) < 0 ? -1L : end;
    }
    for (int i = index + 1; i < byAddress.length; i++) {
      if (byAddress[i].address() != symbol.address()) {
        return byAddress[i].address();
      }
    }
    return symbol.address() + 1;
  }

  public boolean isEmpty() {
    return byAddress.length == 0;
  }

  /**
   * The symbol with a name: the linker's, or the one that people write, with or without a
   * function's parameters.
   */
  public Optional<Symbol> find(String name) {
    Symbol symbol = byName.get(name);
    return Optional.ofNullable(symbol != null ? symbol : demangled().get(name));
  }

  /** Symbols by the names that people write; made when first asked for. */
  private Map<String, Symbol> demangled() {
    Map<String, Symbol> names = byDemangledName;
    if (names == null) {
      names = new HashMap<>();
      for (Symbol symbol : byName.values()) {
        String name = display(symbol);
        if (!name.equals(symbol.name())) {
          names.putIfAbsent(name, symbol);
          int bracket = name.indexOf('(');
          if (bracket > 0) {
            names.putIfAbsent(name.substring(0, bracket), symbol);
          }
        }
      }
      byDemangledName = names;
    }
    return names;
  }

  /**
   * The symbol that contains an address.
   *
   * <p>Of symbols that overlap it is the one that starts last. A symbol without a size (an assembly
   * label) reaches to the next symbol; the last one covers its own address only.
   */
  public Optional<Symbol> at(long address) {
    for (int i = last(address); i >= 0; i--) {
      if (Long.compareUnsigned(furthestEnd[i], address) <= 0) {
        break;
      }
      if (Long.compareUnsigned(address, end(i)) < 0) {
        return Optional.of(byAddress[i]);
      }
    }
    return Optional.empty();
  }

  /** {@code name}, {@code name+0xoff}, or null where no symbol is. */
  public String name(long address) {
    return at(address)
        .map(
            symbol -> {
              long offset = address - symbol.address();
              String name = display(symbol);
              return offset == 0 ? name : name + "+0x" + Long.toHexString(offset);
            })
        .orElse(null);
  }

  /** Name of the symbol that contains an address, or null where none is. */
  public String functionName(long address) {
    return at(address).map(this::display).orElse(null);
  }

  /** A symbol's name as people write it. */
  public String display(Symbol symbol) {
    return Printable.text(Demangler.demangle(symbol.name()));
  }

  /** Index of the last symbol that starts at or before an address, -1 when there is none. */
  private int last(long address) {
    return SortedAddresses.countUpTo(addresses, addresses.length, address) - 1;
  }

  /** Up to three names that resemble a name nobody knows, the most similar first. */
  public List<String> similar(String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int limit = Math.max(2, wanted.length() / 3);
    record Candidate(String name, int distance) {}
    return byName.keySet().stream()
        .filter(candidate -> candidate.length() <= 4 * wanted.length() + 16)
        .map(candidate -> new Candidate(candidate, distance(wanted, candidate)))
        .filter(candidate -> candidate.distance <= limit)
        .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .limit(SUGGESTIONS)
        .map(Candidate::name)
        .toList();
  }

  private static int distance(String wanted, String candidate) {
    String other = candidate.toLowerCase(Locale.ROOT);
    if (wanted.length() >= 3 && other.contains(wanted)) {
      return 1;
    }
    return levenshtein(wanted, other);
  }

  private static int levenshtein(String a, String b) {
    int[] previous = new int[b.length() + 1];
    Arrays.setAll(previous, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(row[j - 1], previous[j]));
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
