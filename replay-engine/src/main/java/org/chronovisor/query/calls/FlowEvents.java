package org.chronovisor.query.calls;

import java.util.Arrays;
import java.util.List;
import org.chronovisor.replay.Replayer;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Insn;
import org.chronovisor.x86.SpecialInsn;
import org.chronovisor.x86.TransferListener;

/**
 * Calls, returns, jumps out of functions, interrupts and returns from them, and changes of the vCPU
 * in one segment, in order.
 */
final class FlowEvents implements TransferListener {
  /** What an event is. */
  enum Kind {
    CALL,
    RETURN,
    /** A jump whose target lies outside the function. */
    JUMP,
    /** An interrupt or exception was delivered. */
    INTERRUPT,
    /** {@code iret}, {@code syscall}, {@code int} and the like. */
    SYSTEM,
    /** The vCPU whose number the target is goes on. */
    SWITCH,
    /** It has been reset and started. */
    START
  }

  private static final int RSP = 4;
  private static final int FIELDS = 3;

  private final Replayer replayer;
  private final Functions functions;
  private final List<Transfer> transfers;
  private int transfer;

  /** Address range of the function control is in; empty when unknown. */
  private long low;

  private long size;

  /** Position and kind, target, stack pointer afterwards, of each. */
  private long[] events = new long[1 << 10];

  private int length;

  private FlowEvents(Replayer replayer, Functions functions, List<Transfer> transfers) {
    this.replayer = replayer;
    this.functions = functions;
    this.transfers = transfers;
  }

  /** Replays a segment. */
  static FlowEvents of(TraceReader trace, Replayer replayer, int segment, Functions functions) {
    FlowEvents events = new FlowEvents(replayer, functions, trace.events(segment).transfers());
    events.enter(trace.segment(segment).keyframe().words[org.chronovisor.x86.CpuState.RIP]);
    replayer.tellTransfers(events);
    try {
      replayer.enter(segment);
      replayer.runWithin(trace.segment(segment).end());
    } finally {
      replayer.tellTransfers(null);
    }
    return events;
  }

  private void enter(long pc) {
    Functions.Function function = functions.at(pc);
    low = function.start();
    size = function.size();
  }

  @Override
  public void transferred(Insn last, long target, long position) {
    Kind kind;
    if (replayer.isBetweenInstructions()) {
      boolean special = transfer < transfers.size() && transfers.get(transfer++).special();
      boolean far = last instanceof SpecialInsn insn && insn.kind() == SpecialInsn.Kind.FAR_JUMP;
      kind = !special ? Kind.INTERRUPT : far ? Kind.JUMP : Kind.SYSTEM;
    } else if (last != null && last.isCall()) {
      kind = Kind.CALL;
    } else if (last != null && last.isReturn()) {
      kind = Kind.RETURN;
    } else if (Long.compareUnsigned(target - low, size) < 0 || size == 0) {
      return;
    } else {
      kind = Kind.JUMP;
    }
    enter(target);
    add(kind, position, target);
  }

  @Override
  public void switched(int vcpu, long pc, boolean restarted, long position) {
    enter(pc);
    add(Kind.SWITCH, position, vcpu);
    if (restarted) {
      add(Kind.START, position, pc);
    }
  }

  private void add(Kind kind, long position, long target) {
    if (length + FIELDS > events.length) {
      events = Arrays.copyOf(events, 2 * events.length);
    }
    events[length++] = position << 3 | kind.ordinal();
    events[length++] = target;
    events[length++] = replayer.cpu().r[RSP];
  }

  int count() {
    return length / FIELDS;
  }

  Kind kind(int index) {
    return KINDS[(int) events[FIELDS * index] & 7];
  }

  /** Retired instructions before the one at the target. */
  long position(int index) {
    return events[FIELDS * index] >>> 3;
  }

  long target(int index) {
    return events[FIELDS * index + 1];
  }

  /** The stack pointer behind the event. */
  long stack(int index) {
    return events[FIELDS * index + 2];
  }

  private static final Kind[] KINDS = Kind.values();
}
