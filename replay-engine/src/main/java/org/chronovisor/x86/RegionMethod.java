package org.chronovisor.x86;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes the JVM method of one region ({@link RegionBody#run}), piece by piece.
 *
 * <p>General registers are kept in local variables and in the CPU's array, so that nothing need be
 * saved when the method is left; pending flags only in local variables. Memory operands are
 * accessed by the MMU, whose fast paths the JVM inlines.
 */
final class RegionMethod {
  private static final String PACKAGE = "org/chronovisor/x86/";
  private static final String CPU_TYPE = PACKAGE + "Cpu";
  private static final String MMU_TYPE = PACKAGE + "Mmu";
  private static final String INSN_TYPE = PACKAGE + "Insn";
  private static final String FRAME_TYPE = PACKAGE + "RegionFrame";
  private static final String FLAGS_TYPE = PACKAGE + "Flags";
  private static final String THROWABLE = "java/lang/RuntimeException";

  // Local variables.
  private static final int CPU = 1;
  private static final int INSNS = 2;
  private static final int FRAME = 3;
  private static final int MMU = 4;
  private static final int ARRAY = 5;
  private static final int LEFT = 6;
  private static final int HASH = 8;
  private static final int LAST = 10;
  private static final int AT = 11;
  private static final int STALE = 12;
  private static final int FLAGS = 13;
  private static final int FLAGS_A = 14;
  private static final int FLAGS_B = 16;
  private static final int FLAGS_RESULT = 18;

  /** Operands and result of the present instruction. */
  static final int A = 20;

  static final int B = 22;
  static final int RESULT = 24;

  /** Of a memory operand that is loaded and stored, or any other number. */
  static final int ADDRESS = 26;

  /** Where an indirect transfer goes. */
  static final int TARGET = 28;

  private static final int CODE = 30;

  /** An int: a shift count. */
  static final int COUNT = 31;

  private static final int VECTORS = 32;
  private static final int REGISTERS = 33;

  /** The flags are in the CPU, not in local variables. */
  private static final int IN_CPU = -1;

  private static final int UNKNOWN = -2;

  private final MethodVisitor v;
  private final String owner;

  /** Bit i: local variable of register i is in use. */
  private final int registers;

  private final Map<Long, Label> blocks = new HashMap<>();
  private final Map<Long, Label> exits = new HashMap<>();
  private final Map<Integer, Label> changes = new HashMap<>();
  private final Label begin = new Label();
  private final Label end = new Label();
  private final Label boundary = new Label();
  private final Label leave = new Label();
  private boolean framed;
  private int used;

  // Of the present block.
  private int block;
  private int length;
  private long next;
  private long[] followers = {};

  // Of the present instruction.
  private int number;
  private long after;
  private Translation translation;
  private boolean flagsNeeded;
  private boolean marked;
  private boolean stored;

  /** The operation that set the flags last, if it was in this block, or {@link #UNKNOWN}. */
  private int known = UNKNOWN;

  /**
   * @param registers those that some instruction uses, as {@link #usedRegisters} said when the same
   *     was written before
   * @param blocks addresses of the region's blocks
   */
  RegionMethod(MethodVisitor visitor, String owner, int registers, long[] blocks) {
    v = visitor;
    this.owner = owner;
    this.registers = registers;
    for (long pc : blocks) {
      this.blocks.put(pc, new Label());
    }
  }

  /** Registers that what was written uses. */
  int usedRegisters() {
    return used;
  }

  // ---- the method ----------------------------------------------------------------------------

  void prologue() {
    v.visitCode();
    v.visitTryCatchBlock(begin, end, end, THROWABLE);
    field(CPU, CPU_TYPE, "mmu", "L" + MMU_TYPE + ";");
    v.visitVarInsn(Opcodes.ASTORE, MMU);
    field(CPU, CPU_TYPE, "r", "[J");
    v.visitVarInsn(Opcodes.ASTORE, ARRAY);
    field(CPU, CPU_TYPE, "xmm", "[J");
    v.visitVarInsn(Opcodes.ASTORE, VECTORS);
    field(FRAME, FRAME_TYPE, "left", "J");
    set(LEFT);
    field(FRAME, FRAME_TYPE, "hash", "J");
    set(HASH);
    constant(-1);
    setInt(LAST);
    for (int local : new int[] {AT, STALE, CODE, COUNT}) {
      constant(0);
      setInt(local);
    }
    for (int local : new int[] {A, B, RESULT, ADDRESS, TARGET}) {
      constant(0L);
      set(local);
    }
    reloadFlags();
    for (int i = 0; i < 16; i++) {
      reload(i);
    }
    v.visitLabel(begin);
  }

  /** Writes the ways out. Returns the length of the method's code in bytes. */
  int epilogue() {
    exits.forEach(
        (target, label) -> {
          label(label);
          constant(target);
          set(TARGET);
          v.visitJumpInsn(Opcodes.GOTO, boundary);
        });
    changes.forEach(
        (at, label) -> {
          label(label);
          constant(at << 2 | RegionBody.CHANGED);
          setInt(CODE);
          v.visitJumpInsn(Opcodes.GOTO, leave);
        });
    v.visitLabel(end);
    v.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {THROWABLE});
    v.visitVarInsn(Opcodes.ALOAD, FRAME);
    v.visitInsn(Opcodes.SWAP);
    v.visitFieldInsn(Opcodes.PUTFIELD, FRAME_TYPE, "thrown", "L" + THROWABLE + ";");
    getInt(AT);
    constant(2);
    op(Opcodes.ISHL);
    constant(RegionBody.THROWN);
    op(Opcodes.IOR);
    setInt(CODE);
    v.visitJumpInsn(Opcodes.GOTO, leave);
    label(boundary);
    putRip(() -> get(TARGET));
    constant(RegionBody.BETWEEN_BLOCKS);
    setInt(CODE);
    label(leave);
    Label saved = new Label();
    getInt(FLAGS);
    v.visitJumpInsn(Opcodes.IFLT, saved);
    saveFlags();
    label(saved);
    putFrame("left", "J", () -> get(LEFT));
    putFrame("hash", "J", () -> get(HASH));
    putFrame("last", "I", () -> getInt(LAST));
    getInt(CODE);
    op(Opcodes.IRETURN);
    Label last = new Label();
    v.visitLabel(last);
    v.visitMaxs(0, 0);
    v.visitEnd();
    return last.getOffset();
  }

  private void putFrame(String name, String type, Runnable value) {
    v.visitVarInsn(Opcodes.ALOAD, FRAME);
    value.run();
    v.visitFieldInsn(Opcodes.PUTFIELD, FRAME_TYPE, name, type);
  }

  private void putRip(Runnable value) {
    v.visitVarInsn(Opcodes.ALOAD, CPU);
    value.run();
    v.visitFieldInsn(Opcodes.PUTFIELD, CPU_TYPE, "rip", "J");
  }

  // ---- blocks and instructions ---------------------------------------------------------------

  /**
   * Begins a block: leaves before it when it does not fit into what may be executed.
   *
   * @param followers where it went to before, for indirect transfers
   */
  void beginBlock(int block, long pc, long next, int length, long[] followers) {
    this.block = block;
    this.length = length;
    this.next = next;
    this.followers = followers;
    known = UNKNOWN;
    label(blocks.get(pc));
    get(LEFT);
    constant((long) length);
    op(Opcodes.LCMP);
    v.visitJumpInsn(Opcodes.IFLT, exit(pc));
  }

  /**
   * Begins an instruction.
   *
   * @param after address after it
   * @param flagsNeeded whether anything may see the flags it leaves
   */
  void beginInsn(int number, long after, Translation translation, boolean flagsNeeded) {
    this.number = number;
    this.after = after;
    this.translation = translation;
    this.flagsNeeded = flagsNeeded;
    marked = false;
    stored = false;
  }

  /** Ends an instruction that is not the last of its block, or falls through. */
  void endInsn() {
    if (stored) {
      getInt(STALE);
      v.visitJumpInsn(Opcodes.IFNE, changes.computeIfAbsent(number, n -> new Label()));
    }
  }

  /** Accounts for a block that is executed to its end. */
  void endBlock() {
    get(LEFT);
    constant((long) length);
    op(Opcodes.LSUB);
    set(LEFT);
    constant(block);
    setInt(LAST);
  }

  /** Goes on behind the block. */
  void fallThrough() {
    v.visitJumpInsn(Opcodes.GOTO, blockOrExit(next));
  }

  /** Leaves the region behind a block whose last instruction may have done anything. */
  void leaveAfterModel() {
    constant(number << 2 | RegionBody.BLOCK_END);
    setInt(CODE);
    v.visitJumpInsn(Opcodes.GOTO, leave);
  }

  /** Address after the present instruction. */
  long after() {
    return after;
  }

  // ---- transfers; the block has been ended ---------------------------------------------------

  /** Goes to an address. */
  void jump(long target) {
    hash(target);
    if (stored) {
      getInt(STALE);
      v.visitJumpInsn(Opcodes.IFNE, exit(target));
    }
    v.visitJumpInsn(Opcodes.GOTO, blockOrExit(target));
  }

  /** Goes to an address if a condition holds, else behind the block. */
  void jumpIf(int condition, long target) {
    Label taken = new Label();
    branch(condition, taken);
    fallThrough();
    label(taken);
    jump(target);
  }

  /** Goes to the address in {@link #TARGET}. */
  void jumpIndirect() {
    Label other = new Label();
    if (stored) {
      getInt(STALE);
      v.visitJumpInsn(Opcodes.IFNE, other);
    }
    for (long follower : followers) {
      Label block = blocks.get(follower);
      if (block != null) {
        Label no = new Label();
        get(TARGET);
        constant(follower);
        op(Opcodes.LCMP);
        v.visitJumpInsn(Opcodes.IFNE, no);
        hash(follower);
        v.visitJumpInsn(Opcodes.GOTO, block);
        label(no);
      }
    }
    if (stored) {
      label(other);
    }
    Label sequential = new Label();
    get(TARGET);
    constant(next);
    op(Opcodes.LCMP);
    v.visitJumpInsn(Opcodes.IFEQ, sequential);
    get(HASH);
    get(TARGET);
    callStatic(PACKAGE + "PathHash", "step", "(JJ)J");
    set(HASH);
    label(sequential);
    v.visitJumpInsn(Opcodes.GOTO, boundary);
  }

  private void hash(long target) {
    if (target != next) {
      get(HASH);
      constant(target);
      callStatic(PACKAGE + "PathHash", "step", "(JJ)J");
      set(HASH);
    }
  }

  private Label blockOrExit(long target) {
    Label block = blocks.get(target);
    return block != null ? block : exit(target);
  }

  private Label exit(long target) {
    return exits.computeIfAbsent(target, t -> new Label());
  }

  // ---- models --------------------------------------------------------------------------------

  /**
   * Calls the present instruction's model.
   *
   * @param written general registers that it may write
   * @param anything it may use and change the flags, and use rip
   */
  void callModel(int written, boolean anything) {
    mark();
    if (anything) {
      saveFlags();
      constant(IN_CPU);
      setInt(FLAGS);
      putRip(() -> constant(next));
    }
    v.visitVarInsn(Opcodes.ALOAD, INSNS);
    constant(number);
    op(Opcodes.AALOAD);
    v.visitVarInsn(Opcodes.ALOAD, CPU);
    v.visitMethodInsn(Opcodes.INVOKEVIRTUAL, INSN_TYPE, "execute", "(L" + CPU_TYPE + ";)V", false);
    for (int i = 0; i < 16; i++) {
      if ((written >> i & 1) != 0) {
        reload(i);
      }
    }
    if (translation.has(Translation.WRITES_FLAGS)) {
      reloadFlags();
      known = UNKNOWN;
    }
    if (translation.has(Translation.STORES)) {
      v.visitVarInsn(Opcodes.ALOAD, MMU);
      v.visitMethodInsn(Opcodes.INVOKEVIRTUAL, MMU_TYPE, "generation", "()J", false);
      field(FRAME, FRAME_TYPE, "generation", "J");
      op(Opcodes.LCMP);
      setInt(STALE);
      stored = true;
    }
  }

  /** Names the present instruction as the one that a fault is of. */
  private void mark() {
    if (!marked) {
      constant(number);
      setInt(AT);
      marked = true;
    }
  }

  // ---- registers and memory ------------------------------------------------------------------

  /** Pushes a general register; zero for none. */
  void register(int i) {
    if (i >= 16) {
      constant(0L);
      return;
    }
    used |= 1 << i;
    get(REGISTERS + 2 * i);
  }

  /** Pops a general register's new value. */
  void setRegister(int i) {
    used |= 1 << i;
    set(REGISTERS + 2 * i);
    v.visitVarInsn(Opcodes.ALOAD, ARRAY);
    constant(i);
    get(REGISTERS + 2 * i);
    op(Opcodes.LASTORE);
  }

  /** Pushes the CPU. */
  void cpu() {
    v.visitVarInsn(Opcodes.ALOAD, CPU);
  }

  /** Pushes the array of vector registers. */
  void vectors() {
    v.visitVarInsn(Opcodes.ALOAD, VECTORS);
  }

  /** Pushes an element of {@link Cpu#xmm}. */
  void vector(int element) {
    vectors();
    constant(element);
    op(Opcodes.LALOAD);
  }

  /** Sets an element of {@link Cpu#xmm} to what is pushed. */
  void setVector(int element, Runnable value) {
    vectors();
    constant(element);
    value.run();
    op(Opcodes.LASTORE);
  }

  private void reload(int i) {
    if ((registers >> i & 1) != 0) {
      v.visitVarInsn(Opcodes.ALOAD, ARRAY);
      constant(i);
      op(Opcodes.LALOAD);
      set(REGISTERS + 2 * i);
    }
  }

  /** Pushes what LEA computes, before it is cut to size. */
  void sum(Address address) {
    boolean any = false;
    if (address.base < 16) {
      register(address.base);
      any = true;
    }
    if (address.index < 16) {
      register(address.index);
      if (address.scale > 0) {
        constant(address.scale);
        op(Opcodes.LSHL);
      }
      if (any) {
        op(Opcodes.LADD);
      }
      any = true;
    }
    if (address.displacement != 0 || !any) {
      constant(address.displacement);
      if (any) {
        op(Opcodes.LADD);
      }
    }
  }

  /** Pushes a linear address. */
  void linear(Address address) {
    sum(address);
    if (address.segment >= 0) {
      mask(address.offsetMask);
      field(CPU, CPU_TYPE, "segmentBase", "[J");
      constant(address.segment);
      op(Opcodes.LALOAD);
      op(Opcodes.LADD);
    }
  }

  /** Pushes an operand, sign-extended. */
  void load(Operand operand) {
    if (operand instanceof Operand.Memory memory) {
      loadMemory(() -> linear(memory.address), memory.size);
    } else if (operand instanceof Operand.Immediate immediate) {
      constant(immediate.value);
    } else {
      Operand.Register register = (Operand.Register) operand;
      register(register.number);
      if (register.shift() != 0) {
        constant(register.shift());
        op(Opcodes.LSHR);
      }
      extend(register.size);
    }
  }

  /** Pushes the memory operand at {@link #ADDRESS}, sign-extended. */
  void loadAtAddress(int size) {
    loadMemory(() -> get(ADDRESS), size);
  }

  private void loadMemory(Runnable address, int size) {
    mark();
    v.visitVarInsn(Opcodes.ALOAD, MMU);
    address.run();
    String type = size == 8 ? "(J)J" : "(J)I";
    v.visitMethodInsn(Opcodes.INVOKEVIRTUAL, MMU_TYPE, "load" + 8 * size, type, false);
    if (size < 4) {
      op(size == 1 ? Opcodes.I2B : Opcodes.I2S);
    }
    if (size < 8) {
      op(Opcodes.I2L);
    }
  }

  /** Pushes an operand, zero-extended. */
  void loadUnsigned(Operand operand) {
    load(operand);
    mask(Operand.mask(operand.size));
  }

  /** Pops {@link #RESULT} and stores its low bits in an operand. */
  void storeTop(Operand operand) {
    set(RESULT);
    store(operand);
  }

  /** Stores the low bits of {@link #RESULT} in an operand. */
  void store(Operand operand) {
    if (operand instanceof Operand.Memory memory) {
      storeMemory(() -> linear(memory.address), memory.size);
      return;
    }
    Operand.Register register = (Operand.Register) operand;
    if (register.size < 4) {
      register(register.number);
      constant(~(Operand.mask(register.size) << register.shift()));
      op(Opcodes.LAND);
      get(RESULT);
      mask(Operand.mask(register.size));
      if (register.shift() != 0) {
        constant(register.shift());
        op(Opcodes.LSHL);
      }
      op(Opcodes.LOR);
    } else {
      get(RESULT);
      mask(Operand.mask(register.size));
    }
    setRegister(register.number);
  }

  /** Stores the low bits of {@link #RESULT} at {@link #ADDRESS}. */
  void storeAtAddress(int size) {
    storeMemory(() -> get(ADDRESS), size);
  }

  private void storeMemory(Runnable address, int size) {
    mark();
    v.visitVarInsn(Opcodes.ALOAD, MMU);
    address.run();
    get(RESULT);
    if (size < 8) {
      op(Opcodes.L2I);
    }
    String type = size == 8 ? "(JJ)Z" : "(JI)Z";
    v.visitMethodInsn(Opcodes.INVOKEVIRTUAL, MMU_TYPE, "store" + 8 * size, type, false);
    setInt(STALE);
    stored = true;
  }

  // ---- flags ---------------------------------------------------------------------------------

  boolean flagsNeeded() {
    return flagsNeeded;
  }

  /** Flags of {@link #A} and {@link #B} giving {@link #RESULT}, or of the result alone. */
  void setFlags(int operation) {
    if (!flagsNeeded) {
      return;
    }
    if (operation == Flags.ADD || operation == Flags.SUB) {
      get(A);
      set(FLAGS_A);
      get(B);
      set(FLAGS_B);
    }
    get(RESULT);
    set(FLAGS_RESULT);
    operation(operation);
  }

  /** Pops CF, AF and OF as an int; the others follow from {@link #RESULT}. */
  void setFlagsOfResult() {
    op(Opcodes.I2L);
    set(FLAGS_A);
    get(RESULT);
    set(FLAGS_RESULT);
    operation(Flags.RESULT);
  }

  /** Pops all arithmetic flags as an int. */
  void setAllFlags() {
    op(Opcodes.I2L);
    set(FLAGS_A);
    operation(Flags.EXPLICIT);
  }

  private void operation(int operation) {
    constant(operation);
    setInt(FLAGS);
    known = operation;
  }

  /** What happens next depends on a branch: nothing is known of the flags. */
  void forgetFlags() {
    known = UNKNOWN;
  }

  /** Pushes all arithmetic flags as an int. */
  void flags() {
    pending();
    callStatic(FLAGS_TYPE, "compute", "(IJJJ)I");
  }

  /** Pushes CF as an int. */
  void carry() {
    pending();
    callStatic(FLAGS_TYPE, "carry", "(IJJJ)I");
  }

  private void pending() {
    getInt(FLAGS);
    get(FLAGS_A);
    get(FLAGS_B);
    get(FLAGS_RESULT);
  }

  private void saveFlags() {
    v.visitVarInsn(Opcodes.ALOAD, CPU);
    getInt(FLAGS);
    v.visitFieldInsn(Opcodes.PUTFIELD, CPU_TYPE, "flagsOperation", "I");
    putCpu("flagsA", FLAGS_A);
    putCpu("flagsB", FLAGS_B);
    putCpu("flagsResult", FLAGS_RESULT);
  }

  private void putCpu(String name, int local) {
    v.visitVarInsn(Opcodes.ALOAD, CPU);
    get(local);
    v.visitFieldInsn(Opcodes.PUTFIELD, CPU_TYPE, name, "J");
  }

  private void reloadFlags() {
    field(CPU, CPU_TYPE, "flagsOperation", "I");
    setInt(FLAGS);
    field(CPU, CPU_TYPE, "flagsA", "J");
    set(FLAGS_A);
    field(CPU, CPU_TYPE, "flagsB", "J");
    set(FLAGS_B);
    field(CPU, CPU_TYPE, "flagsResult", "J");
    set(FLAGS_RESULT);
  }

  /** Goes to a label if a condition (SDM vol. 1, appendix B) holds. */
  void branch(int condition, Label label) {
    int opcode = known == UNKNOWN ? -1 : compare(condition);
    if (opcode >= 0) {
      v.visitJumpInsn(opcode, label);
      return;
    }
    constant(condition);
    pending();
    callStatic(FLAGS_TYPE, "test", "(IIJJJ)Z");
    v.visitJumpInsn(Opcodes.IFNE, label);
  }

  /**
   * Pushes a comparison from which a condition follows in the state that the flags are known to be
   * in; returns the jump's opcode, or -1 having pushed nothing.
   */
  private int compare(int condition) {
    int kind = condition >> 1;
    boolean negated = (condition & 1) != 0;
    if (known != Flags.EXPLICIT && (kind == 2 || kind == 4)) {
      compareWithZero();
      return kind == 2 ? unless(negated, Opcodes.IFEQ) : unless(negated, Opcodes.IFLT);
    }
    if (known == Flags.SUB && (kind == 1 || kind == 3)) {
      get(FLAGS_A);
      get(FLAGS_B);
      callStatic("java/lang/Long", "compareUnsigned", "(JJ)I");
      return unless(negated, kind == 1 ? Opcodes.IFLT : Opcodes.IFLE);
    }
    if (known == Flags.SUB && kind >= 6) {
      get(FLAGS_A);
      get(FLAGS_B);
      op(Opcodes.LCMP);
      return unless(negated, kind == 6 ? Opcodes.IFLT : Opcodes.IFLE);
    }
    if (known == Flags.LOGIC && kind >= 6) {
      compareWithZero();
      return unless(negated, kind == 6 ? Opcodes.IFLT : Opcodes.IFLE);
    }
    if (known == Flags.LOGIC && kind == 3) {
      compareWithZero();
      return unless(negated, Opcodes.IFEQ);
    }
    if (kind == 1) {
      carry();
      return unless(negated, Opcodes.IFNE);
    }
    return -1;
  }

  private void compareWithZero() {
    get(FLAGS_RESULT);
    constant(0L);
    op(Opcodes.LCMP);
  }

  private static int unless(boolean negated, int opcode) {
    if (!negated) {
      return opcode;
    }
    return switch (opcode) {
      case Opcodes.IFEQ -> Opcodes.IFNE;
      case Opcodes.IFNE -> Opcodes.IFEQ;
      case Opcodes.IFLT -> Opcodes.IFGE;
      default -> Opcodes.IFGT;
    };
  }

  // ---- bytecode ------------------------------------------------------------------------------

  void op(int opcode) {
    v.visitInsn(opcode);
  }

  /** Pushes a long local variable. */
  void get(int local) {
    v.visitVarInsn(Opcodes.LLOAD, local);
  }

  void set(int local) {
    v.visitVarInsn(Opcodes.LSTORE, local);
  }

  void getInt(int local) {
    v.visitVarInsn(Opcodes.ILOAD, local);
  }

  void setInt(int local) {
    v.visitVarInsn(Opcodes.ISTORE, local);
  }

  void jumpUnless(Label label) {
    v.visitJumpInsn(Opcodes.IFEQ, label);
  }

  /** Cuts the top of the stack to some bits. */
  void mask(long mask) {
    if (mask != -1) {
      constant(mask);
      op(Opcodes.LAND);
    }
  }

  /** Sign-extends the top of the stack from a size. */
  void extend(int size) {
    if (size < 8) {
      op(Opcodes.L2I);
      if (size < 4) {
        op(size == 1 ? Opcodes.I2B : Opcodes.I2S);
      }
      op(Opcodes.I2L);
    }
  }

  void constant(int value) {
    if (value >= -1 && value <= 5) {
      op(Opcodes.ICONST_0 + value);
    } else if (value == (byte) value) {
      v.visitIntInsn(Opcodes.BIPUSH, value);
    } else if (value == (short) value) {
      v.visitIntInsn(Opcodes.SIPUSH, value);
    } else {
      v.visitLdcInsn(value);
    }
  }

  void constant(long value) {
    if (value == 0 || value == 1) {
      op(value == 0 ? Opcodes.LCONST_0 : Opcodes.LCONST_1);
    } else if (value == (short) value) {
      constant((int) value);
      op(Opcodes.I2L);
    } else {
      v.visitLdcInsn(value);
    }
  }

  void callStatic(String type, String name, String descriptor) {
    v.visitMethodInsn(Opcodes.INVOKESTATIC, type, name, descriptor, false);
  }

  /** Calls a static method of this package. */
  void helper(Class<?> type, String name, String descriptor) {
    callStatic(Type.getInternalName(type), name, descriptor);
  }

  private void field(int object, String type, String name, String descriptor) {
    v.visitVarInsn(Opcodes.ALOAD, object);
    v.visitFieldInsn(Opcodes.GETFIELD, type, name, descriptor);
  }

  /** Places a label where the operand stack is empty. */
  void label(Label label) {
    v.visitLabel(label);
    if (framed) {
      v.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
      return;
    }
    framed = true;
    List<Object> locals =
        new ArrayList<>(
            Arrays.asList(owner, CPU_TYPE, "[L" + INSN_TYPE + ";", FRAME_TYPE, MMU_TYPE, "[J"));
    locals.addAll(List.of(Opcodes.LONG, Opcodes.LONG));
    locals.addAll(List.of(Opcodes.INTEGER, Opcodes.INTEGER, Opcodes.INTEGER, Opcodes.INTEGER));
    for (int i = 0; i < 8; i++) {
      locals.add(Opcodes.LONG);
    }
    locals.addAll(List.of(Opcodes.INTEGER, Opcodes.INTEGER, "[J"));
    for (int i = 0; i < 16; i++) {
      if ((registers >> i & 1) != 0) {
        locals.add(Opcodes.LONG);
      } else {
        locals.add(Opcodes.TOP);
        locals.add(Opcodes.TOP);
      }
    }
    while (locals.get(locals.size() - 1) == Opcodes.TOP) {
      locals.remove(locals.size() - 1);
    }
    v.visitFrame(Opcodes.F_FULL, locals.size(), locals.toArray(), 0, new Object[0]);
  }
}
