package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;

/**
 * Something that happened in a run besides its instructions.
 *
 * @param position of the instruction, or the one before which it happened
 */
public record RunEvent(long position, Kind kind, String text) {
  /** No list is longer. */
  public static final int MOST = 200_000;

  private static final long SERIAL = 0x3f8;

  /** What kind of thing. */
  public enum Kind {
    INTERRUPT,
    TRANSFER,
    PORT,
    SERIAL,
    MMIO,
    DMA,
    AUDIT
  }

  /** All events of a trace by position, the first {@link #MOST} of them. */
  public static List<RunEvent> all(TraceSession session, ProgressListener progress) {
    TraceReader trace = session.trace();
    List<RunEvent> found = new ArrayList<>();
    for (int i = 0; i < trace.segmentCount() && found.size() < MOST; i++) {
      progress.progress(i, trace.segmentCount());
      List<RunEvent> here = new ArrayList<>();
      SegmentEvents events = trace.events(i);
      events.transfers().forEach(transfer -> here.add(of(transfer, session)));
      events.outputs().forEach(output -> here.add(of(output)));
      events.memory().stream()
          .filter(event -> event.kind() != MemoryEvent.Kind.STORE)
          .forEach(event -> here.add(of(event)));
      here.sort((a, b) -> Long.compare(a.position, b.position));
      found.addAll(here);
    }
    return found.size() > MOST ? List.copyOf(found.subList(0, MOST)) : found;
  }

  private static RunEvent of(Transfer transfer, TraceSession session) {
    String symbol = session.symbols().name(transfer.pc());
    String place = symbol == null ? Texts.hex(transfer.pc()) : symbol;
    return transfer.special()
        ? new RunEvent(transfer.position(), Kind.TRANSFER, "to " + place)
        : new RunEvent(transfer.position(), Kind.INTERRUPT, "to " + place);
  }

  private static RunEvent of(PortOutput output) {
    boolean serial = output.port() == SERIAL && output.size() == 1;
    String character =
        serial && output.value() >= 0x20 && output.value() < 0x7f
            ? "  '" + (char) output.value() + "'"
            : "";
    return new RunEvent(
        output.position(),
        serial ? Kind.SERIAL : Kind.PORT,
        String.format("port 0x%x = 0x%x%s", output.port(), output.value(), character));
  }

  private static RunEvent of(MemoryEvent event) {
    String bytes = bytes(event.data());
    String address = String.format("phys:0x%x", event.physical());
    return switch (event.kind()) {
      case EXTERNAL -> new RunEvent(event.position(), Kind.DMA, address + " := " + bytes);
      case AUDIT -> new RunEvent(event.position(), Kind.AUDIT, address + " := " + bytes);
      case MMIO_LOAD ->
          new RunEvent(event.position(), Kind.MMIO, "load " + address + " = " + bytes);
      case MMIO_STORE, STORE ->
          new RunEvent(event.position(), Kind.MMIO, "store " + address + " = " + bytes);
    };
  }

  private static String bytes(byte[] data) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(8, data.length); i++) {
      text.append(i == 0 ? "" : " ").append(String.format("%02x", data[i] & 0xff));
    }
    return data.length > 8 ? text + " ... (" + data.length + " bytes)" : text.toString();
  }
}
