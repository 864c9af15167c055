package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.Step;

/**
 * Where a value came from as a graph in cells of a grid: trails run downwards, into the past;
 * beside a station stands what else its value depended on, and its trail once it is followed. Event
 * thread only.
 */
public final class OriginGraph {
  private final Trail root;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Integer, BitSet> taken = new HashMap<>();
  private int columns;
  private int rows;

  /** What a node is. */
  public enum Kind {
    /** The value that was asked about. */
    QUESTION,
    /** An instruction on the way. */
    STEP,
    /** Something else that a step depended on; not followed yet. */
    OTHER,
    /** Where a trail ends. */
    END
  }

  /** A value's way through the run. */
  private static final class Trail {
    final Origin origin;
    final List<Node> nodes = new ArrayList<>();

    Trail(Origin origin) {
      this.origin = origin;
    }
  }

  /** One box. */
  public static final class Node {
    private final Kind kind;
    private final Origin origin;
    private final Step step;
    private final Step.Alternative alternative;
    private final Node above;
    private final Node left;
    private final List<Node> others = new ArrayList<>();
    private Node below;
    private Trail followed;
    private int column;
    private int row;

    private Node(
        Kind kind, Origin origin, Step step, Step.Alternative alternative, Node above, Node left) {
      this.kind = kind;
      this.origin = origin;
      this.step = step;
      this.alternative = alternative;
      this.above = above;
      this.left = left;
    }

    public Kind kind() {
      return kind;
    }

    /** The instruction of a step, else null. */
    public Step step() {
      return step;
    }

    /** What a step also depended on, for {@link Kind#OTHER}. */
    public Step.Alternative alternative() {
      return alternative;
    }

    /** The trail that a question or an end belongs to. */
    public Origin origin() {
      return origin;
    }

    /** Position of the instruction, or before which the value is there; -1 for an end. */
    public long position() {
      return switch (kind) {
        case QUESTION -> origin.position();
        case STEP -> step.position();
        case OTHER -> alternative.position();
        case END -> -1;
      };
    }

    public int column() {
      return column;
    }

    public int row() {
      return row;
    }

    /** The next newer node of the trail, or null. */
    public Node above() {
      return above;
    }

    /** The next older node of the trail, or null. */
    public Node below() {
      return below;
    }

    /** The step that depended on this one, or null. */
    public Node left() {
      return left;
    }

    /** What else the step depended on. */
    public List<Node> others() {
      return List.copyOf(others);
    }

    /** Nobody has asked yet where it came from. */
    public boolean isOpen() {
      return kind == Kind.OTHER && followed == null;
    }
  }

  public OriginGraph(Origin origin) {
    root = new Trail(origin);
    build(root, null, null);
    layOut();
  }

  /** Adds where one of the other values came from. */
  public void follow(Node other, Origin origin) {
    if (!other.isOpen()) {
      throw new IllegalArgumentException("not open");
    }
    other.followed = new Trail(origin);
    build(other.followed, other, other);
    layOut();
  }

  /** Makes a trail's nodes; a trail beside a step has no question of its own. */
  private static void build(Trail trail, Node first, Node top) {
    Node above = top;
    if (first == null) {
      above = new Node(Kind.QUESTION, trail.origin, null, null, null, null);
      trail.nodes.add(above);
    }
    for (Step step : trail.origin.steps()) {
      Node node = new Node(Kind.STEP, trail.origin, step, null, above, null);
      above.below = node;
      for (Step.Alternative alternative : step.alternatives()) {
        if (alternative.expression() != null) {
          node.others.add(new Node(Kind.OTHER, trail.origin, step, alternative, null, node));
        }
      }
      trail.nodes.add(node);
      above = node;
    }
    Node end = new Node(Kind.END, trail.origin, null, null, above, null);
    above.below = end;
    trail.nodes.add(end);
  }

  private void layOut() {
    nodes.clear();
    taken.clear();
    columns = 0;
    rows = 0;
    place(root.nodes, 0, 0);
  }

  private void place(List<Node> trail, int column, int row) {
    for (int i = 0; i < trail.size(); i++) {
      put(trail.get(i), column, row + i);
    }
    for (Node node : trail) {
      int right = column;
      for (Node other : node.others) {
        int length = 1 + (other.followed == null ? 0 : other.followed.nodes.size());
        right = free(right + 1, node.row, length);
        put(other, right, node.row);
        if (other.followed != null) {
          place(other.followed.nodes, right, node.row + 1);
        }
      }
    }
  }

  private int free(int from, int row, int length) {
    int column = from;
    while (true) {
      int next = taken.getOrDefault(column, new BitSet()).nextSetBit(row);
      if (next < 0 || next >= row + length) {
        return column;
      }
      column++;
    }
  }

  private void put(Node node, int column, int row) {
    node.column = column;
    node.row = row;
    nodes.add(node);
    taken.computeIfAbsent(column, c -> new BitSet()).set(row);
    columns = Math.max(columns, column + 1);
    rows = Math.max(rows, row + 1);
  }

  /** All nodes; a trail's in order. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /** The value asked about. */
  public Node question() {
    return root.nodes.get(0);
  }

  public int columns() {
    return columns;
  }

  public int rows() {
    return rows;
  }

  /** The main trail as text, for a bug report. */
  public String text() {
    StringBuilder text = new StringBuilder();
    Origin origin = root.origin;
    text.append(origin.place())
        .append(" = ")
        .append(origin.value().hex())
        .append(" before instruction ")
        .append(origin.position())
        .append('\n');
    for (Step step : origin.steps()) {
      text.append(
          String.format(
              "%12d  %s  %s%n", step.position(), step.text(), step.instruction().symbol()));
    }
    return text.append("origin: ").append(origin.text()).append('\n').toString();
  }
}
