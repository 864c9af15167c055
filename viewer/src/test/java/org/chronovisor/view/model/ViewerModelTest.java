package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.EventQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.query.StateQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.ExampleTrace;
import org.chronovisor.x86.CpuState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moves on the shipped trace; what is shown is compared with what the query layer says. */
class ViewerModelTest {
  private static final long START = 100_000;

  @TempDir Path directory;
  private ViewerModel model;
  private Moment shown;

  @BeforeEach
  void open() throws Exception {
    Path file = Files.copy(ExampleTrace.file(), directory.resolve("example.cvt"));
    model = new ViewerModel(file, Traces.open(file), START);
    EventQueue.invokeAndWait(() -> model.onMoment(moment -> shown = moment));
    act(model::refresh);
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** Does something on the event thread and waits for all that follows from it. */
  private void act(Runnable action) throws Exception {
    EventQueue.invokeAndWait(action);
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
    do {
      Thread.sleep(2);
      assertTrue(System.nanoTime() < limit, "still busy");
    } while (!model.isIdle());
    EventQueue.invokeAndWait(() -> {});
  }

  @Test
  void showsWhatTheQueryLayerSays() {
    try (TraceSession session = TraceSession.open(ExampleTrace.file())) {
      StateQuery.State state = StateQuery.at(session, START);
      assertEquals(START, shown.position());
      assertTrue(state.cpu().differences(shown.cpu()).isEmpty());
      assertEquals(state.instruction().display(), shown.next().display());
    }
  }

  @Test
  void effectsOfThePathAreTheDifferencesOfTheStates() {
    try (TraceSession session = TraceSession.open(ExampleTrace.file())) {
      int compared = 0;
      for (ExecutedInstruction instruction : shown.path()) {
        CpuState before = StateQuery.at(session, instruction.position()).cpu();
        CpuState after = StateQuery.at(session, instruction.position() + 1).cpu();
        for (int i = 0; i < 16; i++) {
          String name = CpuState.wordName(i);
          assertFalse(instruction.delivered());
          boolean told = instruction.effects().stream().anyMatch(e -> e.register().equals(name));
          assertEquals(before.words[i] != after.words[i], told, name);
          compared++;
        }
      }
      assertTrue(compared > 500);
    }
  }

  @Test
  void everyStepBackwardsUndoesOneForwards() throws Exception {
    List<Long> forwards = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      forwards.add(model.position());
      act(() -> model.move("step", Steps.into(false)));
    }
    for (int i = 4; i >= 0; i--) {
      act(() -> model.move("step", Steps.back(false)));
      assertEquals(forwards.get(i), model.position());
    }
  }

  @Test
  void manyStepsAskedForAtOnceAreAllTaken() throws Exception {
    act(
        () -> {
          for (int i = 0; i < 20; i++) {
            model.move("step", Steps.into(false));
          }
        });
    assertEquals(START + 20, model.position());
    assertEquals(START + 20, shown.position());
  }

  @Test
  void aJumpGivesUpTheStepsBeforeIt() throws Exception {
    act(
        () -> {
          for (int i = 0; i < 20; i++) {
            model.move("step", Steps.over(false));
          }
          model.goTo(42);
        });
    assertEquals(42, shown.position());
    act(model::back);
    assertFalse(shown.position() == 42);
  }

  @Test
  void stepsByLinesEndInAnotherLine() throws Exception {
    act(() -> model.goTo(150_000));
    var line = shown.line();
    act(() -> model.move("step", Steps.over(true)));
    assertTrue(shown.line().isPresent());
    assertFalse(shown.line().equals(line));
    long there = shown.position();
    act(() -> model.move("back", Steps.backOver(true)));
    assertTrue(shown.position() < there);
  }

  @Test
  void outAndBackOutMeetTheCallOfTheFunction() throws Exception {
    long slot = shown.cpu().words[4];
    act(() -> model.move("out", Steps.out()));
    long after = shown.position();
    assertTrue(after > START);
    assertTrue(Long.compareUnsigned(shown.cpu().words[4], slot) > 0);
    act(() -> model.goTo(START));
    act(() -> model.move("backOut", Steps.backOut()));
    assertTrue(shown.position() < START);
    assertTrue(shown.next().display().startsWith("call"), shown.next().display());
  }

  @Test
  void theFailureIsTheOneThatTheQueryLayerTells() throws Exception {
    act(() -> model.findStory(found -> {}));
    assertNotNull(model.story());
    assertTrue(model.story().failed());
    assertNotNull(model.story().culprit());
    act(() -> model.goTo(model.story().position()));
    assertNotNull(model.failureAt(shown));
  }

  @Test
  void everyHitOfAWatchpointHasAnotherValue() throws Exception {
    List<Hit> hits = new ArrayList<>();
    act(
        () ->
            model.ask(
                "watch",
                (session, control) -> {
                  session.seek(START);
                  long address = session.symbols().find("log_checksum").orElseThrow().address();
                  return org.chronovisor.query.Watchpoint.at(session, address, 4);
                },
                watchpoint -> model.breakpoints().addWatchpoint("log_checksum", watchpoint)));
    act(() -> model.findHits(model.breakpoints().all().get(0), hits::addAll));
    assertTrue(hits.size() > 1000, "hits: " + hits.size());
    for (int i = 1; i < hits.size(); i++) {
      assertTrue(hits.get(i).position() > hits.get(i - 1).position());
      assertFalse(hits.get(i).value().equals(hits.get(i - 1).value()));
    }
    act(() -> model.goTo(START));
    List<Hit> later = hits.stream().filter(hit -> hit.position() > START).limit(5).toList();
    for (Hit hit : later) {
      act(() -> model.run(true));
      assertEquals(hit.position(), shown.position());
    }
  }
}
