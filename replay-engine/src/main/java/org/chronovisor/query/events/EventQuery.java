package org.chronovisor.query.events;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.chronovisor.query.Delivery;
import org.chronovisor.query.InstructionView;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Vectors;
import org.chronovisor.query.events.Event.Kind;
import org.chronovisor.query.search.Condition;
import org.chronovisor.query.search.Hit;
import org.chronovisor.query.search.Range;
import org.chronovisor.query.search.Search;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Segment;

/** The events of a run: most are in the recording, others are found by replaying. */
public final class EventQuery {
  private static final int EXCEPTIONS = 32;
  private static final int MOST_BYTES = 16;

  /** Instructions looked at before more are. */
  private static final long FIRST_WINDOW = 100_000;

  private static final long LONG_ACTIVE = 1 << 10;

  /** The extended feature enable register's number. */
  private static final String EFER = "0xc0000080";

  private final TraceSession session;
  private final TraceReader trace;
  private final long from;
  private final long to;
  private final int most;
  private final ProgressListener progress;

  private EventQuery(
      TraceSession session, long from, long to, int most, ProgressListener progress) {
    this.session = session;
    trace = session.trace();
    this.from = from;
    this.to = to;
    this.most = most;
    this.progress = progress;
  }

  /**
   * Events in order of position.
   *
   * @param from first position
   * @param to position behind the last
   * @param most the first ones; one more when there are more
   */
  public static List<Event> events(
      TraceSession session,
      Set<Kind> kinds,
      long from,
      long to,
      int most,
      ProgressListener progress) {
    return new EventQuery(session, from, to, most, progress).find(kinds);
  }

  /** The first event at or behind a position. */
  public static Optional<Event> next(
      TraceSession session, Set<Kind> kinds, long from, ProgressListener progress) {
    long end = session.end() + 1;
    long low = from;
    for (long size = FIRST_WINDOW; low < end; size *= 2) {
      progress.progress(low - from, end - from);
      long high = Math.min(end, low + size);
      Optional<Event> found = nearest(session, kinds, low, high, true);
      if (found.isPresent()) {
        return found;
      }
      low = high;
    }
    return Optional.empty();
  }

  /** The last event before a position. */
  public static Optional<Event> previous(
      TraceSession session, Set<Kind> kinds, long before, ProgressListener progress) {
    long high = before;
    for (long size = FIRST_WINDOW; high > 0; size *= 2) {
      progress.progress(before - high, before);
      long low = Math.max(0, high - size);
      Optional<Event> found = nearest(session, kinds, low, high, false);
      if (found.isPresent()) {
        return found;
      }
      high = low;
    }
    return Optional.empty();
  }

  /** The windows that are searched grow, so that a near event is soon found. */
  private static Optional<Event> nearest(
      TraceSession session, Set<Kind> kinds, long low, long high, boolean first) {
    EventQuery query =
        new EventQuery(session, low, high, Integer.MAX_VALUE - 1, ProgressListener.NONE);
    List<Found> found = query.found(kinds);
    if (!first) {
      Collections.reverse(found);
    }
    return found.stream().map(query::describe).filter(Objects::nonNull).findFirst();
  }

  private List<Event> find(Set<Kind> kinds) {
    List<Found> found = found(kinds);
    return found.subList(0, Math.min(found.size(), most + 1)).stream()
        .map(this::describe)
        .filter(Objects::nonNull)
        .toList();
  }

  private List<Found> found(Set<Kind> kinds) {
    List<Found> found = recorded(kinds);
    found.addAll(executed(kinds));
    found.sort(Comparator.comparingLong(Found::position));
    return found;
  }

  /** Null when it turns out to be none. */
  private Event describe(Found one) {
    session.seek(one.position);
    int cpu = one.cpu < 0 ? session.replayer().currentCpu() : one.cpu;
    Event event = one.make.event(session.next());
    return event == null ? null : event.on(cpu);
  }

  /**
   * An event that is described only when it is shown.
   *
   * @param cpu number of the vCPU, -1 for the one that executes the instruction at the position
   */
  private record Found(long position, int cpu, Maker make) {
    Found(long position, Maker make) {
      this(position, -1, make);
    }
  }

  /** Describes an event; the session stands at it. */
  @FunctionalInterface
  private interface Maker {
    Event event(InstructionView next);
  }

  // ---- in the recording ------------------------------------------------------------------------

  private List<Found> recorded(Set<Kind> kinds) {
    List<Found> found = new ArrayList<>();
    Set<Kind> inRecording =
        EnumSet.of(
            Kind.INTERRUPT,
            Kind.EXCEPTION,
            Kind.SYSTEM,
            Kind.PORT_OUT,
            Kind.MMIO_READ,
            Kind.MMIO_WRITE,
            Kind.DMA);
    inRecording.retainAll(kinds);
    if (inRecording.isEmpty()) {
      return found;
    }
    Vectors vectors = new Vectors(session);
    int count = trace.segmentCount();
    for (int i = 0; i < count && found.size() <= most; i++) {
      progress.progress(i, count);
      if (progress.isCancelled()) {
        throw new java.util.concurrent.CancellationException();
      }
      if (trace.segment(i).start() < to && trace.segment(i).end() >= from) {
        SegmentEvents events = trace.events(i);
        int cpu = trace.segment(i).cpu();
        for (int t = 0; t < events.transfers().size(); t++) {
          Transfer transfer = events.transfers().get(t);
          if (isIn(transfer.position())) {
            transfer(transfer, i, events.cpuOfTransfer(t, cpu), vectors, kinds, found);
          }
        }
        outputs(events.outputs(), kinds, found);
        memory(events, cpu, kinds, found);
      }
    }
    return found;
  }

  private boolean isIn(long position) {
    return position >= from && position < to;
  }

  private void transfer(
      Transfer transfer,
      int segment,
      int cpu,
      Vectors vectors,
      Set<Kind> kinds,
      List<Found> found) {
    long position = transfer.position();
    if (transfer.special()) {
      if (kinds.contains(Kind.SYSTEM)) {
        found.add(
            new Found(
                position,
                cpu,
                next -> {
                  InstructionView by = before(position);
                  return new Event(
                      position,
                      Kind.SYSTEM,
                      by,
                      "to " + place(transfer.pc()),
                      -1,
                      transfer.pc(),
                      null);
                }));
      }
      return;
    }
    if (!kinds.contains(Kind.INTERRUPT) && !kinds.contains(Kind.EXCEPTION)) {
      return;
    }
    Delivery delivery = Delivery.of(vectors, transfer, segment);
    Kind kind =
        delivery.vector() >= 0 && delivery.vector() < EXCEPTIONS ? Kind.EXCEPTION : Kind.INTERRUPT;
    if (kinds.contains(kind)) {
      found.add(
          new Found(
              position,
              cpu,
              next ->
                  new Event(
                      position,
                      kind,
                      InstructionView.at(session, delivery.pc()),
                      delivery.name()
                          + " (vector "
                          + delivery.vector()
                          + "), frame at 0x"
                          + Long.toHexString(transfer.frameAddress())
                          + ", to "
                          + place(transfer.pc()),
                      delivery.vector(),
                      transfer.pc(),
                      null)));
    }
  }

  /** The instruction that retired last before a position. */
  private InstructionView before(long position) {
    if (position == 0) {
      return session.next();
    }
    session.seek(position - 1);
    return session.next();
  }

  private String place(long address) {
    String symbol = session.symbols().name(address);
    String hex = "0x" + Long.toHexString(address);
    return symbol == null ? hex : hex + " " + symbol;
  }

  private void outputs(List<PortOutput> outputs, Set<Kind> kinds, List<Found> found) {
    if (!kinds.contains(Kind.PORT_OUT)) {
      return;
    }
    for (PortOutput output : outputs) {
      if (isIn(output.position())) {
        String value = "0x" + Long.toHexString(output.value());
        found.add(
            new Found(
                output.position(),
                next ->
                    new Event(
                        output.position(),
                        Kind.PORT_OUT,
                        next,
                        String.format("port 0x%x = %s", output.port(), value),
                        -1,
                        output.port(),
                        value)));
      }
    }
  }

  private void memory(SegmentEvents events, int cpu, Set<Kind> kinds, List<Found> found) {
    for (int i = 0; i < events.memory().size(); i++) {
      MemoryEvent event = events.memory().get(i);
      Kind kind =
          switch (event.kind()) {
            case EXTERNAL, AUDIT -> Kind.DMA;
            case MMIO_LOAD -> Kind.MMIO_READ;
            case MMIO_STORE -> Kind.MMIO_WRITE;
            default -> null;
          };
      if (kind != null && kinds.contains(kind) && isIn(event.position())) {
        String value = value(event.data());
        String what =
            String.format(
                "%s0x%x, %d byte%s: %s",
                kind != Kind.DMA
                    ? "device memory at "
                    : event.kind() == MemoryEvent.Kind.AUDIT
                        ? "a device or the MMU, found by the audit: "
                        : "a device or the MMU, first seen here: ",
                event.physical(),
                event.data().length,
                event.data().length == 1 ? "" : "s",
                value);
        found.add(
            new Found(
                event.position(),
                events.cpuOfMemory(i, cpu),
                next ->
                    new Event(event.position(), kind, next, what, -1, event.physical(), value)));
      }
    }
  }

  private static String value(byte[] data) {
    if (data.length <= 8) {
      long number = 0;
      for (int i = data.length - 1; i >= 0; i--) {
        number = number << 8 | (data[i] & 0xff);
      }
      return "0x" + Long.toHexString(number);
    }
    String hex = HexFormat.of().formatHex(data, 0, Math.min(MOST_BYTES, data.length));
    return data.length > MOST_BYTES ? hex + "..." : hex;
  }

  // ---- found by replaying ----------------------------------------------------------------------

  private List<Found> executed(Set<Kind> kinds) {
    Map<Long, Kind> addresses = new HashMap<>();
    Set<Long> models = new HashSet<>();
    for (CodeBlock block : trace.blocks()) {
      for (CodeBlock.Instruction instruction : block.instructions()) {
        Kind kind = kind(instruction.bytes());
        if (kind != null && kinds.contains(kind)) {
          addresses.put(instruction.pc(), kind);
          if (kind == Kind.MODE && isWrmsr(instruction.bytes())) {
            models.add(instruction.pc());
          }
        }
      }
    }
    List<Found> found = new ArrayList<>();
    Set<Long> others = new HashSet<>(addresses.keySet());
    others.removeAll(models);
    executed(others, null, addresses, found);
    executed(models, Condition.parse("ecx == " + EFER, session.symbols()), addresses, found);
    return found;
  }

  private void executed(
      Set<Long> wanted, Condition condition, Map<Long, Kind> kinds, List<Found> found) {
    if (wanted.isEmpty()) {
      return;
    }
    // Loading a control register may change nothing: what counts is known only afterwards.
    boolean all = wanted.stream().anyMatch(pc -> kinds.get(pc) == Kind.MODE);
    List<Hit> hits = new ArrayList<>();
    new Search(
            session,
            new Range(from, to, false, all ? Long.MAX_VALUE : most + 1L),
            condition,
            progress)
        .executions(wanted, hits::add);
    for (Hit hit : hits) {
      Kind kind = kinds.get(hit.pc());
      if (kind != Kind.MODE) {
        found.add(new Found(hit.position(), next -> describe(hit.position(), kind, next)));
      } else if (mode(hit.position(), null) != null) {
        found.add(new Found(hit.position(), next -> mode(hit.position(), next)));
      }
    }
  }

  private static boolean isWrmsr(byte[] bytes) {
    return bytes.length >= 2 && (bytes[bytes.length - 1] & 0xff) == 0x30;
  }

  private Event describe(long position, Kind kind, InstructionView view) {
    Cpu cpu = session.replayer().cpu();
    if (kind == Kind.HLT) {
      return new Event(position, kind, view, "waits for an interrupt", -1, 0, null);
    }
    if (kind == Kind.CR3) {
      long before = cpu.cr3;
      long after = after(position).words[CpuState.CR3];
      String value = "0x" + Long.toHexString(after);
      return new Event(
          position,
          kind,
          view,
          "cr3 0x" + Long.toHexString(before) + " -> " + value,
          -1,
          after,
          value);
    }
    byte[] bytes = view.bytes();
    boolean fixed = bytes.length > 1 && (bytes[bytes.length - 2] & 0xfe) == 0xe4;
    int port = fixed ? bytes[bytes.length - 1] & 0xff : (int) cpu.r[2] & 0xffff;
    int size = (bytes[fixed ? bytes.length - 2 : bytes.length - 1] & 1) == 0 ? 1 : 4;
    size = size == 4 && bytes[0] == 0x66 ? 2 : size;
    long mask = size == 4 ? 0xffff_ffffL : size == 2 ? 0xffff : 0xff;
    String value = "0x" + Long.toHexString(after(position).words[0] & mask);
    return new Event(
        position, kind, view, String.format("port 0x%x: %s", port, value), -1, port, value);
  }

  /**
   * Executes the instruction at a position, and no interrupt behind it when there is one. Returns
   * the state of the vCPU that did; another one's turn may have begun.
   */
  private CpuState after(long position) {
    session.replayer().seek(position);
    int cpu = session.replayer().currentCpu();
    if (position < session.end()) {
      session
          .replayer()
          .runWithin(Math.min(position + 1, trace.segment(session.replayer().segment()).end()));
    }
    return session.replayer().state(cpu);
  }

  /** A change of mode; null when there was none. */
  private Event mode(long position, InstructionView view) {
    session.seek(position);
    CpuState before = session.replayer().cpu().save();
    CpuState after = after(position);
    List<String> changes = new ArrayList<>();
    change(changes, "cr0", before.words[CpuState.CR0], after.words[CpuState.CR0]);
    change(changes, "cr4", before.words[CpuState.CR4], after.words[CpuState.CR4]);
    change(changes, "efer", before.words[CpuState.EFER], after.words[CpuState.EFER]);
    if (!bits(before).equals(bits(after))) {
      changes.add(bits(before) + " -> " + bits(after));
    }
    return changes.isEmpty()
        ? null
        : new Event(position, Kind.MODE, view, String.join(", ", changes), -1, 0, null);
  }

  private static String bits(CpuState state) {
    Segment cs = state.segments[1];
    boolean wide = (state.words[CpuState.EFER] & LONG_ACTIVE) != 0 && cs.isLong();
    return (wide ? "64" : cs.isDefault32() ? "32" : "16") + "-bit code";
  }

  private static void change(List<String> changes, String name, long before, long after) {
    if (before != after) {
      changes.add(name + " 0x" + Long.toHexString(before) + " -> 0x" + Long.toHexString(after));
    }
  }

  /** The kind of event an instruction makes, or null (Intel SDM vol. 2, appendix A). */
  private static Kind kind(byte[] bytes) {
    int at = 0;
    boolean extended = false; // cr8
    while (at < bytes.length && isPrefix(bytes[at] & 0xff)) {
      extended |= (bytes[at] & 0xf4) == 0x44;
      at++;
    }
    int opcode = at < bytes.length ? bytes[at] & 0xff : 0;
    int next = at + 1 < bytes.length ? bytes[at + 1] & 0xff : 0;
    int modrm = at + 2 < bytes.length ? bytes[at + 2] & 0xff : 0;
    return switch (opcode) {
      case 0xf4 -> Kind.HLT;
      case 0xe4, 0xe5, 0xec, 0xed, 0x6c, 0x6d -> Kind.PORT_IN;
      case 0xea -> Kind.MODE;
      case 0xff -> (next >> 3 & 7) == 5 ? Kind.MODE : null;
      case 0xcb, 0xca -> Kind.MODE;
      case 0x0f ->
          switch (next) {
            case 0x22 -> extended ? null : control(modrm >> 3 & 7);
            case 0x30, 0x06 -> Kind.MODE;
            case 0x01 -> (modrm >> 3 & 7) == 6 ? Kind.MODE : null;
            default -> null;
          };
      default -> null;
    };
  }

  private static Kind control(int register) {
    return register == 3 ? Kind.CR3 : register == 0 || register == 4 ? Kind.MODE : null;
  }

  private static boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
      default -> (b & 0xf0) == 0x40;
    };
  }
}
