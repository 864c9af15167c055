package org.chronovisor.x86;

import java.util.Arrays;
import org.chronovisor.memory.Page;

/** A straight run of decoded instructions at one linear address in one mode. */
final class Block {
  final long pc;
  final Mode mode;
  final Insn[] insns;

  /** The same with the last two as one where they can be; shares the numbers of the others. */
  final Insn[] fused;

  /** Linear address after the last instruction. */
  final long next;

  /** The bytes it was decoded from. */
  final byte[] code;

  /** It is valid while this equals the MMU's generation; else it must be compared with memory. */
  long generation;

  /** Blocks executed after it, most recent first. */
  Block successor;

  Block otherSuccessor;

  /** How often it was executed since it was last thought of compiling it. */
  int heat;

  /** The compiled code that begins with it, or null. */
  Region region;

  /** It is in some region, perhaps not as the first. */
  boolean inRegion;

  /** Where its code comes from when it lies outside RAM, else null. */
  OutsideCode outside;

  int outsideVersion;

  private boolean stopped;

  /** The set that {@link #hasStop} was computed for. */
  private StopSet stops;

  private boolean hasStop;

  Block(long pc, Mode mode, Insn[] insns, byte[] code) {
    this.pc = pc;
    this.mode = mode;
    this.insns = insns;
    this.code = code;
    next = pc + code.length;
    for (int i = 0; i < insns.length; i++) {
      insns[i].setIndex(i);
    }
    fused = fuse(insns);
  }

  private static Insn[] fuse(Insn[] insns) {
    int n = insns.length;
    if (n < 2 || !(insns[n - 1] instanceof Conditional jump)) {
      return insns;
    }
    Insn both = jump.fuse(insns[n - 2]);
    if (both == null) {
      return insns;
    }
    both.place(insns[n - 2].pc(), insns[n - 2].length());
    Insn[] fused = Arrays.copyOf(insns, n - 1);
    fused[n - 2] = both;
    return fused;
  }

  /** Addresses of blocks executed after it. */
  long[] followers() {
    if (successor == null) {
      return new long[0];
    }
    return otherSuccessor == null
        ? new long[] {successor.pc}
        : new long[] {successor.pc, otherSuccessor.pc};
  }

  /** Whether an instruction of it takes part in what was recorded. */
  boolean usesRecording() {
    for (Insn insn : insns) {
      if (insn instanceof CapturedInsn || insn instanceof SpecialInsn) {
        return true;
      }
    }
    return false;
  }

  /** True when memory still holds its bytes; marks the pages as holding code. */
  boolean revalidate(Mmu mmu) {
    if (stopped) {
      return false;
    }
    int done = 0;
    while (done < code.length) {
      long physical = mmu.walk(pc + done);
      Page page = physical < 0 ? null : mmu.memory().page(physical >>> 12);
      if (page == null && outside != null && outside.version() == outsideVersion) {
        done += Math.min(code.length - done, Page.SIZE - ((int) (pc + done) & 4095));
        continue;
      }
      if (page == null) {
        return false;
      }
      int offset = (int) physical & 4095;
      int length = Math.min(code.length - done, Page.SIZE - offset);
      if (!Arrays.equals(page.bytes, offset, offset + length, code, done, done + length)) {
        return false;
      }
      mark(mmu, page, offset, length);
      done += length;
    }
    generation = mmu.generation();
    return true;
  }

  private static void mark(Mmu mmu, Page page, int offset, int length) {
    page.codeGranules |= granules(offset, length);
    if ((page.flags & Page.CODE) == 0) {
      page.flags |= Page.CODE;
      mmu.flushWrites();
    }
  }

  /** The bit set of 64-byte granules that {@code length} bytes at {@code offset} touch. */
  static long granules(int offset, int length) {
    return (-1L >>> (63 - ((offset + length - 1) >>> 6))) & (-1L << (offset >>> 6));
  }

  /** Whether a byte of it lies in a page, by the present mapping. */
  boolean touches(Mmu mmu, Page page) {
    return mmu.walk(pc) >>> 12 == page.frame || mmu.walk(next - 1) >>> 12 == page.frame;
  }

  /** Index of the first instruction from an index on whose address is in a set, or their number. */
  int nextStop(StopSet wanted, int from) {
    if (stops != wanted) {
      stops = wanted;
      hasStop = wanted.intersects(pc, next);
    }
    int i = from;
    if (!hasStop) {
      return insns.length;
    }
    while (i < insns.length && !wanted.contains(insns[i].pc())) {
      i++;
    }
    return i;
  }

  /** Makes execution leave the block before its next instruction: its code was overwritten. */
  void stop() {
    stopped = true;
    for (int i = 0; i < insns.length; i++) {
      Insn stop = new StopInsn();
      stop.place(insns[i].pc(), insns[i].length());
      insns[i] = stop;
    }
    System.arraycopy(insns, 0, fused, 0, fused.length);
    generation = -1;
  }

  /** Stands where an instruction was before its bytes were overwritten. */
  private static final class StopInsn extends Insn {
    @Override
    public void execute(Cpu cpu) {
      throw BlockStopped.INSTANCE;
    }
  }

  /** Control flow out of a block whose code was overwritten. */
  static final class BlockStopped extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final BlockStopped INSTANCE = new BlockStopped();

    private BlockStopped() {
      super(null, null, false, false);
    }
  }
}
