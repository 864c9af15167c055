package org.chronovisor.view.timeline;

import org.chronovisor.memory.Page;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.trace.Symbol;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.GuestFault;
import org.chronovisor.x86.Mode;

/**
 * The chain of active functions by frame pointers, quickly: for a picture of many thousand samples.
 * Where code keeps no frame pointers it is the function at the instruction pointer alone.
 */
final class FrameWalker {
  private static final int LONGEST = 48;
  private static final int RSP = 4;
  private static final int RBP = 5;

  private final CallTree tree;
  private final SymbolTable symbols;
  private final int[] chain = new int[LONGEST];

  FrameWalker(CallTree tree, SymbolTable symbols) {
    this.tree = tree;
    this.symbols = symbols;
  }

  /** The call tree's node for where a replay stands. */
  int node(Replayer replayer) {
    Cpu cpu = replayer.cpu();
    long pc = cpu.rip + cpu.segmentBase[1];
    int count = 0;
    chain[count++] = tree.function(pc);
    Mode mode = cpu.mode();
    if (mode != Mode.CODE16) {
      int slot = mode == Mode.CODE64 ? 8 : 4;
      long frame = cpu.r[RBP];
      long entry = symbols.at(pc).map(Symbol::address).orElse(pc);
      boolean framed = pc - entry > 4;
      long at = framed ? frame + slot : pc - entry == 0 ? cpu.r[RSP] : cpu.r[RSP] + slot;
      while (count < LONGEST) {
        long returnAddress = load(replayer, at, slot);
        int function = returnAddress == 0 ? -1 : tree.function(returnAddress - 1);
        if (function < 0) {
          break;
        }
        chain[count++] = function;
        if (framed) {
          long link = load(replayer, frame, slot);
          if (Long.compareUnsigned(link, frame) <= 0) {
            break;
          }
          frame = link;
        }
        framed = true;
        at = frame + slot;
      }
    }
    int node = 0;
    for (int i = count - 1; i >= 0; i--) {
      node = tree.child(node, chain[i]);
    }
    return node;
  }

  /** What memory holds, or 0 where it is not mapped. */
  private static long load(Replayer replayer, long linear, int size) {
    long value = 0;
    try {
      for (int i = size - 1; i >= 0; i--) {
        long physical = replayer.cpu().mmu.walk(linear + i);
        Page page = physical < 0 ? null : replayer.memory().page(physical >>> 12);
        if (page == null) {
          return 0;
        }
        value = value << 8 | (page.bytes[(int) physical & (Page.SIZE - 1)] & 0xff);
      }
    } catch (GuestFault pageTableOutsideRam) {
      return 0;
    }
    return value;
  }
}
