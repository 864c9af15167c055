package org.chronovisor.query.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The call stacks of a vCPU in a run, kept by the stack pointer alone: a function is over when the
 * stack pointer is above its return address. So {@code longjmp} and unwinding end all functions
 * they leave, and a switch of stacks is a stack pointer that belongs to another one.
 */
final class Stacks {
  /** Largest stack. */
  private static final long LARGEST = 8 << 20;

  private static final int DEEPEST = 200_000;

  /** Bytes above the first stack pointer seen that may belong to the stack. */
  private static final long ABOVE = 256;

  private final int cpu;
  private final Functions functions;
  private final CallVisitor visitor;
  private final AtomicInteger numbers;
  private final List<Stack> stacks = new ArrayList<>();
  private Stack current;
  private long position;

  /** One of them; the innermost function is the last. */
  private static final class Stack {
    final int number;
    final List<Frame> frames = new ArrayList<>();

    /** Highest stack pointer it has had. */
    long base;

    Stack(int number, long base) {
      this.number = number;
      this.base = base;
    }

    Frame top() {
      return frames.isEmpty() ? null : frames.get(frames.size() - 1);
    }

    boolean covers(long pointer) {
      return Long.compareUnsigned(pointer, base) <= 0
          && Long.compareUnsigned(base - pointer, LARGEST) < 0;
    }
  }

  /**
   * Nothing has been executed yet.
   *
   * @param numbers gives each stack a number
   */
  Stacks(int cpu, Functions functions, CallVisitor visitor, AtomicInteger numbers) {
    this.cpu = cpu;
    this.numbers = numbers;
    this.functions = functions;
    this.visitor = visitor;
  }

  /** Begins with the function at the start of the run, or anew after a reset. */
  void start(long at, long pc, long pointer) {
    position = at;
    end(at);
    stacks.clear();
    current = stack(pointer);
    push(Call.Kind.ROOT, pc, pointer);
  }

  private Stack stack(long base) {
    Stack stack = new Stack(numbers.getAndIncrement(), base + ABOVE);
    stacks.add(stack);
    return stack;
  }

  /** Takes the next event. */
  void accept(FlowEvents.Kind kind, long at, long target, long pointer) {
    advance(at);
    switch (kind) {
      case CALL -> {
        sync(pointer + 1, false);
        push(Call.Kind.CALL, target, pointer);
      }
      case INTERRUPT -> {
        sync(pointer + 1, false);
        push(Call.Kind.INTERRUPT, target, pointer);
      }
      case RETURN -> {
        sync(pointer, true);
        resume(target, pointer);
      }
      case SYSTEM -> {
        Frame before = current.top();
        sync(pointer, false);
        String function = functions.at(target).name();
        Frame top = current.top();
        if (top == null || !top.function.equals(function)) {
          // A system call; after the return from an interrupt the function is the one before.
          if (top == before) {
            push(Call.Kind.SYSTEM, target, pointer);
          } else {
            resume(target, pointer);
          }
        }
      }
      default -> {
        sync(pointer, false);
        jump(target, pointer);
      }
    }
  }

  boolean isStarted() {
    return current != null;
  }

  /** The vCPU's turn is over. */
  void leave(long at) {
    advance(at);
  }

  /** The vCPU goes on where it was left. */
  void resume(long at) {
    position = at;
  }

  /** The run is over: everything active ends with it. */
  void finish() {
    end(-1);
  }

  /** The innermost function, or null. */
  Frame innermost() {
    return current.top();
  }

  private void end(long exit) {
    for (Stack stack : stacks) {
      current = stack;
      while (!stack.frames.isEmpty()) {
        pop(exit);
      }
    }
  }

  private void advance(long at) {
    Frame top = current.top();
    if (top != null && at > position) {
      top.self += at - position;
      visitor.executed(top, at - position);
    }
    position = at;
  }

  private void push(Call.Kind kind, long pc, long slot) {
    Frame caller = current.top();
    if (current.frames.size() >= DEEPEST) {
      return;
    }
    Frame frame =
        new Frame(
            functions.at(pc).name(),
            caller,
            kind,
            pc,
            position,
            slot,
            current.frames.size(),
            current.number,
            cpu);
    current.frames.add(frame);
    visitor.entered(frame);
  }

  private void pop(long exit) {
    Frame frame = current.frames.remove(current.frames.size() - 1);
    if (frame.caller != null) {
      frame.caller.called += frame.self + frame.called;
    }
    visitor.left(frame.call(exit));
  }

  /** Finds the stack of a stack pointer, and ends the functions that it has left. */
  private void sync(long pointer, boolean returned) {
    Frame top = current.top();
    // A return does not go deeper: it has come to another stack.
    boolean deeper = returned && top != null && Long.compareUnsigned(pointer, top.slot) <= 0;
    if (deeper || !current.covers(pointer)) {
      change(pointer, deeper);
    }
    while (!current.frames.isEmpty()
        && current.top().kind != Call.Kind.ROOT
        && Long.compareUnsigned(current.top().slot, pointer) < 0) {
      pop(position);
    }
  }

  private void change(long pointer, boolean notCurrent) {
    Stack found = null;
    for (Stack stack : stacks) {
      boolean fits = stack.covers(pointer) && !(notCurrent && stack == current);
      if (fits && notCurrent) {
        Frame top = stack.top();
        fits = top != null && Long.compareUnsigned(top.slot, pointer) < 0;
      }
      boolean nearer = found == null || Long.compareUnsigned(stack.base, found.base) < 0;
      if (fits && nearer) {
        found = stack;
      }
    }
    if (found == null && current.frames.size() == 1 && !notCurrent) {
      // The stack pointer is set for the first time: the function goes on.
      current.base = pointer + ABOVE;
      return;
    }
    current = found == null ? stack(pointer) : found;
  }

  /** Control is back in a function that had called, or in one that nobody has seen begin. */
  private void resume(long target, long pointer) {
    Frame top = current.top();
    if (top == null) {
      push(Call.Kind.ROOT, target, pointer);
    }
  }

  private void jump(long target, long pointer) {
    Frame top = current.top();
    String function = functions.at(target).name();
    if (top == null) {
      push(Call.Kind.ROOT, target, pointer);
    } else if (!top.function.equals(function)) {
      Call.Kind kind = top.kind == Call.Kind.ROOT ? Call.Kind.ROOT : Call.Kind.TAIL_CALL;
      long slot = top.slot;
      pop(position);
      push(kind, target, slot);
    }
  }
}
