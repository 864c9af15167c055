package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.events.Event;
import org.chronovisor.query.events.EventQuery;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code events}: what happened besides plain execution. */
@Command(
    name = "events",
    description =
        "Show interrupts and exceptions, port and device I/O, memory written by devices, changes of"
            + " mode and page tables, and halts.",
    footer = {
      "",
      "KIND: interrupt, exception, system (iret, syscall, int and the like), port-in, port-out,"
          + " mmio-read, mmio-write, dma, mode, cr3, hlt, or 'all'. Without --kind: all but system,"
          + " port-in, port-out, mmio-read and mmio-write. Exit code 1: no event.",
      "",
      "Examples:",
      "  chronovisor events crash",
      "  chronovisor events crash --kind port-out,port-in --from 1000 --to 2000",
      "  chronovisor events crash --kind exception --json"
    })
final class EventsCommand extends TraceCommand {
  private static final int DEFAULT_LIMIT = 200;

  @Option(names = "--kind", paramLabel = "KIND,...", description = "Only events of these kinds.")
  String kind;

  @Option(names = "--from", paramLabel = "N", description = "Begin at this instruction.")
  String from = "0";

  @Option(names = "--to", paramLabel = "N", description = "End before this instruction.")
  String to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print at most so many events (default: 200).")
  int limit = DEFAULT_LIMIT;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    if (limit < 1) {
      throw new UsageException("--limit takes a number of at least 1");
    }
    Set<Event.Kind> kinds = kinds(kind);
    long begin = position(session, from, "--from");
    long end = to == null ? session.end() + 1 : position(session, to, "--to");
    List<Event> found =
        EventQuery.events(session, kinds, begin, end, limit, progress("reading events"));
    console().status().end();
    boolean more = found.size() > limit;
    List<Event> shown = more ? found.subList(0, limit) : found;
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("complete", !more);
      map.put("events", shown.stream().map(EventsCommand::toMap).toList());
      json(map);
    } else {
      int cpus = session.replayer().cpus();
      for (Event event : shown) {
        out()
            .printf(
                "%12d  %s%-10s  %s%n%26s%s%n",
                event.position(),
                cpus > 1 ? "vCPU " + event.cpu() + "  " : "",
                event.kind().label(),
                event.text(),
                "",
                Format.sourced(event.instruction()));
      }
      out().print(more ? String.format("... and more (--limit)%n") : "");
      if (shown.isEmpty()) {
        out().println("no such event");
      }
    }
    return shown.isEmpty() ? ExitCode.NO : ExitCode.GOOD;
  }

  /** Kinds by a list of names; the usual ones for null. */
  static Set<Event.Kind> kinds(String text) {
    if (text == null) {
      return EnumSet.complementOf(
          EnumSet.of(
              Event.Kind.SYSTEM,
              Event.Kind.PORT_IN,
              Event.Kind.PORT_OUT,
              Event.Kind.MMIO_READ,
              Event.Kind.MMIO_WRITE));
    }
    if (text.equals("all")) {
      return EnumSet.allOf(Event.Kind.class);
    }
    List<String> wanted = new ArrayList<>(List.of(text.split(",")));
    Set<Event.Kind> kinds = EnumSet.noneOf(Event.Kind.class);
    for (Event.Kind kind : Event.Kind.values()) {
      if (wanted.removeIf(name -> name.strip().equals(kind.label()))) {
        kinds.add(kind);
      }
    }
    if (!wanted.isEmpty()) {
      throw new UsageException("no kind of event '" + wanted.get(0) + "'");
    }
    return kinds;
  }

  private static Map<String, Object> toMap(Event event) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("position", event.position());
    map.put("kind", event.kind().label());
    map.put("cpu", event.cpu());
    map.put("text", event.text());
    map.put("pc", Json.hex(event.instruction().pc()));
    map.put("symbol", event.instruction().symbol());
    map.put("source", event.instruction().source());
    map.put("instruction", event.instruction().display());
    map.put("vector", event.vector() < 0 ? null : event.vector());
    map.put("address", Json.hex(event.address()));
    map.put("value", event.value());
    return map;
  }
}
