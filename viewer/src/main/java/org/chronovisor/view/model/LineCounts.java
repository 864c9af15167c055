package org.chronovisor.view.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.chronovisor.query.ExecutionCounts;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.trace.CodeBlock;

/** Executions of source lines: of a line, those of its instruction that was executed most often. */
public final class LineCounts {
  private final Map<String, Map<Integer, Long>> files = new HashMap<>();

  private LineCounts() {}

  /** By lines what was counted by addresses. */
  static LineCounts of(TraceSession session, ExecutionCounts counts) {
    LineCounts lines = new LineCounts();
    Set<Long> seen = new HashSet<>();
    for (CodeBlock block : session.trace().blocks()) {
      for (CodeBlock.Instruction instruction : block.instructions()) {
        long count = seen.add(instruction.pc()) ? counts.at(instruction.pc()) : 0;
        if (count > 0) {
          Optional<SourceLine> line = session.lines().at(instruction.pc());
          line.ifPresent(
              at ->
                  lines
                      .files
                      .computeIfAbsent(at.file(), f -> new HashMap<>())
                      .merge(at.line(), count, Math::max));
        }
      }
    }
    return lines;
  }

  /** Counts of a file's executed lines. */
  public Map<Integer, Long> of(String file) {
    return files.getOrDefault(file, Map.of());
  }
}
