package org.chronovisor.cli;

import java.util.function.Predicate;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Search;
import picocli.CommandLine.Command;

/** {@code find-reads}: every instruction that read some memory. */
@Command(
    name = "find-reads",
    description = "Find the instructions that read memory.",
    footer = {
      "",
      "The MMU's reads of page tables are not among them. Every segment in the range is replayed."
          + " The condition may use 'value', the memory read. Exit code 1: nothing found.",
      "",
      "Example:",
      "  chronovisor find-reads crash free_list --first --from 100000"
    })
final class FindReadsCommand extends FindAccessCommand {
  @Override
  void search(TraceSession session, Search search, long end, Predicate<Hit> sink) {
    search.reads(parts(session, end), sink);
  }
}
