package org.chronovisor.gdb;

import java.util.Optional;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallQuery;
import org.chronovisor.query.explain.Explanation;
import org.chronovisor.query.origin.Cell;
import org.chronovisor.query.origin.Origin;
import org.chronovisor.query.origin.OriginFinder;
import org.chronovisor.query.origin.Step;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceEnd;

/** What gdb's {@code monitor} command can ask: questions that the protocol has no packet for. */
final class MonitorCommands {
  private static final String HELP =
      """
      where                 the position, and the instruction there
      goto N|end            go to a position; then type: maintenance flush register-cache
                            and: maintenance flush dcache
      backtrace             active functions, and how each was found
      calls                 active functions by the history of calls
      last-write ADDR[,LEN] who wrote this memory last before here
      origin REG|ADDR[,LEN] where a value came from, backwards
      explain               why the run failed
      info                  what was recorded, and how the run ended
      help                  this list
      """;

  private static final int DEFAULT_LENGTH = 8;

  /** Steps shown of one trail. */
  private static final int MOST_STEPS = 12;

  private final TraceSession session;
  private final ProgressListener progress;

  MonitorCommands(TraceSession session, ProgressListener progress) {
    this.session = session;
    this.progress = progress;
  }

  /** Executes a command; what it answers ends in a line end. */
  String execute(String command) {
    String[] words = command.strip().split("\\s+", 2);
    String argument = words.length > 1 ? words[1] : "";
    try {
      return switch (words[0]) {
        case "", "help" -> HELP;
        case "where" -> where();
        case "goto" -> go(argument);
        case "backtrace", "bt" -> backtrace();
        case "calls" -> calls();
        case "last-write" -> lastWrite(argument);
        case "origin" -> origin(argument);
        case "explain" -> explain();
        case "info" -> info();
        default -> "no command '" + words[0] + "'; 'monitor help' lists them\n";
      };
    } catch (QueryException | AddressException e) {
      return e.getMessage() + "\n";
    }
  }

  private String where() {
    var view = session.next();
    return String.format(
        "position %d of %d: 0x%x%s  %s%s\n",
        session.replayer().position(),
        session.end(),
        view.pc(),
        view.symbol() == null ? "" : " " + view.symbol(),
        view.display(),
        view.source() == null ? "" : "  " + view.source());
  }

  private String go(String argument) {
    long position;
    if (argument.equals("end")) {
      position = session.end();
    } else {
      try {
        position = Long.parseLong(argument.replace("_", ""));
      } catch (NumberFormatException e) {
        return "goto takes an instruction number in decimal digits, or 'end'\n";
      }
    }
    session.seek(position);
    return where()
        + "gdb does not know yet: type 'maintenance flush register-cache', then 'maintenance flush"
        + " dcache'\n";
  }

  private String backtrace() {
    StringBuilder text = new StringBuilder();
    int number = 0;
    for (Backtrace.Frame frame : Backtrace.at(session, session.replayer().position())) {
      text.append(
          String.format(
              "#%-3d 0x%x%s%s  (%s)\n",
              number++,
              frame.pc(),
              frame.symbol() == null ? "" : " " + frame.symbol(),
              frame.source() == null ? "" : "  " + frame.source(),
              frame.how().text()));
    }
    return text.toString();
  }

  private String calls() {
    long here = session.replayer().position();
    try {
      StringBuilder text = new StringBuilder();
      for (Call call : CallQuery.activeAt(session, here, progress)) {
        text.append(String.format("%s, entered at position %d\n", call.function(), call.entry()));
      }
      return text.toString();
    } finally {
      session.seek(here);
    }
  }

  private String origin(String argument) {
    long here = session.replayer().position();
    try {
      Origin origin =
          new OriginFinder(session, progress)
              .follow(here, cell(argument.strip()), OriginFinder.DEFAULT_STEPS);
      StringBuilder text = new StringBuilder();
      origin.steps().forEach(step -> append(text, step));
      return text.append("origin: ").append(origin.text()).append('\n').toString();
    } finally {
      session.seek(here);
    }
  }

  private Cell cell(String text) {
    for (int i = 0; i < 16; i++) {
      String name = Cell.register(i).name(session);
      if (text.equals(name) || text.equals("$" + name)) {
        return Cell.register(i);
      }
    }
    Range range = range(text);
    long address = session.evaluate(range.expression);
    int length = (int) Math.min(range.length, DEFAULT_LENGTH);
    return range.expression.physical()
        ? Cell.physical(address, length)
        : Cell.memory(session, address, length);
  }

  private static void append(StringBuilder text, Step step) {
    text.append(
        String.format(
            "position %d: %s: %s\n", step.position(), place(step.instruction()), step.text()));
  }

  private static String place(InstructionView view) {
    return String.format(
        "0x%x%s%s",
        view.pc(),
        view.symbol() == null ? "" : " " + view.symbol(),
        view.source() == null ? "" : " " + view.source());
  }

  private String explain() {
    long here = session.replayer().position();
    try {
      Explanation found = Explanation.of(session, progress);
      StringBuilder text = new StringBuilder();
      text.append(
          String.format(
              "%s\nposition %d: %s\n",
              found.failure().summary(),
              found.failure().position(),
              place(found.failure().instruction())));
      for (Explanation.Trail trail : found.trails()) {
        text.append(String.format("where %s came from:\n", trail.title()));
        trail.origin().steps().stream().limit(MOST_STEPS).forEach(step -> append(text, step));
        text.append("origin: ").append(trail.origin().text()).append('\n');
      }
      if (found.rootCause() != null) {
        text.append(
            String.format(
                "root cause: %s\nposition %d: %s\n",
                found.rootCause().text(),
                found.rootCause().position(),
                place(found.rootCause().instruction())));
      }
      return text.toString();
    } finally {
      session.seek(here);
    }
  }

  private record Range(AddressExpression expression, long length) {}

  private Range range(String argument) {
    int comma = argument.lastIndexOf(',');
    AddressExpression expression =
        AddressExpression.parse(comma < 0 ? argument : argument.substring(0, comma));
    if (comma >= 0) {
      return new Range(expression, AddressExpression.number(argument.substring(comma + 1).strip()));
    }
    long size = expression.symbol(session.symbols()).map(Symbol::size).orElse(0L);
    return new Range(expression, size > 0 && size <= LastWriter.LONGEST ? size : DEFAULT_LENGTH);
  }

  private String lastWrite(String argument) {
    Range range = range(argument);
    AddressExpression expression = range.expression;
    long length = range.length;
    if (length < 1 || length > LastWriter.LONGEST) {
      return "a length must be from 1 to " + LastWriter.LONGEST + " bytes\n";
    }
    long here = session.replayer().position();
    try {
      Optional<MemoryWrite> found =
          LastWriter.find(session, here, expression, (int) length, progress);
      return found
          .map(MonitorCommands::describe)
          .orElse("not written since the recording started: initial content\n");
    } finally {
      session.seek(here);
    }
  }

  private static String describe(MemoryWrite write) {
    return String.format(
        "position %d: %s, at 0x%x%s  %s%s\n",
        write.position(),
        write.kind().description(),
        write.pc(),
        write.instruction().symbol() == null ? "" : " " + write.instruction().symbol(),
        write.instruction().display(),
        write.source() == null ? "" : "  " + write.source());
  }

  private String info() {
    var header = session.trace().header();
    String end = session.trace().end().map(TraceEnd::message).orElse("the recording was cut off");
    return String.format(
        "%d instructions in %d segments, recorded under QEMU %s\n%s\n%s\n",
        session.end(),
        session.trace().segmentCount(),
        header.qemu(),
        String.join(" ", header.commandLine()),
        end);
  }
}
