package org.chronovisor.symbols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.chronovisor.symbols.demangle.Demangler;
import org.chronovisor.symbols.dwarf.RangeIndex;
import org.chronovisor.trace.Functions;

/**
 * Finds the function at an address and what was inlined into it there. Immutable and thread-safe.
 */
public final class FunctionTable {
  /** Nesting that is followed; real code stays far below. */
  private static final int DEEPEST = 256;

  private final List<OneFile> files;

  /**
   * A function that an address belongs to.
   *
   * @param name as people write it, or null when unknown
   * @param linkName as the linker knows it, or null when unknown
   * @param call where the function that it was inlined into calls it; null when that is unknown,
   *     and for a function with code of its own
   */
  public record At(String name, String linkName, SourceLine call) {}

  /**
   * @param tables where two know an address, the first answers
   */
  public FunctionTable(List<Functions> tables) {
    files = tables.stream().map(OneFile::new).toList();
  }

  public boolean isEmpty() {
    return files.stream().allMatch(file -> file.functions.size() == 0);
  }

  /**
   * The functions that an address belongs to, innermost first; empty when none is known.
   *
   * <p>All but the last are inlined into the next.
   */
  public List<At> at(long address) {
    for (OneFile file : files) {
      List<At> found = file.at(address);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  /** The functions of one ELF file. */
  private static final class OneFile {
    private final Functions functions;

    /** Ranges of functions with code of their own. */
    private final int[] roots;

    private final RangeIndex index;
    private final int[] entryOf;

    /** First entry inlined directly into each; -1 for none. */
    private final int[] firstChild;

    private final int[] nextSibling;

    OneFile(Functions functions) {
      this.functions = functions;
      int size = functions.size();
      firstChild = new int[size];
      nextSibling = new int[size];
      Arrays.fill(firstChild, -1);
      Arrays.fill(nextSibling, -1);
      int count = 0;
      int[] roomy = new int[functions.rangeCount()];
      entryOf = new int[functions.rangeCount()];
      for (int i = size - 1; i >= 0; i--) {
        int parent = functions.parent(i);
        if (parent != Functions.NONE) {
          nextSibling[i] = firstChild[parent];
          firstChild[parent] = i;
        }
        for (int r = functions.firstRange(i); r < functions.firstRange(i + 1); r++) {
          entryOf[r] = i;
          if (parent == Functions.NONE) {
            roomy[count++] = r;
          }
        }
      }
      roots = Arrays.copyOf(roomy, count);
      index = new RangeIndex(count, i -> functions.start(roots[i]), i -> functions.end(roots[i]));
    }

    List<At> at(long address) {
      int entry = root(address);
      if (entry < 0) {
        return List.of();
      }
      List<At> found = new ArrayList<>();
      found.add(describe(entry));
      for (int depth = 0; depth < DEEPEST; depth++) {
        int child = firstChild[entry];
        while (child >= 0 && !contains(child, address)) {
          child = nextSibling[child];
        }
        if (child < 0) {
          break;
        }
        found.add(0, describe(child));
        entry = child;
      }
      return List.copyOf(found);
    }

    /** Of functions that overlap, the one whose piece of code is the shortest. */
    private int root(long address) {
      return index
          .at(address)
          .mapToObj(i -> roots[i])
          .min((a, b) -> Long.compareUnsigned(length(a), length(b)))
          .map(range -> entryOf[range])
          .orElse(-1);
    }

    private long length(int range) {
      return functions.end(range) - functions.start(range);
    }

    private boolean contains(int entry, long address) {
      for (int r = functions.firstRange(entry); r < functions.firstRange(entry + 1); r++) {
        if (Long.compareUnsigned(functions.start(r), address) <= 0
            && Long.compareUnsigned(address, functions.end(r)) < 0) {
          return true;
        }
      }
      return false;
    }

    private At describe(int entry) {
      int name = functions.name(entry);
      String link = name == Functions.NONE ? null : functions.names().get(name);
      int file = functions.callFile(entry);
      int line = functions.callLine(entry);
      SourceLine call =
          file == Functions.NONE || line == 0
              ? null
              : new SourceLine(Printable.text(functions.files().get(file)), line);
      return new At(
          link == null ? null : Printable.text(Demangler.demangle(link)),
          link == null ? null : Printable.text(link),
          call);
    }
  }
}
