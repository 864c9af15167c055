package org.chronovisor.symbols;

import java.util.ArrayList;
import java.util.List;

/**
 * A level of the source at an address: a function, and the line that is being executed in it.
 *
 * @param function as people write it, or null when unknown
 * @param line for all levels but the innermost, that of the inlined call; null when unknown
 */
public record SourceFrame(String function, SourceLine line) {
  /**
   * The levels at an address, innermost first: functions that were inlined, and last the one that
   * has the code; empty when nothing is known.
   */
  public static List<SourceFrame> at(
      long address, FunctionTable functions, LineTable lines, SymbolTable symbols) {
    SourceLine line = lines.at(address).orElse(null);
    List<SourceFrame> frames = new ArrayList<>();
    for (FunctionTable.At function : functions.at(address)) {
      frames.add(new SourceFrame(function.name(), line));
      line = function.call();
    }
    boolean anonymous = frames.isEmpty() || frames.get(frames.size() - 1).function() == null;
    String symbol = anonymous ? symbols.functionName(address) : null;
    if (!frames.isEmpty() && symbol != null) {
      SourceFrame last = frames.remove(frames.size() - 1);
      frames.add(new SourceFrame(symbol, last.line()));
    } else if (frames.isEmpty() && (symbol != null || line != null)) {
      frames.add(new SourceFrame(symbol, line));
    }
    return List.copyOf(frames);
  }
}
