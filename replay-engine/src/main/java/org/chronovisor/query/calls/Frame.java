package org.chronovisor.query.calls;

/** An active function while a run is walked. */
final class Frame {
  final String function;
  final Frame caller;
  final Call.Kind kind;
  final long pc;
  final long entry;

  /** Address of the return address: the function is over when the stack pointer is above it. */
  final long slot;

  final int depth;
  final int stack;
  final int cpu;
  long self;
  long called;

  /** What a visitor keeps for it. */
  Object note;

  Frame(
      String function,
      Frame caller,
      Call.Kind kind,
      long pc,
      long entry,
      long slot,
      int depth,
      int stack,
      int cpu) {
    this.function = function;
    this.caller = caller;
    this.kind = kind;
    this.pc = pc;
    this.entry = entry;
    this.slot = slot;
    this.depth = depth;
    this.stack = stack;
    this.cpu = cpu;
  }

  Call call(long exit) {
    return new Call(
        function,
        caller == null ? null : caller.function,
        kind,
        pc,
        entry,
        exit,
        depth,
        stack,
        cpu,
        self + called,
        self);
  }
}
