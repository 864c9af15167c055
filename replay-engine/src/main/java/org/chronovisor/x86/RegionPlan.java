package org.chronovisor.x86;

import java.util.Arrays;
import java.util.List;

/** The blocks that are compiled together, the one that is entered first. Immutable. */
final class RegionPlan {
  /** One block: what its code depends on. */
  static final class Part {
    final long pc;
    final byte[] code;

    /** Lengths of its instructions in bytes. */
    final byte[] lengths;

    /** Addresses of blocks that were executed after it. */
    final long[] followers;

    private Part(Block block) {
      pc = block.pc;
      code = block.code;
      lengths = new byte[block.insns.length];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = (byte) block.insns[i].length();
      }
      followers = block.followers();
    }

    long next() {
      return pc + code.length;
    }

    /** Whether the same code would be made of a block. */
    boolean matches(Block block) {
      return block.pc == pc
          && block.insns.length == lengths.length
          && Arrays.equals(block.code, code)
          && isCompilable(block);
    }
  }

  final List<Part> parts;

  RegionPlan(List<Block> blocks) {
    parts = blocks.stream().map(Part::new).toList();
  }

  /** The plan without some of its last blocks. */
  private RegionPlan(List<Part> parts, int count) {
    this.parts = List.copyOf(parts.subList(0, count));
  }

  /** The first half of it. */
  RegionPlan half() {
    return new RegionPlan(parts, Math.max(1, parts.size() / 2));
  }

  Part head() {
    return parts.get(0);
  }

  /** Only 64-bit code in RAM whose instructions need nothing that was recorded. */
  static boolean isCompilable(Block block) {
    return block.mode == Mode.CODE64 && block.outside == null && !block.usesRecording();
  }
}
