package org.chronovisor.view.timeline;

import java.util.Arrays;

/** A part of a run in columns of one pixel: what is drawn. */
public final class Columns {
  /** Samples of one column that are compared to find the one to show. */
  private static final int VOTES = 16;

  private final double from;
  private final double to;
  private final int[] nodes;
  private final int[] deepest;
  private final long[][] counts;
  private final double[][] writes;
  private final boolean[] unknown;

  Columns(double from, double to, int width, int regions) {
    this.from = from;
    this.to = to;
    nodes = new int[width];
    deepest = new int[width];
    counts = new long[Kind.values().length][width];
    writes = new double[regions][width];
    unknown = new boolean[width];
  }

  public int width() {
    return nodes.length;
  }

  /** The call tree node to draw. */
  public int node(int column) {
    return nodes[column];
  }

  /** Greatest call depth seen. */
  public int deepest(int column) {
    return deepest[column];
  }

  public long count(Kind kind, int column) {
    return counts[kind.ordinal()][column];
  }

  /** Greatest count of a kind in any column. */
  public long most(Kind kind) {
    return Arrays.stream(counts[kind.ordinal()]).max().orElse(0);
  }

  /** Stores to a region, or pages changed in it. */
  public double writes(int region, int column) {
    return writes[region][column];
  }

  public double mostWrites(int region) {
    return Arrays.stream(writes[region]).max().orElse(0);
  }

  /** Not summed up yet. */
  public boolean isUnknown(int column) {
    return unknown[column];
  }

  private double pixel(double position) {
    return (position - from) * nodes.length / (to - from);
  }

  private int clamp(double pixel) {
    return (int) Math.max(0, Math.min(nodes.length - 1, Math.floor(pixel)));
  }

  void unknown(long start, long end) {
    int first = clamp(pixel(start));
    int last = clamp(pixel(end) - 1e-9);
    Arrays.fill(unknown, first, last + 1, true);
  }

  void pages(long start, long end, int region, double count) {
    if (end < from || start > to) {
      return;
    }
    int first = clamp(pixel(start));
    int last = clamp(pixel(end) - 1e-9);
    for (int x = first; x <= last; x++) {
      writes[region][x] = Math.max(writes[region][x], count);
    }
  }

  /** Shows a finer stretch instead of what was added before. */
  void replace(Stretch stretch, CallTree tree) {
    Arrays.fill(deepest, 0);
    for (long[] row : counts) {
      Arrays.fill(row, 0);
    }
    for (double[] row : writes) {
      Arrays.fill(row, 0);
    }
    add(stretch, tree);
  }

  void add(Stretch stretch, CallTree tree) {
    int first = clamp(pixel(stretch.from()));
    int last = clamp(pixel(stretch.to()) - 1e-9);
    double perPixel = (to - from) / nodes.length;
    for (int x = first; x <= last; x++) {
      long start = (long) Math.max(stretch.from(), from + x * perPixel);
      long end = (long) Math.min(stretch.to(), from + (x + 1) * perPixel);
      int a = stretch.bucket(start);
      int b = Math.max(a, stretch.bucket(Math.max(start, end - 1)));
      nodes[x] = vote(stretch, a, b);
      for (int i = a; i <= b; i++) {
        deepest[x] = Math.max(deepest[x], tree.depth(stretch.nodes()[i]));
      }
    }
    spread(stretch);
  }

  /** Counts go to the column in which their bucket begins: none is lost or drawn twice. */
  private void spread(Stretch stretch) {
    for (int i = 0; i < stretch.buckets(); i++) {
      long at = stretch.start(i);
      double pixel = pixel(at);
      if (pixel < 0 && pixel(stretch.start(i + 1)) <= 0 || pixel >= nodes.length) {
        continue;
      }
      int x = clamp(pixel);
      for (int k = 0; k < counts.length; k++) {
        counts[k][x] += stretch.counts()[k][i];
      }
      for (int r = 0; r < writes.length; r++) {
        if (stretch.writes()[r] != null) {
          writes[r][x] += stretch.writes()[r][i];
        }
      }
    }
  }

  /** The node that most of some samples have. */
  private static int vote(Stretch stretch, int a, int b) {
    int samples = Math.min(VOTES, b - a + 1);
    if (samples == 1) {
      return stretch.nodes()[a];
    }
    int best = 0;
    int bestVotes = 0;
    for (int i = 0; i < samples; i++) {
      int node = stretch.nodes()[a + i * (b - a) / (samples - 1)];
      int votes = 0;
      for (int j = 0; j < samples; j++) {
        if (stretch.nodes()[a + j * (b - a) / (samples - 1)] == node) {
          votes++;
        }
      }
      if (votes > bestVotes) {
        best = node;
        bestVotes = votes;
      }
    }
    return best;
  }
}
