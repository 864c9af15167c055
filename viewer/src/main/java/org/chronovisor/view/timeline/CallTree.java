package org.chronovisor.view.timeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.chronovisor.query.Backtrace;

/**
 * Every chain of active functions that was seen, each once: a node is a function called from its
 * parent's. Node 0 is nothing. Thread-safe.
 */
public final class CallTree {
  private record Key(int parent, int function) {}

  private final Map<String, Integer> functionIds = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final Map<Key, Integer> nodes = new ConcurrentHashMap<>();
  private volatile int[] parents = new int[256];
  private volatile int[] functions = new int[256];
  private volatile int[] depths = new int[256];
  private int size = 1;

  /** Number of a function; -1 for null. */
  private synchronized int function(String name) {
    if (name == null) {
      return -1;
    }
    return functionIds.computeIfAbsent(
        name,
        fresh -> {
          names.add(fresh);
          return names.size() - 1;
        });
  }

  /** The node of active functions, innermost first. */
  int node(List<Backtrace.Frame> frames) {
    int node = 0;
    for (int i = frames.size() - 1; i >= 0; i--) {
      node = child(node, function(name(frames.get(i))));
    }
    return node;
  }

  /** A function's name without the offset. */
  private static String name(Backtrace.Frame frame) {
    if (frame.symbol() == null) {
      return null;
    }
    int offset = frame.symbol().lastIndexOf("+0x");
    return offset < 0 ? frame.symbol() : frame.symbol().substring(0, offset);
  }

  private int child(int parent, int function) {
    Key key = new Key(parent, function);
    Integer known = nodes.get(key);
    return known != null ? known : add(key);
  }

  private synchronized int add(Key key) {
    Integer known = nodes.get(key);
    if (known != null) {
      return known;
    }
    if (size == parents.length) {
      parents = Arrays.copyOf(parents, 2 * size);
      functions = Arrays.copyOf(functions, 2 * size);
      depths = Arrays.copyOf(depths, 2 * size);
    }
    parents[size] = key.parent;
    functions[size] = key.function;
    depths[size] = depths[key.parent] + 1;
    nodes.put(key, size);
    return size++;
  }

  /** Number of active functions; 0 for node 0. */
  public int depth(int node) {
    return depths[node];
  }

  /** The node's ancestor, or itself, that has a depth. */
  public int ancestor(int node, int depth) {
    int[] parent = parents;
    int at = node;
    for (int d = depths[node]; d > depth; d--) {
      at = parent[at];
    }
    return at;
  }

  /** Number of a node's function; -1 when it has no name. */
  public int functionOf(int node) {
    return node == 0 ? -1 : functions[node];
  }

  /** Name of a node's function, or null. */
  public String name(int node) {
    int function = functionOf(node);
    if (function < 0) {
      return null;
    }
    synchronized (this) {
      return names.get(function);
    }
  }
}
