package org.chronovisor.cli;

import java.util.List;
import org.chronovisor.query.NotMappedException;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Parameters;

/** What the searches for accesses to memory have in common. */
abstract class FindAccessCommand extends SearchCommand {
  @Parameters(
      index = "1",
      paramLabel = "ADDR[,LENGTH]",
      description = "Address as in 'mem'; without LENGTH the size of the symbol, or else 8 bytes.")
  String range;

  /** The range by its mapping at a position, or, where it has none there, at the search's start. */
  final List<PhysicalRange> parts(TraceSession session, long end) {
    long begin = position(session, from, "--from");
    LastWriteCommand.Range wanted = LastWriteCommand.range(session, range);
    for (long at : new long[] {end, begin}) {
      session.seek(at);
      long address = session.evaluate(wanted.expression());
      List<PhysicalRange> parts =
          PhysicalRange.split(
              wanted.expression().physical() ? null : session.replayer().cpu().mmu,
              address,
              wanted.length());
      if (parts != null) {
        return parts;
      }
      if (at == begin) {
        throw new NotMappedException(address, end);
      }
    }
    throw new IllegalStateException();
  }
}
