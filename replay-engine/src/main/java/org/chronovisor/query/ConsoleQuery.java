package org.chronovisor.query;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.TraceReader;

/** What the guest printed on its serial ports and QEMU's debug console. */
public final class ConsoleQuery {
  private final Map<Integer, Uart> uarts = new HashMap<>();
  private final Map<Integer, LineBuilder> open = new HashMap<>();
  private final List<ConsoleLine> lines = new ArrayList<>();

  /** I/O port of QEMU's debugcon device. */
  private static final int DEBUG_CONSOLE = 0xe9;

  /** I/O ports of the four serial ports of a PC. */
  private static final List<Integer> SERIAL = List.of(0x3f8, 0x2f8, 0x3e8, 0x2e8);

  private static final int UART_PORTS = 8;

  private ConsoleQuery() {
    SERIAL.forEach(port -> uarts.put(port, new Uart()));
  }

  /** All lines, by the position of their first character. */
  public static List<ConsoleLine> lines(TraceReader trace, ProgressListener progress) {
    return lines(trace, Long.MAX_VALUE, progress);
  }

  /** The lines printed by instructions before a position; the last one may be cut short. */
  public static List<ConsoleLine> lines(TraceReader trace, long before, ProgressListener progress) {
    ConsoleQuery query = new ConsoleQuery();
    int count = trace.segmentCount();
    for (int i = 0; i < count && trace.segment(i).start() < before; i++) {
      progress.progress(i, count);
      for (PortOutput output : trace.events(i).outputs()) {
        if (output.position() < before) {
          query.add(output);
        }
      }
    }
    return query.finish();
  }

  private void add(PortOutput output) {
    if (output.port() == DEBUG_CONSOLE) {
      for (int i = 0; i < output.size(); i++) {
        print(output.position(), DEBUG_CONSOLE, (int) (output.value() >>> (8 * i)) & 0xff);
      }
      return;
    }
    for (int base : SERIAL) {
      for (int i = 0; i < output.size(); i++) {
        int register = output.port() + i - base;
        int value = (int) (output.value() >>> (8 * i)) & 0xff;
        if (register >= 0 && register < UART_PORTS && uarts.get(base).write(register, value)) {
          print(output.position(), base, value);
        }
      }
    }
  }

  private void print(long position, int port, int character) {
    LineBuilder line = open.computeIfAbsent(port, p -> new LineBuilder(position, p));
    line.bytes.write(character);
    line.positions.add(position);
    if (character == '\n') {
      lines.add(line.build());
      open.remove(port);
    }
  }

  private List<ConsoleLine> finish() {
    open.values().forEach(line -> lines.add(line.build()));
    lines.sort(Comparator.comparingLong(ConsoleLine::position));
    return List.copyOf(lines);
  }

  private record LineBuilder(
      long position, int port, ByteArrayOutputStream bytes, LongStream.Builder positions) {
    LineBuilder(long position, int port) {
      this(position, port, new ByteArrayOutputStream(), LongStream.builder());
    }

    ConsoleLine build() {
      return new ConsoleLine(position, port, bytes.toByteArray(), positions.build().toArray());
    }
  }

  /** The registers of a 16550 that decide whether a byte is sent (National PC16550D, 8.0). */
  private static final class Uart {
    private static final int LINE_CONTROL = 3;
    private static final int MODEM_CONTROL = 4;
    private static final int DIVISOR_LATCH = 0x80;
    private static final int LOOPBACK = 0x10;

    private int lineControl;
    private int modemControl;

    /** Takes a write; true when the byte goes out on the line. */
    boolean write(int register, int value) {
      if (register == LINE_CONTROL) {
        lineControl = value;
      } else if (register == MODEM_CONTROL) {
        modemControl = value;
      }
      return register == 0 && (lineControl & DIVISOR_LATCH) == 0 && (modemControl & LOOPBACK) == 0;
    }
  }
}
