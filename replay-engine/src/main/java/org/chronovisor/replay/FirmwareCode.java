package org.chronovisor.replay;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.OutsideCode;

/**
 * Code outside RAM, from the blocks that QEMU translated: a ROM's bytes are in no keyframe.
 *
 * <p>Where one address had different code in the course of the run, that of the blocks executed in
 * the present segment counts.
 */
final class FirmwareCode implements OutsideCode {
  private record Place(long pc, Mode mode) {}

  /** What begins at an address: the instruction, and the block that holds it. */
  private record Found(CodeBlock block, int index, Found other) {}

  private final TraceReader trace;
  private Map<Place, Found> places;
  private int[] executed = {};
  private int version;
  private boolean ambiguous;

  FirmwareCode(TraceReader trace) {
    this.trace = trace;
  }

  /** The machine is in a segment that executes these blocks, in ascending order. */
  void enter(int[] blocks) {
    executed = blocks;
    if (ambiguous) {
      version++;
    }
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public byte[] at(long pc, Mode mode) {
    if (places == null) {
      index();
    }
    Found found = places.get(new Place(pc, mode));
    byte[] best = null;
    for (Found f = found; f != null; f = f.other) {
      byte[] bytes = bytes(f);
      boolean here = Arrays.binarySearch(executed, f.block.id()) >= 0;
      if (best != null && !isPrefix(best, bytes)) {
        ambiguous = true;
      }
      if (best == null || here) {
        best = bytes;
      }
    }
    return best;
  }

  private static boolean isPrefix(byte[] a, byte[] b) {
    int length = Math.min(a.length, b.length);
    return Arrays.equals(a, 0, length, b, 0, length);
  }

  private void index() {
    places = new HashMap<>();
    for (CodeBlock block : trace.blocks()) {
      for (int i = 0; i < block.instructions().size(); i++) {
        Place place = new Place(block.instructions().get(i).pc(), block.mode());
        places.put(place, new Found(block, i, places.get(place)));
      }
    }
  }

  private static byte[] bytes(Found found) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var instructions = found.block.instructions();
    for (int i = found.index; i < instructions.size(); i++) {
      out.writeBytes(instructions.get(i).bytes());
    }
    return out.toByteArray();
  }
}
