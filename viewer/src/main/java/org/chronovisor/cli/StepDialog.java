package org.chronovisor.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.LineStepper;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.Stepper;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.query.events.Event;
import org.chronovisor.query.events.EventQuery;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.x86.CpuState;

/** The commands of interactive stepping. */
final class StepDialog {
  private static final int DEFAULT_MEMORY = 64;
  private static final int CONSOLE_LINES = 10;
  private static final int MOST_CHANGES = 6;
  private static final String HELP =
      """
      s [N]          execute N instructions (1)
      rs [N]         take N instructions back (1)
      n [N]          like s, but over calls
      rn [N]         like rs, but back over calls
      l, rl [N]      to the next, to the previous source line
      nl, rnl [N]    like l and rl, but over calls
      f, rf          to the return from this function; back to its call
      b WHERE        breakpoint: 0x..., symbol, symbol+off, file:line
      w ADDR[,LEN]   watchpoint: a change; wr: a read; wa: any access
                     all take 'if CONDITION', as find-exec does
      i, d N         list breakpoints and watchpoints; delete one
      c, rc          continue to the next one; back to the one before
      u, ru WHERE    run to, run back to a place in the code
      e, re [KIND]   to the next, to the previous event (kinds: 'events --help')
      goto N         go to instruction N, 'start' or 'end'
      r [all]        registers; * marks what the last move changed
      x ADDR [LEN]   memory: 0x..., symbol, symbol+off, $register, phys:0x...
      lw ADDR[,LEN]  last write before here (then 'goto' its position)
      bt             active functions, and how each was found
      console        what the guest had printed by now (last 10 lines)
      q              quit; an empty line repeats the last command
      """;

  private final TraceSession session;
  private final Console console;
  private final PrintWriter out;
  private final Stepper stepper;
  private final LineStepper lines;
  private final StopList stops;
  private String last = "";
  private CpuState before;

  StepDialog(TraceSession session, Console console) {
    this.session = session;
    this.console = console;
    out = console.out();
    stepper = new Stepper(session);
    lines = new LineStepper(session);
    stops = new StopList(session);
  }

  void begin() {
    before = cpu();
    out.printf("instructions 0 to %d; 'help' lists the commands%n", session.end());
    where();
  }

  String prompt() {
    Replayer replayer = session.replayer();
    String cpu = replayer.cpus() > 1 ? " cpu " + replayer.currentCpu() : "";
    return "(" + stepper.position() + cpu + ") ";
  }

  /** Executes one line; false to quit. */
  boolean execute(String line) {
    String text = line.strip();
    if (text.isEmpty()) {
      text = last;
    }
    last = text;
    String[] words = text.isEmpty() ? new String[] {""} : text.split("\\s+", 2);
    String rest = words.length > 1 ? words[1] : "";
    try {
      switch (words[0]) {
        case "" -> {}
        case "q", "quit", "exit" -> {
          return false;
        }
        case "h", "?", "help" -> out.print(HELP);
        case "s", "step", "si" -> move(() -> stepper.step(count(rest)));
        case "rs", "rsi" -> move(() -> stepper.back(count(rest)));
        case "n", "next", "ni" -> move(() -> over(count(rest)));
        case "rn", "rni" -> move(() -> reverseOver(count(rest)));
        case "l" -> lines(rest, lines::step);
        case "rl" -> lines(rest, lines::back);
        case "nl" -> lines(rest, lines::over);
        case "rnl" -> lines(rest, lines::reverseOver);
        case "f", "finish" -> move(() -> finish(true));
        case "rf" -> move(() -> finish(false));
        case "b", "break" -> out.println(stops.addBreakpoint(rest));
        case "w", "watch" -> out.println(stops.addWatchpoint(Watchpoint.Kind.CHANGE, rest));
        case "wr" -> out.println(stops.addWatchpoint(Watchpoint.Kind.READ, rest));
        case "wa" -> out.println(stops.addWatchpoint(Watchpoint.Kind.ACCESS, rest));
        case "i" -> listStops();
        case "d", "delete" -> delete(rest);
        case "c", "continue" -> move(() -> run(stops, true));
        case "rc" -> move(() -> run(stops, false));
        case "u", "until" -> move(() -> runTo(rest, true));
        case "ru" -> move(() -> runTo(rest, false));
        case "e" -> move(() -> event(rest, true));
        case "re" -> move(() -> event(rest, false));
        case "goto", "g" -> move(() -> stepper.goTo(target(rest)));
        case "r", "regs" -> out.print(RegisterView.table(cpu(), before, rest.equals("all")));
        case "x", "mem" -> memory(rest);
        case "lw", "last-write" -> lastWrite(rest);
        case "bt" -> backtrace();
        case "console" -> printed();
        default -> out.println("no command '" + words[0] + "'; 'help' lists them");
      }
    } catch (QueryException | AddressException | UsageException e) {
      out.println(e.getMessage());
    } finally {
      console.status().end();
    }
    return true;
  }

  private CpuState cpu() {
    return session.replayer().cpu().save();
  }

  private void move(Runnable motion) {
    Replayer replayer = session.replayer();
    List<CpuState> all = new ArrayList<>();
    for (int i = 0; i < replayer.cpus(); i++) {
      all.add(replayer.state(i));
    }
    long from = stepper.position();
    motion.run();
    console.status().end();
    // Another vCPU's turn may have begun: its registers are compared with its own.
    before = all.get(replayer.currentCpu());
    if (stepper.position() == from && (stepper.atEnd() || stepper.atStart())) {
      out.println(stepper.atEnd() ? "the end of the recording" : "the start of the recording");
    }
    where();
    changes(before);
  }

  private void over(long count) {
    for (long i = 0; i < count && !stepper.atEnd(); i++) {
      console.status().begin("running to the return");
      if (!stepper.over(console.status()::progress)) {
        out.println("the call did not return before the end of the recording");
      }
    }
  }

  private void reverseOver(long count) {
    for (long i = 0; i < count && !stepper.atStart(); i++) {
      console.status().begin("searching the call");
      stepper.reverseOver(console.status()::progress);
    }
  }

  private void lines(String rest, Consumer<ProgressListener> step) {
    long count = count(rest);
    move(
        () -> {
          console.status().begin("walking to another line");
          for (long i = 0; i < count; i++) {
            step.accept(console.status()::progress);
          }
        });
  }

  private void finish(boolean forwards) {
    console.status().begin(forwards ? "running to the return" : "searching the call");
    ProgressListener progress = console.status()::progress;
    if (!(forwards ? stepper.finish(progress) : stepper.reverseFinish(progress))) {
      out.println("not within the recording");
    }
  }

  private void listStops() {
    if (stops.lines().isEmpty()) {
      out.println("no breakpoints and no watchpoints: 'b WHERE' and 'w ADDR' make some");
    }
    stops.lines().forEach(out::println);
  }

  private void delete(String rest) {
    if (rest.isEmpty() || !stops.remove(count(rest))) {
      out.println("'i' lists the numbers to delete by");
    }
  }

  private void run(StopList list, boolean forwards) {
    console.status().begin(forwards ? "running" : "running backwards");
    String reason = list.run(forwards, console.status()::progress);
    console.status().end();
    out.println("stopped: " + reason);
  }

  private void runTo(String where, boolean forwards) {
    StopList one = new StopList(session);
    one.addBreakpoint(where);
    run(one, forwards);
  }

  private void event(String kind, boolean forwards) {
    Set<Event.Kind> kinds = EventsCommand.kinds(kind.isEmpty() ? null : kind);
    long here = stepper.position();
    console.status().begin("searching an event");
    ProgressListener progress = console.status()::progress;
    Optional<Event> found =
        forwards
            ? EventQuery.next(session, kinds, here + 1, progress)
            : EventQuery.previous(session, kinds, here, progress);
    session.seek(found.map(Event::position).orElse(here));
    console.status().end();
    out.println(
        found
            .map(event -> "stopped: " + event.kind().label() + ": " + event.text())
            .orElse("no such event " + (forwards ? "from here on" : "before")));
  }

  private void where() {
    Replayer replayer = session.replayer();
    String cpu = replayer.cpus() > 1 ? "vCPU " + replayer.currentCpu() + "  " : "";
    out.printf("%10d  %s%s%n", stepper.position(), cpu, Format.sourced(session.next()));
  }

  /** The registers that a move changed. */
  private void changes(CpuState old) {
    Map<String, String> was = RegisterView.all(old);
    List<String> changes = new ArrayList<>();
    RegisterView.all(cpu())
        .forEach(
            (name, value) -> {
              if (!value.equals(was.get(name)) && !name.equals("rip")) {
                changes.add(name + " " + was.get(name) + " -> " + value);
              }
            });
    if (changes.size() > MOST_CHANGES) {
      out.println("            " + changes.size() + " registers changed; 'r' shows them");
    } else if (!changes.isEmpty()) {
      out.println("            " + String.join("  ", changes));
    }
  }

  private void memory(String rest) {
    String[] words = rest.split("\\s+", -1);
    if (words[0].isEmpty() || words.length > 2) {
      throw new UsageException("x ADDR [LENGTH]");
    }
    int length =
        words.length == 2 ? TraceCommand.length(words[1], MemoryQuery.LONGEST) : DEFAULT_MEMORY;
    AddressExpression expression = AddressExpression.parse(words[0]);
    out.print(Format.dump(MemoryQuery.read(session, stepper.position(), expression, length)));
  }

  private void lastWrite(String rest) {
    if (rest.isEmpty()) {
      throw new UsageException("lw ADDR[,LENGTH]");
    }
    long here = stepper.position();
    LastWriteCommand.Range range = LastWriteCommand.range(session, rest.replace(" ", ""));
    console.status().begin("searching backwards");
    try {
      Optional<MemoryWrite> found =
          LastWriter.find(
              session, here, range.expression(), range.length(), console.status()::progress);
      out.print(
          found
              .map(LastWriteCommand::text)
              .orElse("not written since the recording started: initial content\n"));
    } finally {
      session.seek(here);
    }
  }

  private void backtrace() {
    for (Backtrace.Frame frame : Backtrace.at(session, stepper.position())) {
      out.println("  " + Format.frame(frame));
    }
  }

  private void printed() {
    console.status().begin("reading the console");
    List<ConsoleLine> lines =
        ConsoleQuery.lines(session.trace(), stepper.position(), console.status()::progress);
    for (ConsoleLine line :
        lines.subList(Math.max(0, lines.size() - CONSOLE_LINES), lines.size())) {
      out.printf("%10d  %s%n", line.position(), line.text());
    }
  }

  private long target(String text) {
    if (text.equals("start")) {
      return 0;
    }
    if (text.isEmpty()) {
      throw new UsageException("goto N");
    }
    return TraceCommand.position(session, text, "goto");
  }

  private static long count(String text) {
    if (text.isEmpty()) {
      return 1;
    }
    try {
      long count = Long.parseLong(text);
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageException("'" + text + "' is not a number of instructions");
  }
}
