package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/** Where a run spent its instructions: exact counts, no samples. */
public final class Profile {
  /** Different chains of callers that are told apart. */
  private static final int MOST_NODES = 1 << 20;

  private final Node root = new Node(null, null);
  private long total;

  /**
   * A function's share.
   *
   * @param self instructions in itself
   * @param total with what it called; recursion counts once
   * @param calls how often it was entered
   */
  public record Entry(String function, long self, long total, long calls) {}

  /** A caller or callee of a function. */
  public record Neighbour(String function, long calls, long instructions) {}

  /** A chain of callers. */
  private static final class Node {
    final Node caller;
    final String function;
    final Map<String, Node> called = new HashMap<>();
    long self;
    long calls;

    Node(Node caller, String function) {
      this.caller = caller;
      this.function = function;
    }

    boolean isRecursive() {
      for (Node node = caller; node != null; node = node.caller) {
        if (function.equals(node.function)) {
          return true;
        }
      }
      return false;
    }
  }

  private Profile() {}

  /** Profiles a whole run. */
  public static Profile of(TraceSession session, ProgressListener progress) {
    Profile profile = new Profile();
    int[] nodes = {0};
    CallWalk.run(
        session,
        session.end(),
        new CallVisitor() {
          @Override
          public void entered(Frame frame) {
            Node caller = frame.caller == null ? profile.root : (Node) frame.caller.note;
            Node node = caller.called.get(frame.function);
            if (node == null && nodes[0] < MOST_NODES) {
              nodes[0]++;
              node = new Node(caller, frame.function);
              caller.called.put(frame.function, node);
            }
            frame.note = node == null ? caller : node;
            ((Node) frame.note).calls++;
          }

          @Override
          public void executed(Frame frame, long instructions) {
            ((Node) frame.note).self += instructions;
            profile.total += instructions;
          }
        },
        progress);
    return profile;
  }

  /** All instructions. */
  public long total() {
    return total;
  }

  /** All functions, the one with the most instructions of its own first. */
  public List<Entry> flat() {
    Map<String, long[]> sums = new HashMap<>();
    sum(root, sums);
    List<Entry> entries = new ArrayList<>();
    sums.forEach((name, sum) -> entries.add(new Entry(name, sum[0], sum[1], sum[2])));
    entries.sort(Comparator.comparingLong(Entry::self).reversed().thenComparing(Entry::function));
    return entries;
  }

  /** Deepest first, without recursion: a guest's recursion may be deep. */
  private static void sum(Node root, Map<String, long[]> sums) {
    List<Node> order = order(root);
    Map<Node, Long> totals = new HashMap<>();
    for (int i = order.size() - 1; i >= 0; i--) {
      Node node = order.get(i);
      long total = node.self;
      for (Node called : node.called.values()) {
        total += totals.remove(called);
      }
      totals.put(node, total);
      if (node.function != null) {
        long[] sum = sums.computeIfAbsent(node.function, f -> new long[3]);
        sum[0] += node.self;
        sum[1] += node.isRecursive() ? 0 : total;
        sum[2] += node.calls;
      }
    }
  }

  /** Callers before what they call. */
  private static List<Node> order(Node root) {
    List<Node> order = new ArrayList<>();
    order.add(root);
    for (int i = 0; i < order.size(); i++) {
      order.addAll(order.get(i).called.values());
    }
    return order;
  }

  /** Each chain of callers, outermost first and joined by semicolons, with its own instructions. */
  public void collapsed(BiConsumer<String, Long> sink) {
    for (Node node : order(root)) {
      if (node.self > 0) {
        List<String> names = new ArrayList<>();
        for (Node at = node; at.function != null; at = at.caller) {
          names.add(0, at.function.replace(';', ':'));
        }
        sink.accept(String.join(";", names), node.self);
      }
    }
  }

  /** Who called a function. */
  public List<Neighbour> callers(String function) {
    Map<String, long[]> sums = new HashMap<>();
    Map<Node, Long> totals = totals();
    for (Map.Entry<Node, Long> entry : totals.entrySet()) {
      Node node = entry.getKey();
      if (function.equals(node.function)) {
        String caller = node.caller.function == null ? "(start)" : node.caller.function;
        add(sums, caller, node.calls, entry.getValue());
      }
    }
    return sorted(sums);
  }

  /** What a function called. */
  public List<Neighbour> callees(String function) {
    Map<String, long[]> sums = new HashMap<>();
    Map<Node, Long> totals = totals();
    for (Node node : totals.keySet()) {
      if (function.equals(node.function)) {
        for (Node called : node.called.values()) {
          add(sums, called.function, called.calls, totals.get(called));
        }
      }
    }
    return sorted(sums);
  }

  private Map<Node, Long> totals() {
    List<Node> order = order(root);
    Map<Node, Long> totals = new HashMap<>();
    for (int i = order.size() - 1; i >= 0; i--) {
      Node node = order.get(i);
      long sum = node.self;
      for (Node called : node.called.values()) {
        sum += totals.get(called);
      }
      totals.put(node, sum);
    }
    return totals;
  }

  private static void add(Map<String, long[]> sums, String name, long calls, long instructions) {
    long[] sum = sums.computeIfAbsent(name, n -> new long[2]);
    sum[0] += calls;
    sum[1] += instructions;
  }

  private static List<Neighbour> sorted(Map<String, long[]> sums) {
    List<Neighbour> list = new ArrayList<>();
    sums.forEach((name, sum) -> list.add(new Neighbour(name, sum[0], sum[1])));
    list.sort(
        Comparator.comparingLong(Neighbour::instructions)
            .reversed()
            .thenComparing(Neighbour::function));
    return list;
  }

  /** The names of all functions that were executed. */
  public Set<String> functions() {
    Set<String> names = new HashSet<>();
    flat().forEach(entry -> names.add(entry.function()));
    return names;
  }
}
