package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.x86.InstructionPlanner;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;

/**
 * Answers the plugin's question what to do with a block that QEMU translates.
 *
 * <p>{@link #answer} is called by one thread, {@link #takeNew} by any.
 */
final class TranslationOracle {
  private static final int MAX_INSTRUCTIONS = 4096;
  private static final int MAX_LENGTH = 15;

  private final InstructionPlanner planner;
  private final ModeResolver modes;
  private final BlockTable blocks;
  private final RecordingCost cost;
  private final boolean check;

  private final Map<BlockKey, RecordedBlock> known = new HashMap<>();
  private final Map<Encoding, Plan> planned = new HashMap<>();
  private final List<CodeBlock> newBlocks = new ArrayList<>();
  private final List<PlannedInstruction> newPlans = new ArrayList<>();

  /** Bytes of an instruction, compared by content. */
  private record Encoding(Mode mode, ByteBuffer bytes) {}

  private record BlockKey(long pc, Mode mode, ByteBuffer bytes) {}

  /** Definitions that the trace does not hold yet. */
  record NewCode(List<CodeBlock> blocks, List<PlannedInstruction> plans) {}

  TranslationOracle(
      InstructionPlanner planner,
      ModeResolver modes,
      BlockTable blocks,
      RecordingCost cost,
      boolean check) {
    this.planner = planner;
    this.modes = modes;
    this.blocks = blocks;
    this.cost = cost;
    this.check = check;
  }

  void forgetModes() {
    modes.forget();
  }

  /**
   * Payload of PLAN for the payload of TRANSLATE.
   *
   * @param question little endian
   */
  ByteBuffer answer(ByteBuffer question) throws IOException {
    long pc = question.getLong();
    long cs = question.getLong();
    long cr0 = question.getLong();
    long efer = question.getLong();
    int count = question.getInt();
    question.getInt();
    if (count < 1 || count > MAX_INSTRUCTIONS) {
      throw new IOException("the plugin asked about " + count + " instructions");
    }
    Mode mode = modes.resolve(pc, cs, cr0, efer);
    List<CodeBlock.Instruction> instructions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long address = question.getLong();
      int size = question.get() & 0xff;
      question.get();
      byte[] text = new byte[question.getShort() & 0xffff];
      if (size < 1 || size > MAX_LENGTH) {
        throw new IOException("the plugin sent an instruction of " + size + " bytes");
      }
      byte[] bytes = new byte[size];
      question.get(bytes);
      question.get(text);
      instructions.add(
          new CodeBlock.Instruction(address, bytes, new String(text, StandardCharsets.UTF_8)));
    }
    return encode(block(pc, mode, instructions));
  }

  private RecordedBlock block(long pc, Mode mode, List<CodeBlock.Instruction> instructions) {
    BlockKey key = new BlockKey(pc, mode, allBytes(instructions));
    RecordedBlock block = known.get(key);
    if (block == null) {
      block = plan(mode, instructions);
      known.put(key, block);
      blocks.add(block);
      cost.define(block.id(), instructions, block.plans());
      synchronized (this) {
        newBlocks.add(new CodeBlock(block.id(), pc, mode, instructions));
      }
    }
    return block;
  }

  private static ByteBuffer allBytes(List<CodeBlock.Instruction> instructions) {
    ByteBuffer all = ByteBuffer.allocate(instructions.size() * (MAX_LENGTH + 1));
    for (CodeBlock.Instruction instruction : instructions) {
      all.put((byte) instruction.bytes().length).put(instruction.bytes());
    }
    return ByteBuffer.wrap(Arrays.copyOf(all.array(), all.position()));
  }

  private RecordedBlock plan(Mode mode, List<CodeBlock.Instruction> instructions) {
    int count = instructions.size();
    long[] pcs = new long[count];
    byte[][] opcodes = new byte[count][];
    Plan[] plans = new Plan[count];
    for (int i = 0; i < count; i++) {
      CodeBlock.Instruction instruction = instructions.get(i);
      pcs[i] = instruction.pc();
      opcodes[i] = instruction.bytes();
      plans[i] = planner.plan(opcodes[i], mode, pcs[i], check, instruction.text());
      remember(mode, opcodes[i], plans[i]);
    }
    long next = pcs[count - 1] + opcodes[count - 1].length;
    return new RecordedBlock(blocks.nextId(), mode, pcs, opcodes, plans, next);
  }

  /** The trace keeps plans only of instructions that the replay does not simply execute. */
  private void remember(Mode mode, byte[] bytes, Plan plan) {
    boolean plain =
        plan.modelled()
            && (plan.flags() & (Plan.CAPTURE | Plan.CAPTURE_STORES | Plan.MONITOR)) == 0;
    if (!plain && planned.putIfAbsent(new Encoding(mode, ByteBuffer.wrap(bytes)), plan) == null) {
      synchronized (this) {
        newPlans.add(new PlannedInstruction(mode, bytes, plan));
      }
    }
  }

  private static ByteBuffer encode(RecordedBlock block) {
    int size = 24;
    for (Plan plan : block.plans()) {
      size += 6 + plan.captureRegisters().length + plan.notifyRegisters().length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    Plan last = block.last();
    out.putInt(block.id()).putInt(block.plans().length).putLong(last.target());
    out.put((byte) last.end().ordinal()).put((byte) last.endRegister());
    out.putShort((short) (block.mode() == Mode.CODE64 ? 1 : 0)).putInt(0);
    for (Plan plan : block.plans()) {
      out.putInt(plan.flags());
      out.put((byte) plan.captureRegisters().length).put((byte) plan.notifyRegisters().length);
      out.put(plan.captureRegisters()).put(plan.notifyRegisters());
    }
    return out.flip();
  }

  /** What was translated since the last call. */
  synchronized NewCode takeNew() {
    NewCode code = new NewCode(List.copyOf(newBlocks), List.copyOf(newPlans));
    newBlocks.clear();
    newPlans.clear();
    return code;
  }
}
