package org.chronovisor.gdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.replay.ReplayException;
import org.chronovisor.trace.TraceException;
import org.chronovisor.x86.CpuState;

/** The conversation with one gdb: answers each packet from the machine of a trace. */
final class GdbSession {
  /** Why a conversation ended. */
  enum Outcome {
    DISCONNECTED,
    KILLED
  }

  private static final String NOT_MAPPED = "E14";
  private static final String MALFORMED = "E22";
  private static final String READ_ONLY = "E.the recording cannot be changed";
  private static final String OK = "OK";
  private static final String UNSUPPORTED = "";

  /** Most bytes of memory in one answer. */
  private static final int MOST_BYTES = PacketChannel.LONGEST / 2 - 16;

  /** What Z2, Z3 and Z4 watch for. */
  private static final List<Watchpoint.Kind> KINDS =
      List.of(Watchpoint.Kind.CHANGE, Watchpoint.Kind.READ, Watchpoint.Kind.ACCESS);

  /**
   * Any linear address may be mapped at some position: what is not answers with an error when it is
   * read. A length of 2^64 cannot be written.
   */
  private static final String MEMORY_MAP =
      """
      <?xml version="1.0"?>
      <!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN"
      "http://sourceware.org/gdb/gdb-memory-map.dtd">
      <memory-map>
      <memory type="ram" start="0x0" length="0x8000000000000000"/>
      <memory type="ram" start="0x8000000000000000" length="0x8000000000000000"/>
      </memory-map>
      """;

  /** gdb believes a packet lost when it hears nothing for two seconds. */
  private static final long SIGN_NANOS = 1_000_000_000;

  private static final long SNAPSHOT_BYTES = 128L << 20;

  /** Instructions of a stepped range between two looks at the interrupt. */
  private static final int RANGE_SLICE = 4096;

  private final TraceSession session;
  private final PacketChannel channel;
  private final RegisterLayout layout = new RegisterLayout();
  private final GuestMemory memory;
  private final StopSearch search;
  private final MonitorCommands monitor;
  private final Set<Long> software = new LinkedHashSet<>();
  private final Set<Long> hardware = new LinkedHashSet<>();
  private final Map<String, Watchpoint> watchpoints = new LinkedHashMap<>();
  private final GuestCpus cpus;

  /** CPU whose registers are asked for; -1 for the one that runs. */
  private int chosen = -1;

  private long lastSign;
  private boolean reportsBreakpoints;
  private String lastStop;

  private Outcome outcome;

  GdbSession(TraceSession session, PacketChannel channel) {
    this.session = session;
    this.channel = channel;
    memory = new GuestMemory(session);
    cpus = new GuestCpus(session);
    session.replayer().keepSnapshots(SNAPSHOT_BYTES);
    lastStop = "T05thread:" + GuestCpus.thread(cpus.running()) + ";";
    search = new StopSearch(session);
    search.setCancelled(channel::isInterrupted);
    monitor = new MonitorCommands(session, this::progress);
  }

  private void progress(long done, long total) {
    if (channel.isInterrupted()) {
      throw new CancellationException();
    }
    long now = System.nanoTime();
    if (now - lastSign > SIGN_NANOS) {
      lastSign = now;
      try {
        channel.send("O");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Answers until the client goes. */
  Outcome run() throws IOException, InterruptedException {
    while (outcome == null) {
      String packet = channel.receive();
      if (packet == null) {
        return Outcome.DISCONNECTED;
      }
      String answer;
      try {
        answer = answer(packet);
      } catch (PacketException e) {
        answer = MALFORMED;
      } catch (QueryException | ReplayException | TraceException e) {
        answer = "E." + e.getMessage();
      } catch (RuntimeException e) {
        // A bug of ours must not end the conversation.
        answer = "E.internal error: " + e;
      }
      if (answer != null) {
        channel.send(answer);
      }
    }
    return outcome;
  }

  /** The answer to a packet; null for none. */
  private String answer(String packet) throws IOException {
    if (packet.isEmpty()) {
      return UNSUPPORTED;
    }
    String rest = packet.substring(1);
    return switch (packet.charAt(0)) {
      case '?' -> lastStop;
      case 'g' -> layout.values(cpu());
      case 'p' -> register(rest);
      case 'm' -> readMemory(rest, false);
      case 'x' -> readMemory(rest, true);
      case 'G', 'P', 'M', 'X' -> READ_ONLY;
      case 'H', 'T' -> thread(packet);
      case 'c', 'C' -> resume(search::forwards);
      case 's', 'S' -> resume(search::step);
      case 'b' -> backwards(rest);
      case 'v' -> verbose(packet);
      case 'Z' -> insert(rest);
      case 'z' -> remove(rest);
      case 'q', 'Q' -> query(packet);
      case 'D' -> end(Outcome.DISCONNECTED, OK);
      case 'k' -> end(Outcome.KILLED, null);
      default -> UNSUPPORTED;
    };
  }

  private String end(Outcome how, String answer) {
    outcome = how;
    return answer;
  }

  private CpuState cpu() {
    return cpus.state(cpuAskedFor());
  }

  private int cpuAskedFor() {
    return chosen < 0 ? cpus.running() : chosen;
  }

  private String register(String text) {
    int number = Hex.number(text, Integer.MAX_VALUE);
    return number < layout.count() ? layout.value(number, cpu()) : MALFORMED;
  }

  private String readMemory(String text, boolean binary) {
    String[] parts = parts(text, ",", 2);
    long address = Hex.number(parts[0]);
    int length = Hex.number(parts[1], Integer.MAX_VALUE);
    if (length == 0) {
      return binary ? "b" : "";
    }
    memory.select(cpuAskedFor());
    byte[] bytes = memory.read(address, Math.min(length, MOST_BYTES));
    if (bytes.length == 0) {
      return NOT_MAPPED;
    }
    return binary ? "b" + new String(bytes, StandardCharsets.ISO_8859_1) : Hex.of(bytes);
  }

  /** Chooses a thread, or tells whether it exists; all and any mean the one that runs. */
  private String thread(String packet) {
    String id = packet.replaceFirst("^(H.|T)", "");
    int number = id.equals("-1") ? 0 : Hex.number(id, cpus.count());
    if (packet.startsWith("Hg")) {
      chosen = number == 0 ? -1 : number - 1;
    }
    return OK;
  }

  private String extraInfo(String packet) {
    int cpu = Math.max(0, Hex.number(parts(packet, ",", 2)[1], cpus.count()) - 1);
    return Hex.ofText("CPU " + cpu + (cpu == cpus.running() ? "" : ", waits for its turn"));
  }

  private static String[] parts(String text, String separator, int count) {
    String[] parts = text.split(separator, -1);
    if (parts.length < count) {
      throw new PacketException("too few fields");
    }
    return parts;
  }

  // ---- execution -----------------------------------------------------------------------------

  private String backwards(String which) throws IOException {
    return switch (which) {
      case "s" -> resume(search::stepBack);
      case "c" -> resume(search::backwards);
      default -> UNSUPPORTED;
    };
  }

  private String verbose(String packet) throws IOException {
    if (packet.equals("vCont?")) {
      return "vCont;c;C;s;S;r";
    }
    if (packet.startsWith("vKill")) {
      return end(Outcome.KILLED, OK);
    }
    if (!packet.startsWith("vCont;")) {
      return UNSUPPORTED;
    }
    // The first action that fits the only thread counts.
    String action = packet.substring("vCont;".length()).split("[;:]", 2)[0];
    if (action.startsWith("b")) {
      return backwards(action.substring(1));
    }
    return switch (action.isEmpty() ? ' ' : action.charAt(0)) {
      case 'c', 'C' -> resume(search::forwards);
      case 's', 'S' -> resume(search::step);
      case 'r' -> {
        String[] range = parts(action.substring(1), ",", 2);
        long start = Hex.number(range[0]);
        long end = Hex.number(range[1]);
        yield resume(() -> stepRange(start, end));
      }
      default -> MALFORMED;
    };
  }

  /** Steps while the next instruction lies in [start, end). */
  private Stop stepRange(long start, long end) {
    for (int i = 1; ; i++) {
      Stop stop = search.step();
      if (stop.reason() != null
          || session.pc() - start + Long.MIN_VALUE >= end - start + Long.MIN_VALUE) {
        return stop;
      }
      if (i % RANGE_SLICE == 0 && channel.isInterrupted()) {
        return new Stop(Stop.Reason.CANCELLED, stop.position(), null);
      }
    }
  }

  private String resume(Supplier<Stop> move) throws IOException {
    long origin = session.replayer().position();
    List<Long> breakpoints = new ArrayList<>(software);
    breakpoints.addAll(hardware);
    chosen = -1;
    try {
      search.stopAt(breakpoints, List.copyOf(watchpoints.values()));
      lastStop = describe(move.get());
    } catch (ReplayException | TraceException e) {
      channel.send("O" + Hex.ofText("chronovisor: " + e.getMessage() + "\n"));
      session.replayer().unwatch();
      session.replayer().enter(session.replayer().segmentOf(origin));
      session.replayer().runTo(origin);
      lastStop = "T05" + where();
    }
    return lastStop;
  }

  private String describe(Stop stop) {
    if (stop.reason() == null) {
      return "T05" + where();
    }
    String reason =
        switch (stop.reason()) {
          case BREAKPOINT -> breakpoint();
          case WATCHPOINT -> watchpoint(stop.watchpoint());
          case BEGIN -> "replaylog:begin;";
          case END -> "replaylog:end;";
          case CANCELLED -> "";
        };
    return (stop.reason() == Stop.Reason.CANCELLED ? "T02" : "T05") + reason + where();
  }

  private static String watchpoint(Watchpoint watchpoint) {
    String name =
        switch (watchpoint.kind()) {
          case CHANGE -> "watch";
          case READ -> "rwatch";
          case ACCESS -> "awatch";
        };
    return name + ":" + Long.toHexString(watchpoint.address()) + ";";
  }

  private String breakpoint() {
    if (!reportsBreakpoints) {
      return "";
    }
    return software.contains(session.pc()) ? "swbreak:;" : "hwbreak:;";
  }

  /** The thread, and the registers that gdb looks at first. */
  private String where() {
    CpuState cpu = cpu();
    StringBuilder out = new StringBuilder("thread:" + GuestCpus.thread(cpus.running()) + ";");
    for (int register : new int[] {RegisterLayout.RBP, RegisterLayout.RSP, RegisterLayout.RIP}) {
      out.append(String.format("%02x:%s;", register, layout.value(register, cpu)));
    }
    return out.toString();
  }

  // ---- breakpoints ---------------------------------------------------------------------------

  private String insert(String text) {
    String[] parts = parts(text, ",", 3);
    long address = Hex.number(parts[1]);
    switch (parts[0]) {
      case "0" -> software.add(address);
      case "1" -> hardware.add(address);
      case "2", "3", "4" -> {
        int length = Hex.number(parts[2].split(";", 2)[0], Watchpoint.LONGEST);
        Watchpoint.Kind kind = KINDS.get(parts[0].charAt(0) - '2');
        watchpoints.put(key(parts), Watchpoint.at(session, kind, address, length));
      }
      default -> {
        return UNSUPPORTED;
      }
    }
    return OK;
  }

  private String remove(String text) {
    String[] parts = parts(text, ",", 3);
    long address = Hex.number(parts[1]);
    switch (parts[0]) {
      case "0" -> software.remove(address);
      case "1" -> hardware.remove(address);
      case "2", "3", "4" -> watchpoints.remove(key(parts));
      default -> {
        return UNSUPPORTED;
      }
    }
    return OK;
  }

  private static String key(String[] parts) {
    return parts[0] + "," + parts[1] + "," + parts[2];
  }

  // ---- questions -----------------------------------------------------------------------------

  private String query(String packet) throws IOException {
    String name = packet.split("[:,;]", 2)[0];
    return switch (name) {
      case "qSupported" -> {
        reportsBreakpoints = packet.contains("swbreak+");
        yield String.format("PacketSize=%x;", PacketChannel.LONGEST)
            + "QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;ReverseStep+;ReverseContinue+;"
            + "vContSupported+;swbreak+;hwbreak+";
      }
      case "QStartNoAckMode" -> {
        channel.stopAcknowledging();
        yield OK;
      }
      case "qC" -> "QC" + GuestCpus.thread(cpus.running());
      case "qfThreadInfo" -> "m" + cpus.threads();
      case "qsThreadInfo" -> "l";
      case "qThreadExtraInfo" -> extraInfo(packet);
      case "qAttached" -> "1";
      case "qXfer" -> transfer(packet);
      case "qRcmd" -> monitor(packet);
      default -> UNSUPPORTED;
    };
  }

  /** {@code qXfer:object:read:annex:offset,length}. */
  private String transfer(String packet) {
    String[] parts = packet.split(":", -1);
    if (parts.length != 5 || !parts[2].equals("read")) {
      return UNSUPPORTED;
    }
    String xml =
        switch (parts[1] + ":" + parts[3]) {
          case "features:target.xml" -> layout.xml();
          case "memory-map:" -> MEMORY_MAP;
          default -> null;
        };
    if (xml == null) {
      return parts[1].equals("features") ? "E00" : UNSUPPORTED;
    }
    String[] range = parts(parts[4], ",", 2);
    int from = Math.min(Hex.number(range[0], Integer.MAX_VALUE), xml.length());
    int length = Math.min(Hex.number(range[1], Integer.MAX_VALUE), MOST_BYTES);
    int to = Math.min(xml.length(), from + length);
    return (to < xml.length() ? "m" : "l") + xml.substring(from, to);
  }

  private String monitor(String packet) throws IOException {
    String[] parts = parts(packet, ",", 2);
    String text;
    lastSign = System.nanoTime();
    try {
      text = monitor.execute(Hex.text(parts[1]));
    } catch (CancellationException e) {
      text = "interrupted\n";
    }
    for (int at = 0; at < text.length(); at += 1000) {
      channel.send("O" + Hex.ofText(text.substring(at, Math.min(text.length(), at + 1000))));
    }
    return OK;
  }
}
