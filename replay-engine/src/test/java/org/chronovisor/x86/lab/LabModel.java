package org.chronovisor.x86.lab;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.x86.Bus;
import org.chronovisor.x86.Cpu;
import org.chronovisor.x86.Decoder;
import org.chronovisor.x86.GuestFault;
import org.chronovisor.x86.Insn;
import org.chronovisor.x86.Mmu;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.QemuFaults;
import org.chronovisor.x86.Segment;

/** Executes one case with the replay engine's decoder and models. */
final class LabModel {
  private static final Segment CODE_64 =
      new Segment(LabLayout.CODE64_SELECTOR, 0, 0xffff_ffffL, 0x00af9b00);
  private static final Segment CODE_32 =
      new Segment(LabLayout.CODE32_SELECTOR, 0, 0xffff_ffffL, 0x00cf9b00);
  private static final Segment DATA =
      new Segment(LabLayout.DATA_SELECTOR, 0, 0xffff_ffffL, 0x00cf9300);
  private static final long DESCRIPTORS = LabLayout.CODE - Page.SIZE;

  /** Divides a page and a case, and both start at multiples of it. */
  private static final int LINE = 256;

  private static final int MAX_STEPS = 1000;
  private static final int ES = 0;
  private static final int CS = 1;
  private static final int SS = 2;
  private static final int DS = 3;

  /** How a case ended in the model. */
  enum Outcome {
    DONE,
    NO_MODEL,
    FAULT,
    /** Left the case's code, or never ends. */
    LOST
  }

  private final Cpu cpu;
  private final PhysicalMemory memory;
  private final byte[] image;
  private final Map<Long, List<Insn>> blocks = new HashMap<>();
  private int unmodelled;
  private int casesInMemory;
  private String detail = "";

  LabModel(byte[] image, long ramBytes, QemuFaults faults) {
    this.image = image;
    memory = new PhysicalMemory(List.of(new RamRegion(0, ramBytes, 0)));
    memory.reset(this::codePage);
    Mmu mmu = new Mmu(memory);
    mmu.setBus(
        new Bus() {
          @Override
          public long load(long linear, long physical, int size) {
            throw new GuestFault("load outside RAM", linear);
          }

          @Override
          public void store(long linear, long physical, int size, long value) {
            throw new GuestFault("store outside RAM", linear);
          }
        });
    cpu = new Cpu(mmu);
    faults.applyTo(cpu);
    cpu.cr0 = 0x23;
    cpu.cr4 = 0x1_0620;
    cpu.efer = 0x500;
    cpu.gdtBase = DESCRIPTORS;
    cpu.gdtLimit = 0x2f;
    cpu.controlChanged();
  }

  private byte[] codePage(long frame) {
    if (frame * Page.SIZE == DESCRIPTORS) {
      ByteBuffer table = ByteBuffer.allocate(Page.SIZE).order(ByteOrder.LITTLE_ENDIAN);
      table.putLong(LabLayout.CODE64_SELECTOR, 0x00af9b000000ffffL);
      table.putLong(LabLayout.DATA_SELECTOR, 0x00cf93000000ffffL);
      table.putLong(LabLayout.CODE32_SELECTOR, 0x00cf9b000000ffffL);
      table.putLong(LabLayout.TASK_SELECTOR, 0x00008b0000000067L);
      return table.array();
    }
    long offset = frame * Page.SIZE - LabLayout.CODE;
    if (offset < 0 || offset >= image.length) {
      return null;
    }
    return Arrays.copyOf(
        Arrays.copyOfRange(image, (int) offset, Math.min(image.length, (int) offset + Page.SIZE)),
        Page.SIZE);
  }

  /** Number of the instruction that had no model, counted from its block's start. */
  int unmodelled() {
    return unmodelled;
  }

  /** What went wrong in the last case, for messages. */
  String detail() {
    return detail;
  }

  /** Executes the case in {@code record}, which becomes the result. */
  Outcome run(Mode mode, long start, long end, long address, byte[] record) {
    if (++casesInMemory > 20_000) {
      casesInMemory = 0;
      memory.reset(this::codePage);
      cpu.mmu.flush();
    }
    for (int i = 0; i < record.length; i += LINE) {
      long at = address + i;
      System.arraycopy(record, i, memory.page(at / Page.SIZE).bytes, (int) at % Page.SIZE, LINE);
    }
    ByteBuffer view = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    load(mode, view);
    Outcome outcome = execute(mode, start, end);
    for (int i = 0; i < record.length; i += LINE) {
      long at = address + i;
      System.arraycopy(memory.page(at / Page.SIZE).bytes, (int) at % Page.SIZE, record, i, LINE);
    }
    save(view);
    return outcome;
  }

  private Outcome execute(Mode mode, long start, long end) {
    detail = "";
    cpu.rip = start;
    for (int step = 0; cpu.rip != end; step++) {
      int at = (int) (cpu.rip - LabLayout.CODE);
      if (at < start - LabLayout.CODE || cpu.rip > end || step > MAX_STEPS) {
        detail = "rip 0x" + Long.toHexString(cpu.rip);
        return Outcome.LOST;
      }
      List<Insn> block;
      try {
        block = blocks.get(cpu.rip);
        if (block == null) {
          block = decodeBlock(cpu.rip, end, mode);
          if (!block.isEmpty()) {
            blocks.put(cpu.rip, block);
          }
        }
      } catch (RuntimeException e) {
        detail = "decoder: " + e;
        return Outcome.LOST;
      }
      if (block.isEmpty()) {
        return Outcome.NO_MODEL;
      }
      cpu.rip = block.get(block.size() - 1).next();
      try {
        for (Insn insn : block) {
          insn.execute(cpu);
        }
      } catch (GuestFault e) {
        detail = e.getMessage();
        return Outcome.FAULT;
      } catch (RuntimeException e) {
        detail = "model: " + e;
        return Outcome.LOST;
      }
    }
    return Outcome.DONE;
  }

  /** Up to the end of the block or case; empty when an instruction has no model. */
  private List<Insn> decodeBlock(long start, long end, Mode mode) {
    List<Insn> block = new ArrayList<>();
    for (long pc = start; pc != end; pc = block.get(block.size() - 1).next()) {
      int at = (int) (pc - LabLayout.CODE);
      Insn insn = Decoder.decode(image, at, Math.min(15, image.length - at), pc, mode);
      if (insn == null) {
        unmodelled = block.size();
        return List.of();
      }
      block.add(insn);
      if (insn.endsBlock() || block.size() > MAX_STEPS) {
        break;
      }
    }
    Decoder.link(block);
    return block;
  }

  private void load(Mode mode, ByteBuffer in) {
    Segment code = mode == Mode.CODE32 ? CODE_32 : CODE_64;
    cpu.setSegment(CS, code);
    cpu.setSegment(ES, DATA);
    cpu.setSegment(SS, DATA);
    cpu.setSegment(DS, DATA);
    for (int i = 0; i < 16; i++) {
      cpu.r[i] = in.getLong(LabLayout.GENERAL + 8 * i);
      cpu.xmm[2 * i] = in.getLong(LabLayout.XMM + 16 * i);
      cpu.xmm[2 * i + 1] = in.getLong(LabLayout.XMM + 16 * i + 8);
    }
    cpu.setRflags(in.getLong(LabLayout.RFLAGS));
    cpu.mxcsr = in.getInt(LabLayout.MXCSR);
    cpu.fcw = 0x37f;
    cpu.fsw = 0;
    cpu.ftw = 0;
  }

  private void save(ByteBuffer out) {
    for (int i = 0; i < 16; i++) {
      out.putLong(LabLayout.GENERAL + 8 * i, cpu.r[i]);
      out.putLong(LabLayout.XMM + 16 * i, cpu.xmm[2 * i]);
      out.putLong(LabLayout.XMM + 16 * i + 8, cpu.xmm[2 * i + 1]);
    }
    out.putLong(LabLayout.RFLAGS, cpu.rflags());
    out.putInt(LabLayout.MXCSR, cpu.mxcsr);
  }
}
