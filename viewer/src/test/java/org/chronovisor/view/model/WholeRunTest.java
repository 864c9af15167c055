package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.chronovisor.query.ExecutionCounts;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.StateQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallIndex;
import org.chronovisor.query.calls.Profile;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.query.origin.Step;
import org.chronovisor.view.ExampleTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the panes gather of the shipped trace as a whole. */
class WholeRunTest {
  private static final long PART = 50_000;

  private TraceSession session;

  @BeforeEach
  void open() {
    session = TraceSession.open(ExampleTrace.file());
  }

  @AfterEach
  void close() {
    session.close();
  }

  private Set<Long> addresses() {
    Set<Long> addresses = new HashSet<>();
    session.trace().blocks().forEach(b -> b.instructions().forEach(i -> addresses.add(i.pc())));
    return addresses;
  }

  /** QEMU counted the instructions of the run; each of them is counted at some address. */
  @Test
  void executionsOfAllInstructionsAreTheInstructionsOfTheRun() {
    ExecutionCounts counts =
        ExecutionCounts.of(session.trace(), 0, session.end(), ProgressListener.NONE);
    assertEquals(session.end(), addresses().stream().mapToLong(counts::at).sum());
  }

  @Test
  void executionsOfAPartAreThoseThatSteppingSees() {
    long from = 123_456;
    Map<Long, Long> stepped = new java.util.HashMap<>();
    session.seek(from);
    for (long at = from; at < from + PART; at++) {
      session.seek(at);
      stepped.merge(session.pc(), 1L, Long::sum);
    }
    ExecutionCounts counts =
        ExecutionCounts.of(session.trace(), from, from + PART, ProgressListener.NONE);
    for (long address : addresses()) {
      assertEquals(stepped.getOrDefault(address, 0L), counts.at(address), Texts.hex(address));
    }
  }

  @Test
  void everyCallIsInsideItsCaller() {
    CallIndex all = CallIndex.of(session, Integer.MAX_VALUE, ProgressListener.NONE);
    assertEquals(0, all.leftOut());
    assertInside(all);
    Map<String, Long> counted =
        Profile.of(session, ProgressListener.NONE).flat().stream()
            .collect(Collectors.toMap(Profile.Entry::function, Profile.Entry::calls));
    Map<String, Long> listed = new java.util.HashMap<>();
    for (int i = 0; i < all.size(); i++) {
      listed.merge(all.call(i).function(), 1L, Long::sum);
    }
    assertEquals(counted, listed);
  }

  private static void assertInside(CallIndex index) {
    int seen = 0;
    for (int i = -1; i < index.size(); i++) {
      for (int child : index.calls(i)) {
        seen++;
        assertEquals(i, index.caller(child));
        if (i >= 0) {
          Call caller = index.call(i);
          Call call = index.call(child);
          assertTrue(caller.entry() <= call.entry());
          assertTrue(caller.exit() < 0 || call.exit() >= 0 && call.exit() <= caller.exit());
          assertTrue(caller.instructions() >= call.instructions());
          assertEquals(caller.function(), call.caller());
        }
      }
    }
    assertEquals(index.size(), seen);
  }

  @Test
  void ofTooManyCallsTheShortestAreLeftOut() {
    CallIndex all = CallIndex.of(session, Integer.MAX_VALUE, ProgressListener.NONE);
    CallIndex some = CallIndex.of(session, 1000, ProgressListener.NONE);
    assertTrue(some.size() <= 1000 && some.size() > 50, "calls: " + some.size());
    assertEquals(all.size(), some.size() + some.leftOut());
    assertInside(some);
    long longer = 0;
    for (int i = 0; i < all.size(); i++) {
      longer += all.call(i).instructions() >= some.shortest() ? 1 : 0;
    }
    assertEquals(longer, some.size());
  }

  @Test
  void theInnermostActiveCallIsTheFunctionOfTheInstruction() {
    CallIndex index = CallIndex.of(session, Integer.MAX_VALUE, ProgressListener.NONE);
    for (long at = 200_000; at < session.end() - 20_000; at += 200_003) {
      String function = StateQuery.at(session, at).instruction().symbol();
      String active = index.call(index.activeAt(at)).function();
      assertTrue(function.equals(active) || function.startsWith(active + "+"), function);
    }
  }

  @Test
  void stationsOfAnOriginStandBelowEachOtherAndOthersBeside() {
    long position = 2_403_550;
    session.seek(position);
    OriginFinder finder = new OriginFinder(session, ProgressListener.NONE);
    Origin origin = finder.follow(position + 1, Cell.parse(session, "rax"), 64);
    OriginGraph graph = new OriginGraph(origin);
    List<OriginGraph.Node> nodes = graph.nodes();
    int others = 0;
    OriginGraph.Node at = graph.question();
    for (Step step : origin.steps()) {
      at = at.below();
      assertEquals(step, at.step());
      others += at.others().size();
    }
    assertEquals(OriginGraph.Kind.END, at.below().kind());
    assertEquals(origin.steps().size() + 2 + others, nodes.size());
    assertEquals(nodes.size(), places(nodes).size());
    OriginGraph.Node other =
        nodes.stream().filter(OriginGraph.Node::isOpen).findFirst().orElseThrow();
    long before = other.alternative().position();
    session.seek(before);
    Cell cell = Cell.parse(session, other.alternative().expression());
    graph.follow(other, finder.follow(before, cell, 64));
    assertFalse(other.isOpen());
    assertTrue(graph.nodes().size() > nodes.size());
    assertEquals(graph.nodes().size(), places(graph.nodes()).size(), "no box covers another");
  }

  private static Set<String> places(List<OriginGraph.Node> nodes) {
    return nodes.stream().map(n -> n.column() + " " + n.row()).collect(Collectors.toSet());
  }
}
