package org.chronovisor.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.chronovisor.query.Delivery;
import org.chronovisor.query.StateQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.SourceFrame;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code state}: the registers before an instruction. */
@Command(
    name = "state",
    description = "Show the registers before an instruction, and where it is.",
    footer = {
      "",
      "Examples:",
      "  chronovisor state crash --at 0          the first recorded instruction",
      "  chronovisor state crash --at end --json the final state",
      "  chronovisor state crash --at end --cpu 1  that of the second vCPU"
    })
final class StateCommand extends TraceCommand {
  @Option(
      names = "--at",
      paramLabel = "N",
      required = true,
      description = "Instruction number, or 'end'.")
  String at;

  @Option(
      names = "--cpu",
      paramLabel = "K",
      description = "Number of a vCPU; without it the one that executes there.")
  Integer cpu;

  @Option(names = "--all", description = "Vector, x87 and system registers too.")
  boolean all;

  @Option(names = "--json", description = "Print one JSON object (with all registers).")
  boolean json;

  @Override
  int run(TraceSession session) {
    long position = position(session, at, "--at");
    StateQuery.State state =
        cpu == null ? StateQuery.at(session, position) : StateQuery.at(session, position, cpu);
    if (json) {
      Map<String, Object> map = toMap(session, state);
      if (state.instruction() != null) {
        Delivery.at(session, state.position())
            .ifPresent(
                delivery -> {
                  map.put("delivered", delivery.name());
                  map.put("interruptedPc", Json.hex(delivery.pc()));
                });
      }
      json(map);
      return ExitCode.GOOD;
    }
    out().printf("position  %d of %d%n", state.position(), session.end());
    if (session.replayer().cpus() > 1) {
      boolean executes = state.instruction() != null;
      out()
          .printf(
              "vCPU      %d of %d%s%n",
              state.number(),
              session.replayer().cpus(),
              executes ? "" : "; vCPU " + session.replayer().currentCpu() + " executes here");
    }
    out().printf("pc        %s%n", Format.place(state.pc(), session.symbols().name(state.pc())));
    if (state.source() != null) {
      out().printf("source    %s%n", state.source());
    }
    if (state.sourceText() != null) {
      out().printf("          %s%n", state.sourceText().strip());
    }
    for (int i = 0; i + 1 < state.levels().size(); i++) {
      SourceFrame outer = state.levels().get(i + 1);
      out()
          .printf(
              "inlined   %s into %s%s%n",
              Objects.requireNonNullElse(state.levels().get(i).function(), "?"),
              Objects.requireNonNullElse(outer.function(), "?"),
              outer.line() == null ? "" : " at " + outer.line());
    }
    if (state.instruction() != null) {
      out().printf("next      %s%n", state.instruction().display());
      hint(session, state.position());
    }
    out().println();
    out().print(RegisterView.table(state.cpu(), null, all));
    return ExitCode.GOOD;
  }

  /** Standing where an interrupt or exception was delivered, the registers are the handler's. */
  private void hint(TraceSession session, long position) {
    Delivery.at(session, position)
        .ifPresent(
            delivery ->
                out()
                    .printf(
                        "note      %s was delivered here, this is its handler; it came at %s%n",
                        delivery.name(),
                        Format.place(delivery.pc(), session.symbols().name(delivery.pc()))));
  }

  static Map<String, Object> toMap(TraceSession session, StateQuery.State state) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("position", state.position());
    map.put("cpu", state.number());
    map.put("cpus", session.replayer().cpus());
    map.put("pc", Json.hex(state.pc()));
    map.put("symbol", session.symbols().name(state.pc()));
    map.put("source", state.source());
    map.put("sourceText", state.sourceText());
    List<Map<String, Object>> levels = new ArrayList<>();
    for (SourceFrame level : state.levels()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("function", level.function());
      one.put("source", level.line() == null ? null : level.line().toString());
      levels.add(one);
    }
    map.put("inlineStack", levels);
    map.put("instruction", state.instruction() == null ? null : state.instruction().display());
    map.put("registers", RegisterView.all(state.cpu()));
    return map;
  }
}
