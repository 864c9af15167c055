package org.chronovisor.query;

import java.util.Arrays;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.x86.Mode;

/**
 * An instruction as people see it.
 *
 * @param pc linear address
 * @param symbol {@code name+0xoff}, or null
 * @param source {@code file:line}, or null when unknown
 * @param bytes empty when they cannot be read
 * @param text QEMU's disassembly, or null when it never translated these bytes
 * @param mode in which it is decoded
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what it is about
public record InstructionView(
    long pc, String symbol, String source, byte[] bytes, String text, Mode mode) {
  private static final int LONGEST = 15;

  /** The instruction at an address at the session's position. */
  public static InstructionView at(TraceSession session, long pc) {
    MemoryBytes memory = MemoryQuery.here(session, pc, LONGEST);
    int known = 0;
    while (known < LONGEST && memory.isKnown(known)) {
      known++;
    }
    byte[] bytes = Arrays.copyOf(memory.bytes(), known);
    Mode mode = session.replayer().cpu().mode();
    String symbol = session.symbols().name(pc);
    String source = session.lines().name(pc);
    CodeBlock.Instruction found = session.disassembly().find(pc, bytes);
    if (found != null) {
      return new InstructionView(pc, symbol, source, found.bytes(), found.text(), mode);
    }
    InstructionShape shape = InstructionShape.of(bytes, mode);
    int length = shape == null ? Math.min(known, 1) : shape.length();
    return new InstructionView(pc, symbol, source, Arrays.copyOf(bytes, length), null, mode);
  }

  /** Operands, or null when the bytes are no instruction this package understands. */
  public InstructionShape shape() {
    return InstructionShape.of(bytes, mode);
  }

  /** The disassembly with single spaces, or the bytes where there is none. */
  public String display() {
    if (text != null) {
      return text.strip().replaceAll("\\s+", " ");
    }
    if (bytes.length == 0) {
      return "(no readable memory)";
    }
    StringBuilder hex = new StringBuilder("(never executed:");
    for (byte b : bytes) {
      hex.append(String.format(" %02x", b));
    }
    return hex.append(')').toString();
  }
}
