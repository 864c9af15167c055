package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.view.model.Variables;
import org.junit.jupiter.api.Test;

/** The viewer's variables in a recording of a sample; gdb computes the values. */
class VariablesRecordingTest {
  private static final long SECONDS = 120;

  @Test
  void parametersAndWatchedExpressionsHaveTheirValues() throws Exception {
    Path trace = Recordings.of(Sample.HEAP_OVERFLOW, Recordings.How.PLAIN).trace();
    BlockingQueue<Variables.Answer> answers = new ArrayBlockingQueue<>(1);
    BlockingQueue<String> hovers = new ArrayBlockingQueue<>(1);
    try (TraceSession session = TraceSession.open(trace);
        Variables variables = new Variables(session.trace(), List.of(Path.of("/")))) {
      long position = behindPrologue(session, "daily_report");
      variables.read(position, List.of("6*7", "no_such_thing"), answers::add);
      Variables.Answer answer = answers.poll(SECONDS, TimeUnit.SECONDS);
      assertNotNull(answer, "an answer comes");
      assertNull(answer.reason());
      assertEquals("42", answer.values().get(0).value());
      assertTrue(answer.values().get(1).value().contains("no_such_thing"));
      // The sample lets its clock run for a day.
      assertTrue(
          answer.values().contains(new Variables.Value(Variables.Kind.PARAMETER, "hours", "24")),
          answer.values().toString());
      variables.hover(position, "hours", hovers::add);
      assertEquals("24", hovers.poll(SECONDS, TimeUnit.SECONDS));
    }
  }

  /** The first instruction of the second line that a function executes. */
  private static long behindPrologue(TraceSession session, String function) {
    session.seek(0);
    StopSearch search = new StopSearch(session);
    long address = session.symbols().find(function).orElseThrow().address();
    search.stopAt(List.of(address), List.of());
    long position = search.forwards().position();
    SourceLine first = session.lines().at(address).orElseThrow();
    while (session.lines().at(session.pc()).filter(line -> !line.equals(first)).isEmpty()) {
      session.seek(++position);
    }
    return position;
  }
}
