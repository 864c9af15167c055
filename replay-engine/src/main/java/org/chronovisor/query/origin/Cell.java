package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.NotMappedException;
import org.chronovisor.query.Operand;
import org.chronovisor.query.PhysicalRange;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.Symbol;
import org.chronovisor.x86.CpuState;

/**
 * Bytes of a register or of memory that hold a value.
 *
 * @param number of the register
 * @param offset of the first byte in the register
 * @param size in bytes
 * @param linear address of memory, 0 when only the physical one is known
 * @param parts of memory, else empty
 */
public record Cell(
    Operand.Kind kind, int number, int offset, int size, long linear, List<PhysicalRange> parts) {
  /** Most bytes that can be followed as one value. */
  public static final int LARGEST = 16;

  public Cell {
    parts = List.copyOf(parts);
  }

  /** A general register, whole. */
  public static Cell register(int number) {
    return new Cell(Operand.Kind.REGISTER, number, 0, 8, 0, List.of());
  }

  /** A register operand. */
  public static Cell of(Operand operand) {
    return part(operand.kind(), operand.number(), operand.offset(), operand.size());
  }

  /** An xmm register, whole. */
  public static Cell vector(int number) {
    return new Cell(Operand.Kind.VECTOR, number, 0, LARGEST, 0, List.of());
  }

  /**
   * A register, or {@code ADDR[,LENGTH]} by its mapping at the session's position; without a length
   * a symbol has its own when that can be followed, everything else eight bytes.
   */
  public static Cell parse(TraceSession session, String text) {
    for (int i = 0; i < 16; i++) {
      if (register(i).name(session).equals(text)) {
        return register(i);
      }
      if (text.equals("xmm" + i)) {
        return vector(i);
      }
    }
    int comma = text.lastIndexOf(',');
    AddressExpression expression =
        AddressExpression.parse(comma < 0 ? text : text.substring(0, comma));
    long symbol = expression.symbol(session.symbols()).map(Symbol::size).orElse(0L);
    int length = symbol > 0 && symbol <= LARGEST ? (int) symbol : 8;
    if (comma >= 0) {
      String digits = text.substring(comma + 1).strip();
      if (!digits.matches("\\d{1,4}")) {
        throw new QueryException("no length: '" + digits + "'; 1 to " + LARGEST);
      }
      length = Integer.parseInt(digits);
    }
    long address = session.evaluate(expression);
    return expression.physical() ? physical(address, length) : memory(session, address, length);
  }

  static Cell part(Operand.Kind kind, int number, int offset, int size) {
    return new Cell(kind, number, offset, size, 0, List.of());
  }

  /**
   * Memory by its mapping at the session's position.
   *
   * @throws NotMappedException when it has none
   */
  public static Cell memory(TraceSession session, long linear, int size) {
    List<PhysicalRange> parts =
        PhysicalRange.split(session.replayer().cpu().mmu, linear, checked(size));
    if (parts == null) {
      throw new NotMappedException(linear, session.replayer().position());
    }
    return new Cell(Operand.Kind.MEMORY, -1, 0, size, linear, parts);
  }

  /** Memory by its guest physical address. */
  public static Cell physical(long address, int size) {
    return new Cell(
        Operand.Kind.MEMORY, -1, 0, size, 0, PhysicalRange.split(null, address, checked(size)));
  }

  private static int checked(int size) {
    if (size < 1 || size > LARGEST) {
      throw new QueryException("a value to follow has 1 to " + LARGEST + " bytes");
    }
    return size;
  }

  boolean isMemory() {
    return kind == Operand.Kind.MEMORY;
  }

  /** Some of its bytes. */
  Cell slice(int from, int length) {
    if (!isMemory()) {
      return part(kind, number, offset + from, length);
    }
    List<PhysicalRange> sliced = new ArrayList<>();
    for (PhysicalRange range : parts) {
      int start = Math.max(from, range.offset());
      int end = Math.min(from + length, range.offset() + range.length());
      if (start < end) {
        sliced.add(
            new PhysicalRange(
                range.physical() + start - range.offset(), end - start, start - from));
      }
    }
    return new Cell(kind, -1, 0, length, linear == 0 ? 0 : linear + from, sliced);
  }

  /** What it holds at the session's position; of a register that of the executing vCPU. */
  MemoryBytes value(TraceSession session) {
    return value(session, session.replayer().currentCpu());
  }

  /**
   * What it holds at the session's position.
   *
   * @param vcpu whose register it is
   */
  MemoryBytes value(TraceSession session, int vcpu) {
    if (isMemory()) {
      return MemoryQuery.physical(session, parts);
    }
    byte[] bytes = new byte[size];
    CpuState cpu = session.replayer().state(vcpu);
    long low = kind == Operand.Kind.REGISTER ? cpu.words[number] : cpu.xmmLow[number];
    long high = kind == Operand.Kind.REGISTER ? 0 : cpu.xmmHigh[number];
    for (int i = 0; i < size; i++) {
      int at = offset + i;
      bytes[i] = (byte) ((at < 8 ? low : high) >>> (8 * (at & 7)));
    }
    return new MemoryBytes(0, false, bytes, new byte[size]);
  }

  /** The cell for people: {@code rax}, {@code 0x104ff0 (free_list)}. */
  public String name(TraceSession session) {
    if (kind == Operand.Kind.REGISTER) {
      boolean named = offset == 0 && (size == 1 || size == 2 || size == 4 || size == 8);
      String name = new Operand(kind, number, 0, named ? size : 8, null, 0).name();
      return named ? name : bytes(name);
    }
    if (kind == Operand.Kind.VECTOR) {
      return size == 16 ? "xmm" + number : bytes("xmm" + number);
    }
    if (linear == 0) {
      return "phys:0x" + Long.toHexString(parts.get(0).physical());
    }
    String symbol = session.symbols().name(linear);
    String hex = "0x" + Long.toHexString(linear);
    return symbol == null ? hex : hex + " (" + symbol + ")";
  }

  private String bytes(String name) {
    return String.format("bytes %d to %d of %s", offset, offset + size - 1, name);
  }
}
