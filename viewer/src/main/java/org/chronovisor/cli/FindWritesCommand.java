package org.chronovisor.cli;

import java.util.function.Predicate;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Search;
import picocli.CommandLine.Command;

/** {@code find-writes}: everything that wrote some memory. */
@Command(
    name = "find-writes",
    description = "Find everything that wrote to memory: stores, interrupts' frames, devices.",
    footer = {
      "",
      "The range is followed by its physical address, as mapped at the end of the search. The"
          + " condition may use 'value', the memory behind the write. Exit code 1: nothing found.",
      "",
      "Examples:",
      "  chronovisor find-writes crash free_list --last",
      "  chronovisor find-writes crash 0x104ff0,8 --from 1000 --to 2000 --if 'value==0'"
    })
final class FindWritesCommand extends FindAccessCommand {
  @Override
  void search(TraceSession session, Search search, long end, Predicate<Hit> sink) {
    search.writes(parts(session, end), sink);
  }
}
