package org.chronovisor.query;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.TraceReader;

/**
 * The VGA text screen as it stood at a position: 80 by 25 characters at 0xb8000, from the start
 * address in the CRT controller's registers 12 and 13 on (IBM VGA reference, 2-20).
 *
 * @param cells characters, 0 where the guest has written nothing
 * @param positions of the instruction that wrote each, -1 where nothing has
 */
@SuppressWarnings("ArrayRecordComponent") // cells are what it is about
public record VgaScreen(byte[] cells, long[] positions) {
  public static final int COLUMNS = 80;
  public static final int ROWS = 25;
  private static final long START = 0xb8000;
  private static final int WINDOW = 0x8000;
  private static final int CRTC_INDEX = 0x3d4;
  private static final int CRTC_DATA = 0x3d5;
  private static final int START_HIGH = 12;
  private static final int START_LOW = 13;

  /** What instructions before a position wrote. */
  public static VgaScreen at(TraceSession session, long before, ProgressListener progress) {
    TraceReader trace = session.trace();
    byte[] memory = new byte[WINDOW];
    long[] positions = new long[WINDOW];
    java.util.Arrays.fill(positions, -1);
    boolean isRam = trace.header().ram().stream().anyMatch(region -> region.contains(START));
    int[] registers = new int[256];
    int index = 0;
    for (int i = 0; i < trace.segmentCount() && trace.segment(i).start() < before; i++) {
      progress.progress(i, trace.segmentCount());
      SegmentEvents events = trace.events(i);
      for (PortOutput output : events.outputs()) {
        if (output.position() < before) {
          int value = (int) output.value();
          if (output.port() == CRTC_INDEX) {
            index = value & 0xff;
            if (output.size() == 2) {
              registers[index] = value >>> 8 & 0xff;
            }
          } else if (output.port() == CRTC_DATA) {
            registers[index] = value & 0xff;
          }
        }
      }
      for (MemoryEvent event : events.memory()) {
        if (event.kind() == MemoryEvent.Kind.MMIO_STORE && event.position() < before) {
          for (int b = 0; b < event.data().length; b++) {
            long at = event.physical() + b - START;
            if (at >= 0 && at < WINDOW) {
              memory[(int) at] = event.data()[b];
              positions[(int) at] = event.position();
            }
          }
        }
      }
    }
    if (isRam) { // no such device: what the guest put there all the same
      session.seek(before);
      MemoryBytes ram = MemoryQuery.physical(session, PhysicalRange.split(null, START, WINDOW));
      memory = ram.bytes();
    }
    int start = 2 * (registers[START_HIGH] << 8 | registers[START_LOW]);
    byte[] cells = new byte[COLUMNS * ROWS];
    long[] written = new long[cells.length];
    for (int i = 0; i < cells.length; i++) {
      int at = (start + 2 * i) & (WINDOW - 1);
      cells[i] = memory[at];
      written[i] = positions[at];
    }
    return new VgaScreen(cells, written);
  }

  /** Whether nothing is on it. */
  public boolean isEmpty() {
    for (byte cell : cells) {
      if (cell != 0) {
        return false;
      }
    }
    return true;
  }

  /** The rows as text without trailing blanks; what is not ASCII as a dot. */
  public List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      StringBuilder text = new StringBuilder();
      for (int column = 0; column < COLUMNS; column++) {
        int c = cells[row * COLUMNS + column] & 0xff;
        text.append(c == 0 ? ' ' : c < 0x20 || c > 0x7e ? '.' : (char) c);
      }
      rows.add(text.toString().stripTrailing());
    }
    return rows;
  }
}
