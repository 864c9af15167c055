package org.chronovisor.cli;

import java.util.Locale;
import org.chronovisor.recorder.RecordListener;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;

/** Shows a recording while it runs, and says how it went. */
final class RecordingStatus implements RecordListener {
  private final Console console;
  private final GuestStream guest;
  private final boolean quiet;

  /**
   * @param quiet no summary
   */
  RecordingStatus(Console console, GuestStream guest, boolean quiet) {
    this.console = console;
    this.guest = guest;
    this.quiet = quiet;
  }

  @Override
  public void notice(String line) {
    say(line);
  }

  @Override
  public void waiting(long startAddress) {
    if (!guest.isLineOpen()) {
      console.status().show("waiting for the guest to reach " + Format.hex(startAddress));
    }
  }

  @Override
  public void progress(long instructions, double mips, long traceBytes, String lastConsoleLine) {
    if (!guest.isLineOpen()) {
      console
          .status()
          .show(
              String.format(
                  Locale.ROOT,
                  "%,d instructions  %.0f MIPS  %s  | %s",
                  instructions,
                  mips,
                  Format.bytes(traceBytes),
                  lastConsoleLine));
    }
  }

  @Override
  public void finished(RecordSummary summary) {
    console.status().clear();
    if (quiet) {
      return;
    }
    if (guest.isLineOpen()) {
      console.err().println();
    }
    say(summary.message() + " (" + summary.endReason() + ")" + where(summary));
    say(
        String.format(
            Locale.ROOT,
            "%,d instructions in %.1f s (%.0f MIPS), %s, %.3f bytes per instruction",
            summary.instructions(),
            summary.wallSeconds(),
            summary.mips(),
            Format.bytes(summary.traceBytes()),
            summary.bytesPerInstruction()));
    if (summary.slowdown() > 0) {
      say("slow-down of QEMU: " + Format.slowdown(summary.slowdown()));
    }
    for (String line : summary.inexact()) {
      say("inexact: " + line);
    }
    say("trace: " + summary.trace() + (summary.complete() ? "" : " (final state unknown)"));
  }

  private static String where(RecordSummary summary) {
    if (summary.pc() == 0) {
      return "";
    }
    String symbol = null;
    try (TraceReader trace = Traces.open(summary.trace())) {
      symbol = new SymbolTable(trace.symbols()).name(summary.pc());
    } catch (RuntimeException traceStillOpen) {
      // The name is a courtesy.
    }
    return " at " + Format.place(summary.pc(), symbol);
  }

  private void say(String line) {
    synchronized (console.status()) {
      console.status().clear();
      console.err().println("chronovisor: " + line);
      console.err().flush();
    }
  }
}
