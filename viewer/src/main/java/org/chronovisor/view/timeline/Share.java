package org.chronovisor.view.timeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of a part of a run a function takes itself, estimated from samples.
 *
 * @param name null where no symbol is
 * @param instructions about
 */
public record Share(String name, double instructions) {
  static List<Share> of(Stretch[] stretches, CallTree tree, long from, long to) {
    Map<String, Double> sums = new HashMap<>();
    for (Stretch stretch : stretches) {
      if (stretch == null || stretch.to() <= from || stretch.from() >= to) {
        continue;
      }
      double perBucket = (double) (stretch.to() - stretch.from()) / stretch.buckets();
      int first = stretch.bucket(Math.max(from, stretch.from()));
      int last = stretch.bucket(Math.min(to, stretch.to()) - 1);
      for (int i = first; i <= last; i++) {
        sums.merge(tree.name(stretch.nodes()[i]), perBucket, Double::sum);
      }
    }
    List<Share> shares = new ArrayList<>();
    sums.forEach((name, sum) -> shares.add(new Share(name, sum)));
    shares.sort((a, b) -> Double.compare(b.instructions, a.instructions));
    return shares;
  }
}
