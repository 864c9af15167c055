package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.Effect;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.Operand;
import org.chronovisor.query.TraceSession;
import org.chronovisor.x86.CpuState;

/** The values that an instruction works on, and which of them its result carries on. */
final class Inputs {
  /** A constant below is an offset, not a value to follow to. */
  private static final long SMALLEST_ADDRESS = 4096;

  /** How much nearer to the result a constant must be than a variable to be its origin. */
  private static final int NEARER = 16;

  private final TraceSession session;
  private final CpuState cpu;
  private final long next;

  /**
   * @param session stands before the instruction
   * @param next linear address of the next instruction
   */
  Inputs(TraceSession session, long next) {
    this.session = session;
    this.next = next;
    cpu = session.replayer().cpu().save();
  }

  CpuState cpu() {
    return cpu;
  }

  /** Linear address of a memory operand. */
  long address(Operand operand) {
    return operand.memory().address(cpu, next);
  }

  /** What an operand holds; not known where memory is not. */
  MemoryBytes value(Operand operand) {
    return switch (operand.kind()) {
      case MEMORY ->
          operand.size() == 0
              ? bytes(address(operand), 8)
              : MemoryQuery.here(session, address(operand), operand.size());
      case CONSTANT -> bytes(operand.value(), Math.min(8, operand.size()));
      default ->
          Cell.part(operand.kind(), operand.number(), operand.offset(), operand.size())
              .value(session);
    };
  }

  private static MemoryBytes bytes(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return new MemoryBytes(0, false, bytes, new byte[size]);
  }

  /** The place of an operand, as a value to follow; null for a constant. */
  Cell cell(Operand operand) {
    return switch (operand.kind()) {
      case CONSTANT -> null;
      case MEMORY -> Cell.memory(session, address(operand), Math.min(operand.size(), Cell.LARGEST));
      default -> Cell.part(operand.kind(), operand.number(), operand.offset(), operand.size());
    };
  }

  /**
   * The input that the result carries on: of a pointer and a small index the pointer.
   *
   * @param result of the instruction
   * @return null when there is none
   */
  Operand carrier(Effect effect, long result) {
    Operand best = null;
    long nearest = 0;
    Operand constant = null;
    for (Operand from : effect.from()) {
      if (from.kind() == Operand.Kind.CONSTANT) {
        constant = from;
        continue;
      }
      long distance = distance(result, contribution(from));
      // What is changed in place goes on being itself, unless another is much nearer.
      boolean inPlace = best != null && best.equals(effect.to());
      if (best == null
          || Long.compareUnsigned(inPlace ? NEARER * distance : distance, nearest) < 0) {
        best = from;
        nearest = distance;
      }
    }
    if (best == null || constant == null) {
      return best == null ? constant : best;
    }
    long size = Math.abs(constant.value());
    long distance = distance(result, constant.value());
    boolean isOrigin =
        Long.compareUnsigned(size, SMALLEST_ADDRESS) >= 0
            && Long.compareUnsigned(distance, Long.divideUnsigned(nearest, NEARER)) < 0;
    return isOrigin ? constant : best;
  }

  private long contribution(Operand from) {
    MemoryBytes value = value(from);
    long number = value.value(0, Math.min(8, value.length()));
    // An index has its scale there.
    return from.kind() == Operand.Kind.REGISTER && from.value() > 1
        ? number * from.value()
        : number;
  }

  private static long distance(long a, long b) {
    long difference = a - b;
    return difference < 0 && difference != Long.MIN_VALUE ? -difference : difference;
  }

  /** The other inputs, as things to ask about. */
  List<Step.Alternative> others(List<Operand> operands, Operand followed, long position) {
    List<Step.Alternative> others = new ArrayList<>();
    for (Operand operand : operands) {
      if (!operand.equals(followed)) {
        others.add(alternative(operand, position));
      }
    }
    return others;
  }

  Step.Alternative alternative(Operand operand, long position) {
    MemoryBytes value = value(operand);
    String text = Values.hex(value);
    return switch (operand.kind()) {
      case CONSTANT -> new Step.Alternative("constant", null, position, text);
      case MEMORY -> {
        long address = address(operand);
        String symbol = session.symbols().name(address);
        String hex = "0x" + Long.toHexString(address);
        yield new Step.Alternative(
            symbol == null ? hex : hex + " (" + symbol + ")",
            hex + "," + operand.size(),
            position,
            text);
      }
      default ->
          new Step.Alternative(
              operand.name(),
              operand.kind() == Operand.Kind.REGISTER
                  ? CpuState.wordName(operand.number())
                  : operand.name(),
              position,
              text);
    };
  }
}
