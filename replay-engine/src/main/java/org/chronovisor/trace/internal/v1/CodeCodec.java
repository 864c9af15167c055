package org.chronovisor.trace.internal.v1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;
import org.chronovisor.x86.EndKind;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Plan;
import org.chronovisor.x86.Registers;

/**
 * The sections of a CODE record: blocks, their texts, plans.
 *
 * <pre>
 * section 0: varint n, n x { zigzag id - previous id, zigzag pc - previous pc, u8 mode,
 *              varint m, m x { zigzag pc - expected pc, u8 size, bytes, varint text length } }
 *            (expected: the end of the instruction before, at first the block's pc)
 * section 1: the texts one after the other, UTF-8
 * section 2: varint n, n x { u8 mode, u8 size, bytes, u8 modelled, varint flags,
 *              u8 k, k x u8 capture register, u8 k, k x u8 notify register,
 *              u8 end kind, u8 end register, u64 target }
 * </pre>
 */
final class CodeCodec {
  static final int SECTIONS = 3;

  private static final Mode[] MODES = Mode.values();
  private static final EndKind[] ENDS = EndKind.values();
  private static final int MAX_FLAGS = 0xffff;

  private CodeCodec() {}

  static byte[][] encode(List<CodeBlock> blocks, List<PlannedInstruction> plans) {
    Limits.check(blocks.size() <= Limits.BLOCKS, "too many blocks");
    Limits.check(plans.size() <= Limits.BLOCKS, "too many plans");
    BytesOut code = new BytesOut();
    BytesOut texts = new BytesOut();
    code.varint(blocks.size());
    long id = 0;
    long pc = 0;
    for (CodeBlock block : blocks) {
      code.zigzag(block.id() - id);
      code.zigzag(block.pc() - pc);
      id = block.id();
      pc = block.pc();
      code.u8(block.mode().ordinal());
      encodeInstructions(block, code, texts);
    }
    BytesOut planned = new BytesOut();
    planned.varint(plans.size());
    for (PlannedInstruction plan : plans) {
      encode(plan, planned);
    }
    return new byte[][] {code.toByteArray(), texts.toByteArray(), planned.toByteArray()};
  }

  private static void encodeInstructions(CodeBlock block, BytesOut code, BytesOut texts) {
    int count = block.instructions().size();
    Limits.check(count <= Limits.INSTRUCTIONS_IN_BLOCK, "block with too many instructions");
    code.varint(count);
    long expected = block.pc();
    for (CodeBlock.Instruction instruction : block.instructions()) {
      code.zigzag(instruction.pc() - expected);
      code.u8(size(instruction.bytes()));
      code.bytes(instruction.bytes());
      byte[] text = instruction.text().getBytes(StandardCharsets.UTF_8);
      Limits.check(text.length <= Limits.STRING_BYTES, "text too long");
      code.varint(text.length);
      texts.bytes(text);
      expected = instruction.pc() + instruction.bytes().length;
    }
  }

  private static int size(byte[] instruction) {
    Limits.check(instruction.length <= Limits.INSTRUCTION_BYTES, "instruction too long");
    return instruction.length;
  }

  private static void encode(PlannedInstruction planned, BytesOut out) {
    Plan plan = planned.plan();
    out.u8(planned.mode().ordinal());
    out.u8(size(planned.bytes()));
    out.bytes(planned.bytes());
    out.u8(plan.modelled() ? 1 : 0);
    Limits.check(plan.flags() >= 0 && plan.flags() <= MAX_FLAGS, "plan flags");
    out.varint(plan.flags());
    encodeRegisters(plan.captureRegisters(), out);
    encodeRegisters(plan.notifyRegisters(), out);
    out.u8(plan.end().ordinal());
    Limits.check(plan.endRegister() >= 0 && plan.endRegister() < 256, "end register");
    out.u8(plan.endRegister());
    out.u64(plan.target());
  }

  private static void encodeRegisters(byte[] registers, BytesOut out) {
    Limits.check(registers.length <= Registers.COUNT, "too many registers in a plan");
    out.u8(registers.length);
    for (byte register : registers) {
      Limits.check(register >= 0 && register < Registers.COUNT, "register " + register);
      out.u8(register);
    }
  }

  static List<CodeBlock> decodeBlocks(BytesIn code, byte[] texts) {
    int count = code.count(Limits.BLOCKS);
    List<CodeBlock> blocks = new ArrayList<>();
    long id = 0;
    long pc = 0;
    int text = 0;
    for (int i = 0; i < count; i++) {
      id += code.zigzag();
      pc += code.zigzag();
      if (id < Integer.MIN_VALUE || id > Integer.MAX_VALUE) {
        throw code.damaged("block id " + id);
      }
      Mode mode = MODES[code.number(MODES.length - 1)];
      int size = code.count(Limits.INSTRUCTIONS_IN_BLOCK);
      List<CodeBlock.Instruction> instructions = new ArrayList<>(size);
      long expected = pc;
      for (int j = 0; j < size; j++) {
        long address = expected + code.zigzag();
        byte[] bytes = code.bytes(code.number(Limits.INSTRUCTION_BYTES));
        int length = code.number(Limits.STRING_BYTES);
        if (length > texts.length - text) {
          throw code.damaged("a text is missing");
        }
        instructions.add(
            new CodeBlock.Instruction(
                address, bytes, new String(texts, text, length, StandardCharsets.UTF_8)));
        text += length;
        expected = address + bytes.length;
      }
      blocks.add(new CodeBlock((int) id, pc, mode, List.copyOf(instructions)));
    }
    code.end();
    if (text != texts.length) {
      throw code.damaged("texts are left over");
    }
    return blocks;
  }

  static List<PlannedInstruction> decodePlans(BytesIn in) {
    int count = in.count(Limits.BLOCKS);
    List<PlannedInstruction> plans = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Mode mode = MODES[in.number(MODES.length - 1)];
      byte[] bytes = in.bytes(in.number(Limits.INSTRUCTION_BYTES));
      boolean modelled = in.flag();
      int flags = in.number(MAX_FLAGS);
      byte[] capture = decodeRegisters(in);
      byte[] notify = decodeRegisters(in);
      EndKind end = ENDS[in.number(ENDS.length - 1)];
      plans.add(
          new PlannedInstruction(
              mode, bytes, new Plan(modelled, flags, capture, notify, end, in.u8(), in.u64())));
    }
    in.end();
    return plans;
  }

  private static byte[] decodeRegisters(BytesIn in) {
    byte[] registers = in.bytes(in.number(Registers.COUNT));
    for (byte register : registers) {
      if (register < 0 || register >= Registers.COUNT) {
        throw in.damaged("register " + register);
      }
    }
    return registers;
  }
}
