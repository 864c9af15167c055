package org.chronovisor.gdb;

import java.util.Optional;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
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
      last-write ADDR[,LEN] who wrote this memory last before here
      info                  what was recorded, and how the run ended
      help                  this list
      """;

  private static final int DEFAULT_LENGTH = 8;

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
        case "last-write" -> lastWrite(argument);
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
    return where() + "gdb does not know yet: type 'maintenance flush register-cache'\n";
  }

  private String lastWrite(String argument) {
    int comma = argument.lastIndexOf(',');
    AddressExpression expression =
        AddressExpression.parse(comma < 0 ? argument : argument.substring(0, comma));
    long length;
    if (comma >= 0) {
      length = AddressExpression.number(argument.substring(comma + 1).strip());
    } else {
      long size = expression.symbol(session.symbols()).map(Symbol::size).orElse(0L);
      length = size > 0 && size <= LastWriter.LONGEST ? size : DEFAULT_LENGTH;
    }
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
