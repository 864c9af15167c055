package org.chronovisor.x86;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Turns a plan into a hidden class. */
final class RegionCompiler {
  /** HotSpot does not compile methods that are longer (HugeMethodLimit). */
  private static final int LONGEST_METHOD = 8_000;

  private static final String NAME = "org/chronovisor/x86/CompiledRegion";
  private static final String PARENT = "org/chronovisor/x86/RegionBody";
  private static final String RUN =
      "(Lorg/chronovisor/x86/Cpu;[Lorg/chronovisor/x86/Insn;Lorg/chronovisor/x86/RegionFrame;)I";

  private final RegionPlan plan;
  private final List<List<Translation>> translations = new ArrayList<>();

  private RegionCompiler(RegionPlan plan) {
    this.plan = plan;
    for (RegionPlan.Part part : plan.parts) {
      List<Translation> list = new ArrayList<>();
      int offset = 0;
      for (byte length : part.lengths) {
        list.add(Decoder.translation(part.code, offset, length, part.pc + offset));
        offset += length;
      }
      translations.add(list);
    }
  }

  /** The compiled code with the blocks that are in it. */
  record Result(RegionPlan plan, RegionBody body) {}

  /** Compiles as many of a plan's first blocks as fit into one method. */
  static Result compile(RegionPlan plan) {
    for (RegionPlan fitting = plan; ; fitting = fitting.half()) {
      byte[] code = new RegionCompiler(fitting).write();
      if (code != null) {
        return new Result(fitting, define(code));
      }
      if (fitting.parts.size() == 1) {
        throw new IllegalArgumentException("a block is too long");
      }
    }
  }

  private static RegionBody define(byte[] code) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(code, true);
      return (RegionBody) lookup.lookupClass().getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The class file, or null when its method would be too long. */
  private byte[] write() {
    ClassWriter writer = begin();
    // Written twice: first to learn which registers are in use.
    MethodVisitor nowhere = begin().visitMethod(0, "run", RUN, null, null);
    RegionMethod trial = new RegionMethod(nowhere, NAME, 0xffff, addresses());
    if (write(trial) > 2 * LONGEST_METHOD) {
      return null;
    }
    RegionMethod method =
        new RegionMethod(
            writer.visitMethod(0, "run", RUN, null, null),
            NAME,
            trial.usedRegisters(),
            addresses());
    int length = write(method);
    writer.visitEnd();
    return length > LONGEST_METHOD ? null : writer.toByteArray();
  }

  /** A class with a constructor. */
  private static ClassWriter begin() {
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(Opcodes.V17, Opcodes.ACC_FINAL | Opcodes.ACC_SUPER, NAME, null, PARENT, null);
    MethodVisitor constructor = writer.visitMethod(0, "<init>", "()V", null, null);
    constructor.visitCode();
    constructor.visitVarInsn(Opcodes.ALOAD, 0);
    constructor.visitMethodInsn(Opcodes.INVOKESPECIAL, PARENT, "<init>", "()V", false);
    constructor.visitInsn(Opcodes.RETURN);
    constructor.visitMaxs(0, 0);
    constructor.visitEnd();
    return writer;
  }

  private long[] addresses() {
    return plan.parts.stream().mapToLong(part -> part.pc).toArray();
  }

  private int write(RegionMethod method) {
    method.prologue();
    int number = 0;
    for (int i = 0; i < plan.parts.size(); i++) {
      RegionPlan.Part part = plan.parts.get(i);
      List<Translation> list = translations.get(i);
      boolean[] needed = flagsNeeded(list);
      long after = part.pc;
      method.beginBlock(i, part.pc, part.next(), list.size(), part.followers);
      for (int k = 0; k < list.size(); k++) {
        after += part.lengths[k];
        Translation translation = list.get(k);
        method.beginInsn(number++, after, translation, needed[k]);
        translation.body().write(method);
        if (k + 1 < list.size()) {
          method.endInsn();
        }
      }
      end(method, list.get(list.size() - 1));
    }
    return method.epilogue();
  }

  private static void end(RegionMethod method, Translation last) {
    if (last.has(Translation.JUMPS)) {
      return;
    }
    if (last.has(Translation.ANYTHING)) {
      method.endBlock();
      method.leaveAfterModel();
    } else {
      method.endInsn();
      method.endBlock();
      method.fallThrough();
    }
  }

  /** For each instruction whether the flags after it may matter. */
  private static boolean[] flagsNeeded(List<Translation> list) {
    boolean[] needed = new boolean[list.size()];
    boolean live = true;
    for (int i = list.size() - 1; i >= 0; i--) {
      Translation translation = list.get(i);
      if (translation.has(Translation.STORES)) {
        live = true;
      }
      needed[i] = live;
      if (translation.has(Translation.SETS_FLAGS)) {
        live = false;
      }
      if (translation.has(Translation.READS_FLAGS) || translation.has(Translation.FAULTS)) {
        live = true;
      }
    }
    return needed;
  }
}
