package org.chronovisor.view.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.view.ExampleTrace;
import org.junit.jupiter.api.Test;

/** The summary of the shipped trace against the query layer's own answers. */
class TimelineTest {
  private static void await(Timeline timeline) throws InterruptedException {
    for (int i = 0; i < 6000 && timeline.progress() < 1; i++) {
      Thread.sleep(10);
    }
    assertEquals(1, timeline.progress());
  }

  @Test
  void samplesAreTheFunctionsOfTheBacktrace() {
    try (TraceSession session = TraceSession.open(ExampleTrace.file())) {
      CallTree tree = new CallTree();
      long from = 150_000;
      int samples = 400;
      Stretch stretch =
          new StretchBuilder(session.trace(), tree, List.of())
              .build(from, from + samples, samples, false, () -> false);
      int same = 0;
      for (int i = 0; i < samples; i++) {
        List<String> sampled = new ArrayList<>();
        int node = stretch.nodes()[i];
        for (int depth = tree.depth(node); depth > 0; depth--) {
          sampled.add(tree.name(tree.ancestor(node, depth)));
        }
        List<String> told =
            Backtrace.at(session, from + i).stream()
                .map(frame -> frame.symbol().replaceFirst("\\+0x.*", ""))
                .toList();
        same += sampled.equals(told) ? 1 : 0;
      }
      assertEquals(samples, same);
    }
  }

  @Test
  void noEventIsLostAtAnyZoom() throws Exception {
    try (TraceSession session = TraceSession.open(ExampleTrace.file());
        Timeline timeline = new Timeline(session.trace())) {
      timeline.start();
      await(timeline);
      long outputs = 0;
      for (int i = 0; i < session.trace().segmentCount(); i++) {
        outputs +=
            session.trace().events(i).outputs().stream()
                .map(PortOutput::port)
                .filter(port -> port == 0x3f8)
                .count();
      }
      for (int width : new int[] {1, 7, 300, 1200}) {
        Columns columns = timeline.columns(0, timeline.end(), width);
        long sum = 0;
        for (int x = 0; x < width; x++) {
          sum += columns.count(Kind.CONSOLE, x);
        }
        assertEquals(outputs, sum, "width " + width);
      }
    }
  }

  @Test
  void sharesAddUpToThePartAsked() throws Exception {
    try (TraceSession session = TraceSession.open(ExampleTrace.file());
        Timeline timeline = new Timeline(session.trace())) {
      timeline.start();
      await(timeline);
      double sum =
          timeline.shares(0, timeline.end()).stream().mapToDouble(Share::instructions).sum();
      assertEquals(timeline.end(), sum, timeline.end() * 0.01);
    }
  }

  @Test
  void aCloseLookIsFinerThanTheFirstPass() throws Exception {
    try (TraceSession session = TraceSession.open(ExampleTrace.file());
        Timeline timeline = new Timeline(session.trace())) {
      timeline.start();
      await(timeline);
      Columns before = timeline.columns(100_000, 101_000, 500);
      timeline.look(100_000, 101_000, 500);
      int more = 0;
      for (int i = 0; i < 500 && more <= changes(before); i++) {
        Thread.sleep(10);
        more = changes(timeline.columns(100_000, 101_000, 500));
      }
      assertTrue(more > changes(before), changes(before) + " changes before, " + more + " after");
    }
  }

  private static int changes(Columns columns) {
    int changes = 0;
    for (int x = 1; x < columns.width(); x++) {
      if (columns.node(x) != columns.node(x - 1)) {
        changes++;
      }
    }
    return changes;
  }
}
