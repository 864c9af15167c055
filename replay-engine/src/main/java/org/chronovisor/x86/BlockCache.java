package org.chronovisor.x86;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.chronovisor.memory.Page;

/** Decodes blocks from guest memory and keeps them. */
final class BlockCache {
  /** As QEMU's translator (TCG_MAX_INSNS). */
  private static final int MAX_INSTRUCTIONS = 512;

  private static final int MAX_LENGTH = 15;
  private static final int FAST = 1 << 14;
  private static final int CAPACITY = 1 << 18;

  private final Cpu cpu;
  private final PlanTable plans;
  private final Block[] fast = new Block[FAST];
  private final Map<Long, Block> blocks = new HashMap<>();

  private OutsideCode outside = OutsideCode.NONE;

  BlockCache(Cpu cpu, PlanTable plans) {
    this.cpu = cpu;
    this.plans = plans;
  }

  /** The block at a linear address in the CPU's mode. */
  Block find(long pc) {
    int slot = (int) (pc ^ (pc >>> 14)) & (FAST - 1);
    Block block = fast[slot];
    if (block != null
        && block.pc == pc
        && block.generation == cpu.mmu.generation()
        && block.mode == cpu.mode()) {
      return block;
    }
    block = blocks.get(pc);
    if (block == null
        || block.mode != cpu.mode()
        || (block.generation != cpu.mmu.generation() && !block.revalidate(cpu.mmu))) {
      block = decode(pc);
      if (blocks.size() >= CAPACITY) {
        blocks.clear();
      }
      blocks.put(pc, block);
    }
    fast[slot] = block;
    return block;
  }

  void setOutside(OutsideCode code) {
    outside = code;
  }

  private Block decode(long pc) {
    byte[] recorded = isOutside(pc) ? outside.at(pc, cpu.mode()) : null;
    byte[] code =
        recorded != null ? recorded : fetch(pc, Page.SIZE - ((int) pc & 4095) + MAX_LENGTH - 1);
    int inPage = Page.SIZE - ((int) pc & 4095);
    List<Insn> insns = new ArrayList<>();
    int done = 0;
    while (insns.size() < MAX_INSTRUCTIONS && done < Math.min(inPage, code.length)) {
      Insn insn = instruction(code, done, pc + done);
      if (insn == null) {
        if (insns.isEmpty()) {
          throw new GuestFault(
              "no model for instruction "
                  + hex(code, done, Math.min(MAX_LENGTH, code.length - done)),
              pc + done);
        }
        break;
      }
      if (done + insn.length() > inPage && !insns.isEmpty()) {
        // QEMU 10.0 ends a block before an instruction that crosses a page.
        break;
      }
      insns.add(insn);
      done += insn.length();
      if (insn.endsBlock()) {
        break;
      }
    }
    FlagsEffect.link(insns.stream().map(BlockCache::model).toList());
    Block block = new Block(pc, cpu.mode(), insns.toArray(new Insn[0]), Arrays.copyOf(code, done));
    if (recorded != null) {
      block.outside = outside;
      block.outsideVersion = outside.version();
    }
    block.revalidate(cpu.mmu);
    return block;
  }

  private boolean isOutside(long pc) {
    long physical = cpu.mmu.walk(pc);
    return physical >= 0 && cpu.mmu.memory().page(physical >>> 12) == null;
  }

  private static Insn model(Insn insn) {
    return insn instanceof CapturedInsn c && c.model() != null ? c.model() : insn;
  }

  private Insn instruction(byte[] code, int offset, long pc) {
    Mode mode = cpu.mode();
    int available = code.length - offset;
    int planned = plans.match(mode, code, offset, available);
    if (planned == 0) {
      return Decoder.decode(code, offset, available, pc, mode);
    }
    Plan plan = plans.get(mode, code, offset, planned);
    Insn model = plan.modelled() ? Decoder.decode(code, offset, available, pc, mode) : null;
    if (plan.modelled() && (model == null || model.length() != planned)) {
      throw new GuestFault(
          "this version has no model for instruction " + hex(code, offset, planned), pc);
    }
    if (plan.modelled() && !plan.has(Plan.CAPTURE) && !plan.has(Plan.CAPTURE_STORES)) {
      return model;
    }
    byte[] bytes = Arrays.copyOfRange(code, offset, offset + planned);
    CapturedInsn captured = new CapturedInsn(plan, model, bytes, mode);
    captured.place(pc, planned);
    return captured;
  }

  /** Up to {@code length} bytes of code; fewer where the next page is not mapped. */
  private byte[] fetch(long pc, int length) {
    byte[] code = new byte[length];
    int done = 0;
    while (done < length) {
      long physical = done == 0 ? cpu.mmu.translate(pc) : cpu.mmu.walk(pc + done);
      Page page = physical < 0 ? null : cpu.mmu.memory().page(physical >>> 12);
      if (page == null) {
        if (done == 0) {
          throw new GuestFault("code outside RAM", pc);
        }
        return Arrays.copyOf(code, done);
      }
      int offset = (int) physical & 4095;
      int part = Math.min(length - done, Page.SIZE - offset);
      System.arraycopy(page.bytes, offset, code, done, part);
      done += part;
    }
    return code;
  }

  private static String hex(byte[] code, int offset, int length) {
    return HexFormat.ofDelimiter(" ").formatHex(code, offset, offset + length);
  }
}
