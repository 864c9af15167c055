package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.LineStepper;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallQuery;
import org.chronovisor.query.events.Event;
import org.chronovisor.query.events.EventQuery;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.CpuState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Questions to a recording of a guest with several vCPUs, whose state is proved elsewhere. */
@Timeout(120)
class SmpTest {
  private static final Sample SAMPLE = Sample.SMP_4;
  private static final int CPUS = 4;
  private static final int RBX = 3;
  private static final int MOST_TURNS = 50;

  private static Path trace() {
    return Recordings.of(SAMPLE, How.PLAIN).trace();
  }

  @Test
  void gdbSeesEachCpuAsAThreadWithItsRegisters() throws Exception {
    try (TraceReader trace = Traces.open(trace());
        Gdb gdb = new Gdb(SAMPLE, trace())) {
      Replayer replayer = new Replayer(trace);
      replayer.runTo(replayer.end());
      String threads = gdb.run("info threads");
      String output = gdb.run("thread apply all -q -ascending p/x $rsp");
      Matcher matcher = Pattern.compile("= (0x[0-9a-f]+)").matcher(output);
      for (int i = 0; i < CPUS; i++) {
        assertTrue(threads.contains("CPU " + i), threads);
        assertTrue(matcher.find(), output);
        assertEquals(replayer.state(i).words[4], Long.decode(matcher.group(1)), output);
      }
      assertTrue(
          threads.contains("* " + (replayer.currentCpu() + 1) + " "), "chosen is the running one");
    }
  }

  @Test
  void stateShowsTheRegistersOfAnyCpu() {
    Set<Long> stacks = new HashSet<>();
    try (TraceReader trace = Traces.open(trace())) {
      Replayer replayer = new Replayer(trace);
      long position = replayer.end() * 3 / 4;
      replayer.seek(position);
      for (int i = 0; i < CPUS; i++) {
        Cli.Result result = Cli.run("state", trace(), "--at", position, "--cpu", i, "--json");
        assertEquals(0, result.code(), result.toString());
        CpuState expected = replayer.state(i);
        String rsp = "\"rsp\": \"0x" + Long.toHexString(expected.words[4]) + "\"";
        assertTrue(result.out().contains(rsp), result.out());
        assertTrue(result.out().contains("\"cpu\": " + i + ","), result.out());
        stacks.add(expected.words[4]);
      }
    }
    assertEquals(CPUS, stacks.size(), "each has a stack of its own");
    assertEquals(2, Cli.run("state", trace(), "--at", "0", "--cpu", CPUS).code());
  }

  @Test
  void aRegistersLastWriterIsOfTheSameCpu() {
    try (TraceSession session = TraceSession.open(trace());
        TraceReader trace = Traces.open(trace())) {
      Replayer replayer = new Replayer(trace);
      InstructionHistory history = session.history();
      List<Long> turns = new ArrayList<>();
      for (int i = 0; i < trace.segmentCount(); i++) {
        trace.events(i).switches().forEach(turn -> turns.add(turn.position()));
      }
      int crossed = 0;
      for (int i = 1; i <= MOST_TURNS; i++) {
        long position = turns.get((turns.size() - 1) * i / MOST_TURNS);
        replayer.seek(position);
        int cpu = replayer.currentCpu();
        final long value = replayer.state(cpu).words[RBX];
        long writer = history.lastWriter(1 << RBX, cpu, position, ProgressListener.NONE);
        long any = writer;
        for (int other = 0; other < CPUS; other++) {
          any = Math.max(any, history.lastWriter(1 << RBX, other, position, ProgressListener.NONE));
        }
        crossed += any > writer ? 1 : 0;
        if (writer >= 0) {
          assertEquals(cpu, history.at(writer).cpu());
          replayer.seek(writer + 1);
          assertEquals(value, replayer.state(cpu).words[RBX], "at " + position);
        }
      }
      assertNotEquals(0, crossed, "others have written theirs since");
    }
  }

  @Test
  void stepsByLinesStayOnTheCpu() {
    try (TraceSession session = TraceSession.open(trace())) {
      LineStepper lines = new LineStepper(session);
      session.seek(session.end() / 2);
      int cpu = session.replayer().currentCpu();
      for (int i = 0; i < 200; i++) {
        lines.step(ProgressListener.NONE);
        assertEquals(cpu, session.replayer().currentCpu());
      }
      for (int i = 0; i < 200; i++) {
        lines.back(ProgressListener.NONE);
        assertEquals(cpu, session.replayer().currentCpu());
      }
    }
  }

  @Test
  void eventsNameTheCpu() {
    try (TraceSession session = TraceSession.open(trace())) {
      List<Event> modes =
          EventQuery.events(
              session, EnumSet.of(Event.Kind.MODE), 0, session.end(), 100, ProgressListener.NONE);
      for (int i = 0; i < CPUS; i++) {
        int cpu = i;
        long wide =
            modes.stream()
                .filter(e -> e.cpu() == cpu && e.text().contains("-> 64-bit code"))
                .count();
        assertEquals(1, wide, "CPU " + i + " went to long mode: " + modes);
      }
    }
  }

  @Test
  void eachCpuHasAStackOfCalls() {
    try (TraceSession session = TraceSession.open(trace())) {
      List<Call> calls =
          CallQuery.calls(session, "work", 100, 0, Long.MAX_VALUE, 100, ProgressListener.NONE);
      Set<Integer> cpus = new HashSet<>();
      for (Call call : calls) {
        assertTrue(cpus.add(call.cpu()), "each works once");
        assertEquals(call.cpu() == 0 ? "main" : "cpu_main", call.caller());
      }
      assertEquals(CPUS, cpus.size());
    }
  }
}
