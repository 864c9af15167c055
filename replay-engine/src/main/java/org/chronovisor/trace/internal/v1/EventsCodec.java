package org.chronovisor.trace.internal.v1;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.CpuSwitch;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PathCheckpoint;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.StateCapture;
import org.chronovisor.trace.Transfer;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The event columns of a segment, except the captures.
 *
 * <pre>
 * positions(n): n x zigzag position - previous position, at first the segment's start
 *
 * memory     varint n, positions, n x u8 kind, n x zigzag linear - end of the previous one,
 *            n x zigzag physical - end of the previous one, n x varint size - 1, data
 * transfers  varint n, positions, n x u8 (1 special, 2 stated), n x zigzag pc - previous pc,
 *            n x { 4 bytes: bit r set = register r differs from the previous transfer's (0 at
 *            first), zigzag difference for each }, n x zigzag frame address - rsp,
 *            n x u8 frame size, frame bytes
 * states     varint n, positions, n x registers ({@link org.chronovisor.x86.CpuState#encode})
 * path       varint n, positions, n x u64 hash
 * outputs    varint n, positions, n x varint port, n x u8 size, n x varint value
 * blocks     varint n, n x zigzag id - previous id
 * switches   (only with several vCPUs) varint n, positions, n x { varint vCPU, varint transfers,
 *            varint memory events before it, u8 bits: 1 cut, 2 RF, 4 registers;
 *            u64 rcx if cut, registers if bit 4 }
 * </pre>
 */
final class EventsCodec {
  private static final MemoryEvent.Kind[] KINDS = MemoryEvent.Kind.values();
  private static final int RSP = 4;
  private static final int MAX_PORT = 0xffff;
  private static final int CUT = 1;
  private static final int RESUME = 2;
  private static final int STATE = 4;

  private EventsCodec() {}

  static byte[] encode(SegmentEvents events, long start, int cpus) {
    BytesOut out = new BytesOut();
    memory(events.memory(), start, out);
    transfers(events.transfers(), start, out);
    positions(events.states().stream().mapToLong(StateCapture::position).toArray(), start, out);
    events.states().forEach(s -> SegmentCodec.encode(s.state(), out));
    positions(events.path().stream().mapToLong(PathCheckpoint::position).toArray(), start, out);
    events.path().forEach(p -> out.u64(p.hash()));
    outputs(events.outputs(), start, out);
    blocks(events.blocks(), out);
    if (cpus > 1) {
      switches(events.switches(), start, cpus, out);
    } else {
      Limits.check(events.switches().isEmpty(), "a switch with one vCPU");
    }
    return out.toByteArray();
  }

  static SegmentEvents decode(byte[] captures, BytesIn in, long start, int cpus) {
    List<MemoryEvent> memory = memory(in, start);
    List<Transfer> transfers = transfers(in, start);
    List<StateCapture> states = new ArrayList<>();
    for (long position : positions(in, start)) {
      states.add(new StateCapture(position, SegmentCodec.decodeState(in)));
    }
    List<PathCheckpoint> path = new ArrayList<>();
    for (long position : positions(in, start)) {
      path.add(new PathCheckpoint(position, in.u64()));
    }
    List<PortOutput> outputs = outputs(in, start);
    int[] blocks = blocks(in);
    List<CpuSwitch> switches =
        cpus > 1 ? switches(in, start, cpus, transfers.size(), memory.size()) : List.of();
    in.end();
    return new SegmentEvents(captures, memory, transfers, states, path, outputs, blocks, switches);
  }

  private static void positions(long[] positions, long start, BytesOut out) {
    Limits.check(positions.length <= Limits.EVENTS, "too many events in a segment");
    out.varint(positions.length);
    long previous = start;
    for (long position : positions) {
      out.zigzag(position - previous);
      previous = position;
    }
  }

  private static long[] positions(BytesIn in, long start) {
    long[] positions = new long[in.count(Limits.EVENTS)];
    long previous = start;
    for (int i = 0; i < positions.length; i++) {
      previous += in.zigzag();
      positions[i] = previous;
    }
    return positions;
  }

  private static void memory(List<MemoryEvent> events, long start, BytesOut out) {
    positions(events.stream().mapToLong(MemoryEvent::position).toArray(), start, out);
    events.forEach(e -> out.u8(e.kind().ordinal()));
    long end = 0;
    for (MemoryEvent e : events) {
      out.zigzag(e.linear() - end);
      end = e.linear() + e.data().length;
    }
    end = 0;
    for (MemoryEvent e : events) {
      out.zigzag(e.physical() - end);
      end = e.physical() + e.data().length;
    }
    for (MemoryEvent e : events) {
      Limits.check(
          e.data().length >= 1 && e.data().length <= Limits.EVENT_BYTES, "size of a memory event");
      out.varint(e.data().length - 1);
    }
    events.forEach(e -> out.bytes(e.data()));
  }

  private static List<MemoryEvent> memory(BytesIn in, long start) {
    long[] positions = positions(in, start);
    int count = positions.length;
    byte[] kinds = in.bytes(count);
    for (byte kind : kinds) {
      if (kind < 0 || kind >= KINDS.length) {
        throw in.damaged("unknown kind of memory event");
      }
    }
    long[] linear = deltas(in, count);
    long[] physical = deltas(in, count);
    int[] sizes = new int[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = in.number(Limits.EVENT_BYTES - 1) + 1;
    }
    List<MemoryEvent> events = new ArrayList<>(count);
    long linearEnd = 0;
    long physicalEnd = 0;
    for (int i = 0; i < count; i++) {
      linearEnd += linear[i];
      physicalEnd += physical[i];
      events.add(
          new MemoryEvent(
              positions[i], KINDS[kinds[i]], linearEnd, physicalEnd, in.bytes(sizes[i])));
      linearEnd += sizes[i];
      physicalEnd += sizes[i];
    }
    return events;
  }

  private static void transfers(List<Transfer> transfers, long start, BytesOut out) {
    positions(transfers.stream().mapToLong(Transfer::position).toArray(), start, out);
    transfers.forEach(t -> out.u8(t.stated() ? 2 : t.special() ? 1 : 0));
    long pc = 0;
    for (Transfer t : transfers) {
      out.zigzag(t.pc() - pc);
      pc = t.pc();
    }
    long[] last = new long[Limits.TRANSFER_REGISTERS];
    for (Transfer t : transfers) {
      Limits.check(t.registers().length == last.length, "a transfer has 32 registers");
      registers(t.registers(), last, out);
      last = t.registers();
    }
    transfers.forEach(t -> out.zigzag(t.frameAddress() - t.registers()[RSP]));
    for (Transfer t : transfers) {
      Limits.check(t.frame().length <= Limits.STACK_FRAME_BYTES, "stack frame too long");
      out.u8(t.frame().length);
    }
    transfers.forEach(t -> out.bytes(t.frame()));
  }

  private static void registers(long[] values, long[] last, BytesOut out) {
    int mask = 0;
    for (int r = 0; r < values.length; r++) {
      if (values[r] != last[r]) {
        mask |= 1 << r;
      }
    }
    out.u32(mask);
    for (int r = 0; r < values.length; r++) {
      if (values[r] != last[r]) {
        out.zigzag(values[r] - last[r]);
      }
    }
  }

  private static List<Transfer> transfers(BytesIn in, long start) {
    long[] positions = positions(in, start);
    int count = positions.length;
    byte[] special = in.bytes(count);
    for (byte flag : special) {
      if (flag < 0 || flag > 2) {
        throw in.damaged("unknown kind of transfer");
      }
    }
    long[] pcs = deltas(in, count);
    List<long[]> registers = new ArrayList<>(count);
    long[] last = new long[Limits.TRANSFER_REGISTERS];
    for (int i = 0; i < count; i++) {
      last = registers(last.clone(), in);
      registers.add(last);
    }
    long[] frames = deltas(in, count);
    byte[] sizes = in.bytes(count);
    List<Transfer> transfers = new ArrayList<>(count);
    long pc = 0;
    for (int i = 0; i < count; i++) {
      int size = Byte.toUnsignedInt(sizes[i]);
      if (size > Limits.STACK_FRAME_BYTES) {
        throw in.damaged("a stack frame is too long");
      }
      pc += pcs[i];
      transfers.add(
          new Transfer(
              positions[i],
              special[i] == 1,
              special[i] == 2,
              pc,
              registers.get(i),
              registers.get(i)[RSP] + frames[i],
              in.bytes(size)));
    }
    return transfers;
  }

  private static long[] registers(long[] values, BytesIn in) {
    int mask = in.u32();
    for (int r = 0; r < values.length; r++) {
      if ((mask >>> r & 1) != 0) {
        values[r] += in.zigzag();
      }
    }
    return values;
  }

  private static void outputs(List<PortOutput> outputs, long start, BytesOut out) {
    positions(outputs.stream().mapToLong(PortOutput::position).toArray(), start, out);
    for (PortOutput o : outputs) {
      Limits.check(o.port() >= 0 && o.port() <= MAX_PORT, "port " + o.port());
      out.varint(o.port());
    }
    for (PortOutput o : outputs) {
      Limits.check(o.size() == 1 || o.size() == 2 || o.size() == 4, "size of a port output");
      out.u8(o.size());
    }
    outputs.forEach(o -> out.varint(o.value()));
  }

  private static List<PortOutput> outputs(BytesIn in, long start) {
    long[] positions = positions(in, start);
    int[] ports = new int[positions.length];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = in.number(MAX_PORT);
    }
    byte[] sizes = in.bytes(ports.length);
    List<PortOutput> outputs = new ArrayList<>(ports.length);
    for (int i = 0; i < ports.length; i++) {
      if (sizes[i] != 1 && sizes[i] != 2 && sizes[i] != 4) {
        throw in.damaged("size of a port output");
      }
      outputs.add(new PortOutput(positions[i], ports[i], sizes[i], in.varint()));
    }
    return outputs;
  }

  private static void switches(List<CpuSwitch> switches, long start, int cpus, BytesOut out) {
    positions(switches.stream().mapToLong(CpuSwitch::position).toArray(), start, out);
    for (CpuSwitch s : switches) {
      Limits.check(s.cpu() >= 0 && s.cpu() < cpus, "vCPU " + s.cpu());
      out.varint(s.cpu());
      out.varint(s.transfers());
      out.varint(s.memory());
      out.u8((s.cut() ? CUT : 0) | (s.resumeFlag() ? RESUME : 0) | (s.state() != null ? STATE : 0));
      if (s.cut()) {
        out.u64(s.counter());
      }
      if (s.state() != null) {
        SegmentCodec.encode(s.state(), out);
      }
    }
  }

  private static List<CpuSwitch> switches(
      BytesIn in, long start, int cpus, int transfers, int memory) {
    List<CpuSwitch> switches = new ArrayList<>();
    for (long position : positions(in, start)) {
      int cpu = in.number(cpus - 1);
      int transfersBefore = in.number(transfers);
      int memoryBefore = in.number(memory);
      int bits = in.u8();
      if ((bits & ~(CUT | RESUME | STATE)) != 0) {
        throw in.damaged("unknown kind of vCPU switch");
      }
      boolean cut = (bits & CUT) != 0;
      switches.add(
          new CpuSwitch(
              position,
              cpu,
              transfersBefore,
              memoryBefore,
              cut ? in.u64() : 0,
              cut,
              (bits & RESUME) != 0,
              (bits & STATE) != 0 ? SegmentCodec.decodeState(in) : null));
    }
    return switches;
  }

  private static void blocks(int[] blocks, BytesOut out) {
    Limits.check(blocks.length <= Limits.BLOCKS, "too many blocks in a segment");
    out.varint(blocks.length);
    long previous = 0;
    for (int block : blocks) {
      out.zigzag(block - previous);
      previous = block;
    }
  }

  private static int[] blocks(BytesIn in) {
    int[] blocks = new int[in.count(Limits.BLOCKS)];
    long previous = 0;
    for (int i = 0; i < blocks.length; i++) {
      previous += in.zigzag();
      if (previous != (int) previous) {
        throw in.damaged("block id " + previous);
      }
      blocks[i] = (int) previous;
    }
    return blocks;
  }

  private static long[] deltas(BytesIn in, int count) {
    if (count > in.remaining()) {
      throw in.damaged("it ends too early");
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.zigzag();
    }
    return values;
  }
}
