package org.chronovisor.x86.lab;

import static org.chronovisor.x86.lab.Operands.BIT;
import static org.chronovisor.x86.lab.Operands.COMPARE;
import static org.chronovisor.x86.lab.Operands.COUNT;
import static org.chronovisor.x86.lab.Operands.DIVIDE;
import static org.chronovisor.x86.lab.Operands.FLAGS;
import static org.chronovisor.x86.lab.Operands.INDEX;
import static org.chronovisor.x86.lab.Operands.LOOP;
import static org.chronovisor.x86.lab.Operands.STRING;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.chronovisor.x86.Mode;

/** Every integer instruction of 64-bit or 32-bit mode in its encodings and operand sizes. */
final class IntegerTemplates {
  private static final String[] SIZES_64 = {"b", "w", "l", "q"};
  private static final String[] SIZES_32 = {"b", "w", "l"};
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };
  private static final String[][] NAMES = {
    {"al", "ax", "eax", "rax"}, {"cl", "cx", "ecx", "rcx"}, {"dl", "dx", "edx", "rdx"},
    {"bl", "bx", "ebx", "rbx"}, {"spl", "sp", "esp", "rsp"}, {"bpl", "bp", "ebp", "rbp"},
    {"sil", "si", "esi", "rsi"}, {"dil", "di", "edi", "rdi"}
  };

  private final Mode mode;
  private final boolean wide;
  private final String[] sizes;

  /** The register that points to the block, and the index register, as the mode calls them. */
  private final String base;

  private final String index;
  private final List<Template> list = new ArrayList<>();

  private IntegerTemplates(Mode mode) {
    this.mode = mode;
    wide = mode == Mode.CODE64;
    sizes = wide ? SIZES_64 : SIZES_32;
    base = wide ? "%rbx" : "%ebx";
    index = wide ? "%rcx" : "%ecx";
  }

  static List<Template> all(Mode mode) {
    IntegerTemplates t = new IntegerTemplates(mode);
    t.arithmetic();
    t.unary();
    t.shifts();
    t.multiplyAndDivide();
    t.bits();
    t.exchanges();
    t.conditions();
    t.moves();
    t.addressing();
    t.strings();
    t.flags();
    t.stack();
    t.pageBoundary();
    t.descriptors();
    t.jumps();
    if (!t.wide) {
      t.only32();
    } else {
      t.only64();
    }
    t.sequences();
    return t.list;
  }

  private void add(int cases, String text, Operands... operands) {
    list.add(Template.of(mode, cases, text, operands));
  }

  /** The name of register 0-15 in a size. */
  private static String reg(int number, String size) {
    int column = "bwlq".indexOf(size);
    if (number < 8) {
      return "%" + NAMES[number][column];
    }
    return "%r" + number + new String[] {"b", "w", "d", ""}[column];
  }

  private void arithmetic() {
    for (String op : List.of("add", "or", "adc", "sbb", "and", "sub", "xor", "cmp", "test")) {
      boolean test = op.equals("test");
      for (String s : sizes) {
        String m = op + s + " ";
        add(40, m + reg(1, s) + ", " + reg(2, s));
        add(10, m + reg(0, s) + ", " + reg(0, s));
        add(24, m + reg(1, s) + ", (" + base + ")");
        if (!test) {
          add(24, m + "8(" + base + "), " + reg(2, s));
          add(6, m + "8(" + base + "), " + reg(0, s));
        }
        if (wide) {
          add(12, m + reg(9, s) + ", " + reg(13, s));
          add(12, m + reg(6, s) + ", " + reg(8, s));
          add(12, m + reg(15, s) + ", " + reg(5, s));
          add(8, m + reg(12, s) + ", -8(" + base + ")");
        }
        for (String i : List.of("0", "1", "-1", "0x7f", "-128", "0x55")) {
          add(8, m + "$" + i + ", " + reg(2, s));
          add(4, m + "$" + i + ", " + reg(0, s));
        }
        add(8, m + "$3, (" + base + ")");
        add(8, m + "$-3, 4(" + base + ")");
        if (!s.equals("b")) {
          String large = s.equals("w") ? "$0x8123" : "$0x12345678";
          add(12, m + large + ", " + reg(2, s));
          add(12, m + large + ", " + reg(0, s));
          add(8, m + large + ", (" + base + ")");
          String negative = s.equals("w") ? "$-0x7123" : "$-0x12345678";
          add(8, m + negative + ", " + reg(2, s));
        }
        if (!test && !op.equals("cmp")) {
          add(8, "lock " + m + reg(2, s) + ", (" + base + ")");
          add(4, "lock " + m + "$5, (" + base + ")");
        }
      }
      add(16, op + "b %ah, %cl");
      add(16, op + "b %dl, %ch");
      add(16, op + "b %bh, %dh");
      add(8, op + "b %ah, (" + base + ")");
      add(8, op + "b $0x7f, %ah");
      add(8, op + "b $-1, %ch");
      if (!test) {
        add(8, op + "b (" + base + "), %dh");
      }
    }
  }

  private void unary() {
    for (String op : List.of("inc", "dec", "neg", "not")) {
      for (String s : sizes) {
        add(40, op + s + " " + reg(1, s));
        add(16, op + s + " (" + base + ")");
        add(8, "lock " + op + s + " 16(" + base + ")");
        if (wide) {
          add(16, op + s + " " + reg(10, s));
        }
      }
      add(24, op + "b %ah");
      add(24, op + "b %dh");
    }
    add(16, "bswap %eax");
    add(16, "bswap %ebp");
    if (wide) {
      add(16, "bswap %rax");
      add(16, "bswap %r14");
      add(16, "bswap %r9d");
    }
  }

  private void shifts() {
    for (String op : List.of("rol", "ror", "rcl", "rcr", "shl", "shr", "sar")) {
      for (String s : sizes) {
        String m = op + s + " ";
        add(150, m + "%cl, " + reg(2, s), COUNT);
        add(30, m + "%cl, (" + base + ")", COUNT);
        add(30, m + reg(2, s));
        add(8, m + "(" + base + ")");
        for (int n : new int[] {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63}) {
          add(10, m + "$" + n + ", " + reg(2, s));
        }
        add(8, m + "$5, 8(" + base + ")");
        if (wide) {
          add(20, m + "%cl, " + reg(11, s), COUNT);
          add(8, m + "$3, " + reg(12, s));
        }
        add(20, m + "%cl, " + reg(1, s), COUNT);
      }
      add(40, op + "b %cl, %dh", COUNT);
      add(8, op + "b $3, %ah");
    }
    for (String op : List.of("shld", "shrd")) {
      for (String s : sizes) {
        if (s.equals("b")) {
          continue;
        }
        String m = op + s + " ";
        add(150, m + "%cl, " + reg(0, s) + ", " + reg(2, s), COUNT);
        add(30, m + "%cl, " + reg(0, s) + ", (" + base + ")", COUNT);
        add(20, m + "%cl, " + reg(1, s) + ", " + reg(1, s), COUNT);
        for (int n : new int[] {0, 1, 4, 15, 16, 17, 24, 31, 32, 63}) {
          add(10, m + "$" + n + ", " + reg(0, s) + ", " + reg(2, s));
        }
        add(8, m + "$7, " + reg(0, s) + ", 8(" + base + ")");
        if (wide) {
          add(10, m + "$7, " + reg(9, s) + ", " + reg(14, s));
        }
      }
    }
  }

  private void multiplyAndDivide() {
    for (String s : sizes) {
      for (String op : List.of("mul", "imul")) {
        add(80, op + s + " " + reg(1, s));
        add(20, op + s + " (" + base + ")");
        add(10, op + s + " " + reg(0, s));
        add(10, op + s + " " + reg(2, s));
        if (wide) {
          add(20, op + s + " " + reg(9, s));
        }
      }
      for (String op : List.of("div", "idiv")) {
        add(150, op + s + " " + reg(1, s), DIVIDE);
        add(30, op + s + " (" + base + ")", DIVIDE);
        add(10, op + s + " " + reg(0, s), DIVIDE);
        add(10, op + s + " " + reg(2, s), DIVIDE);
        if (wide) {
          add(30, op + s + " " + reg(9, s), DIVIDE);
        }
      }
      if (!s.equals("b")) {
        add(60, "imul" + s + " " + reg(1, s) + ", " + reg(2, s));
        add(20, "imul" + s + " (" + base + "), " + reg(2, s));
        add(30, "imul" + s + " $0x55, " + reg(1, s) + ", " + reg(2, s));
        add(20, "imul" + s + " $-1, " + reg(1, s) + ", " + reg(2, s));
        add(20, "imul" + s + " $0x1234, (" + base + "), " + reg(2, s));
        add(20, "imul" + s + " $-0x7234, " + reg(1, s) + ", " + reg(6, s));
        if (wide) {
          add(20, "imul" + s + " " + reg(9, s) + ", " + reg(15, s));
          add(20, "imul" + s + " $0x7fff, " + reg(9, s) + ", " + reg(15, s));
        }
      }
    }
    for (String op : List.of("mul", "imul", "div", "idiv")) {
      add(30, op + "b %ah", DIVIDE);
      add(30, op + "b %ch", DIVIDE);
    }
  }

  private void bits() {
    for (String op : List.of("bt", "bts", "btr", "btc")) {
      for (String s : sizes) {
        if (s.equals("b")) {
          continue;
        }
        String m = op + s + " ";
        add(40, m + reg(1, s) + ", " + reg(2, s));
        add(60, m + reg(1, s) + ", (" + base + ")", BIT);
        for (int n : new int[] {0, 1, 15, 16, 31, 32, 63, 64, 255}) {
          add(8, m + "$" + n + ", " + reg(2, s));
          add(4, m + "$" + n + ", (" + base + ")");
        }
        if (!op.equals("bt")) {
          add(20, "lock " + m + reg(1, s) + ", (" + base + ")", BIT);
          add(6, "lock " + m + "$3, (" + base + ")");
        }
        if (wide) {
          add(10, m + reg(9, s) + ", " + reg(10, s));
        }
      }
    }
    for (String op : List.of("bsf", "bsr", "tzcnt", "lzcnt", "popcnt")) {
      for (String s : sizes) {
        if (s.equals("b")) {
          continue;
        }
        add(60, op + s + " " + reg(1, s) + ", " + reg(2, s));
        add(20, op + s + " (" + base + "), " + reg(2, s));
        add(10, op + s + " " + reg(1, s) + ", " + reg(1, s));
        if (wide) {
          add(20, op + s + " " + reg(9, s) + ", " + reg(12, s));
        }
      }
    }
    for (String s : sizes) {
      String to = s.equals("q") ? "q" : "l";
      add(30, "crc32" + s + " " + reg(1, s) + ", " + reg(2, to));
      add(20, "crc32" + s + " (" + base + "), " + reg(0, to));
      if (wide) {
        add(20, "crc32" + s + " " + reg(9, s) + ", " + reg(12, to));
      }
    }
    for (String op : List.of("adcx", "adox")) {
      for (String s : wide ? List.of("l", "q") : List.of("l")) {
        add(40, op + s + " " + reg(1, s) + ", " + reg(2, s));
        add(20, op + s + " (" + base + "), " + reg(2, s));
      }
    }
    for (String s : wide ? List.of("l", "q") : List.of("l")) {
      String three = " " + reg(1, s) + ", " + reg(2, s) + ", " + reg(0, s);
      String memory = " " + reg(1, s) + ", (" + base + "), " + reg(2, s);
      for (String op : List.of("bextr", "bzhi", "shlx", "sarx", "shrx")) {
        add(40, op + s + three);
        add(20, op + s + memory);
      }
      for (String op : List.of("andn", "pdep", "pext", "mulx")) {
        add(40, op + s + three);
        add(20, op + s + " (" + base + "), " + reg(1, s) + ", " + reg(2, s));
      }
      add(20, "mulx" + s + " " + reg(1, s) + ", " + reg(0, s) + ", " + reg(0, s));
      for (String op : List.of("blsr", "blsmsk", "blsi")) {
        add(40, op + s + " " + reg(1, s) + ", " + reg(2, s));
        add(20, op + s + " (" + base + "), " + reg(2, s));
      }
      for (int n : new int[] {0, 1, 31, 32, 63, 255}) {
        add(8, "rorx" + s + " $" + n + ", " + reg(1, s) + ", " + reg(2, s));
        add(4, "rorx" + s + " $" + n + ", (" + base + "), " + reg(2, s));
      }
      if (wide) {
        add(20, "andn" + s + " " + reg(9, s) + ", " + reg(12, s) + ", " + reg(15, s));
        add(20, "bzhi" + s + " " + reg(9, s) + ", " + reg(12, s) + ", " + reg(15, s));
      }
    }
    for (String s : sizes) {
      if (!s.equals("b")) {
        add(16, "movbe" + s + " (" + base + "), " + reg(2, s));
        add(16, "movbe" + s + " " + reg(2, s) + ", (" + base + ")");
      }
    }
  }

  private void exchanges() {
    for (String s : sizes) {
      add(12, "xchg" + s + " " + reg(1, s) + ", " + reg(2, s));
      add(12, "xchg" + s + " " + reg(1, s) + ", " + reg(0, s));
      add(12, "xchg" + s + " " + reg(1, s) + ", (" + base + ")");
      add(30, "xadd" + s + " " + reg(1, s) + ", " + reg(2, s));
      add(10, "xadd" + s + " " + reg(1, s) + ", " + reg(1, s));
      add(30, "xadd" + s + " " + reg(1, s) + ", (" + base + ")");
      add(30, "lock xadd" + s + " " + reg(1, s) + ", (" + base + ")");
      add(60, "cmpxchg" + s + " " + reg(1, s) + ", " + reg(2, s), COMPARE);
      add(10, "cmpxchg" + s + " " + reg(1, s) + ", " + reg(0, s), COMPARE);
      add(60, "cmpxchg" + s + " " + reg(1, s) + ", (" + base + ")", COMPARE);
      add(30, "lock cmpxchg" + s + " " + reg(1, s) + ", (" + base + ")", COMPARE);
      if (wide) {
        add(10, "xchg" + s + " " + reg(8, s) + ", " + reg(0, s));
        add(10, "xchg" + s + " " + reg(9, s) + ", " + reg(13, s));
        add(20, "xadd" + s + " " + reg(9, s) + ", " + reg(13, s));
        add(20, "cmpxchg" + s + " " + reg(9, s) + ", " + reg(13, s), COMPARE);
      }
    }
    add(10, "xchgb %ah, %cl");
    add(10, "xchgb %ah, %al");
    add(20, "xaddb %ah, %cl");
    add(20, "xaddb %ah, %al");
    add(20, "cmpxchgb %ch, %dl", COMPARE);
    add(60, "movl %esi, %ebp; cmpxchg8b (" + base + ")", COMPARE);
    add(30, "lock cmpxchg8b (" + base + ")", COMPARE);
    for (String op :
        List.of(
            "nop",
            "xchg %eax, %eax",
            "pause",
            "nopl (%eax)",
            "nopw 8(%eax,%ecx,2)",
            "endbr64",
            "endbr32",
            "mfence",
            "lfence",
            "sfence")) {
      add(4, op);
    }
    for (String op :
        List.of(
            "prefetcht0",
            "prefetcht2",
            "prefetchnta",
            "prefetchw",
            "clflush",
            "clflushopt",
            "clwb")) {
      add(4, op + " (" + base + ")");
    }
  }

  private void conditions() {
    for (String c : CONDITIONS) {
      add(30, "set" + c + " %dl");
      add(8, "set" + c + " %ch");
      add(8, "set" + c + " (" + base + ")");
      for (String s : sizes) {
        if (!s.equals("b")) {
          add(30, "cmov" + c + s + " " + reg(1, s) + ", " + reg(2, s));
          add(10, "cmov" + c + s + " (" + base + "), " + reg(2, s));
        }
        // The condition right after each kind of flag-setting instruction.
        add(24, "cmp" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(8, "sub" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(16, "add" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(8, "adc" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(8, "sbb" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(8, "test" + s + " " + reg(1, s) + ", " + reg(2, s) + "; set" + c + " %al");
        add(8, "inc" + s + " " + reg(2, s) + "; set" + c + " %al");
        add(8, "dec" + s + " " + reg(2, s) + "; set" + c + " %al");
        add(8, "neg" + s + " " + reg(2, s) + "; set" + c + " %al");
        add(8, "shl" + s + " %cl, " + reg(2, s) + "; set" + c + " %al", COUNT);
        add(8, "sar" + s + " %cl, " + reg(2, s) + "; set" + c + " %al", COUNT);
      }
      add(24, "j" + c + " 1f; incl %edx; 1: decl %esi");
      add(8, "cmpl %ecx, %edx; j" + c + " 1f; incl %edx; 1: notl %esi");
      add(8, "j" + c + ".d32 1f; incl %edx; 1: decl %esi");
      if (wide) {
        add(8, "set" + c + " %r9b");
        add(8, "set" + c + " %sil");
        add(8, "cmov" + c + " %r9d, %r10d");
        add(8, "cmov" + c + " %r9, %r10");
      }
    }
  }

  private void moves() {
    for (String s : sizes) {
      add(10, "mov" + s + " " + reg(1, s) + ", " + reg(2, s));
      add(10, "mov" + s + " (" + base + "), " + reg(2, s));
      add(10, "mov" + s + " " + reg(2, s) + ", (" + base + ")");
      add(6, "mov" + s + " $0x12, " + reg(2, s));
      add(6, "mov" + s + " $-2, " + reg(2, s));
      add(6, "mov" + s + " $-2, (" + base + ")");
      if (wide) {
        add(6, "mov" + s + " " + reg(9, s) + ", " + reg(13, s));
        add(6, "mov" + s + " $0x12, " + reg(9, s));
        add(6, "mov" + s + " (" + base + "), " + reg(13, s));
        add(6, "mov" + s + " " + reg(13, s) + ", (" + base + ")");
        add(6, "mov" + s + " " + reg(6, s) + ", " + reg(5, s));
      }
    }
    for (String a : List.of("%ah", "%bh", "%ch", "%dh")) {
      add(6, "movb " + a + ", %cl");
      add(6, "movb %cl, " + a);
      add(6, "movb $0x7f, " + a);
      add(6, "movb (" + base + "), " + a);
      add(6, "movb " + a + ", (" + base + ")");
      add(6, "movzbl " + a + ", %edx");
      add(6, "movsbl " + a + ", %edx");
      add(6, "movsbw " + a + ", %dx");
    }
    for (String op : List.of("movz", "movs")) {
      for (String pair : List.of("bw", "bl", "bq", "wl", "wq")) {
        String from = pair.substring(0, 1);
        String to = pair.substring(1);
        if (!wide && to.equals("q")) {
          continue;
        }
        add(16, op + pair + " " + reg(1, from) + ", " + reg(2, to));
        add(10, op + pair + " (" + base + "), " + reg(2, to));
        if (wide) {
          add(10, op + pair + " " + reg(6, from) + ", " + reg(2, to));
          add(10, op + pair + " " + reg(9, from) + ", " + reg(14, to));
        }
      }
    }
    add(16, "cbtw");
    add(16, "cwtl");
    add(16, "cwtd");
    add(16, "cltd");
    for (String s : List.of("%es", "%cs", "%ss", "%ds", "%fs", "%gs")) {
      add(4, "movw " + s + ", %ax");
      add(4, "movl " + s + ", %ecx");
      add(4, "movw " + s + ", (" + base + ")");
      if (wide) {
        add(4, "movq " + s + ", %r9");
      }
    }
    add(4, "movl $0x10, %eax; movl %eax, %es; movw %es, %cx");
    add(4, "movl $0x10, %eax; movl %eax, %ds; addl %ecx, (" + base + ")");
    add(4, "movl $0x10, %eax; movl %eax, %ss; addl %ecx, %edx; movw %ss, %cx");
    add(4, "movw $0x10, (" + base + "); movw (" + base + "), %es");
    add(16, "xlat (" + base + ")");
  }

  private void addressing() {
    for (int scale : new int[] {1, 2, 4, 8}) {
      add(12, "movl (" + base + "," + index + "," + scale + "), %eax", INDEX);
      add(12, "movl 7(" + base + "," + index + "," + scale + "), %eax", INDEX);
      add(12, "movb %al, -100(" + base + "," + index + "," + scale + ")", INDEX);
      add(12, "addl %edi, 0x80(" + base + "," + index + "," + scale + ")", INDEX);
      for (String s : sizes) {
        if (!s.equals("b")) {
          String d = reg(0, s);
          add(12, "lea" + s + " (" + base + "," + index + "," + scale + "), " + d);
          add(12, "lea" + s + " 5(," + index + "," + scale + "), " + d);
          add(12, "lea" + s + " -0x12345(" + index + "," + index + "," + scale + "), " + d);
          add(
              12,
              "lea"
                  + s
                  + " 0x7f("
                  + (wide ? "%rbp" : "%ebp")
                  + ","
                  + index
                  + ","
                  + scale
                  + "), "
                  + d);
        }
      }
    }
    add(10, "leal 0x12345678, %eax");
    for (String s : sizes) {
      if (!s.equals("b")) {
        add(10, "lea" + s + " (" + base + "), " + reg(2, s));
        add(10, "lea" + s + " -1(" + (wide ? "%rsp" : "%esp") + "), " + reg(2, s));
        add(10, "lea" + s + " (" + (wide ? "%rbp" : "%ebp") + "), " + reg(2, s));
      }
    }
    String sp = wide ? "%rsp" : "%esp";
    add(10, "movl 4(" + sp + "), %eax");
    add(10, "movl %eax, -4(" + sp + "," + index + ",2)", INDEX);
    add(10, "movl %ds:(" + base + "), %eax; movl %es:(" + base + "), %edx");
    add(10, "movl %ss:(" + base + "), %eax; movl %cs:(" + base + "), %edx");
    if (wide) {
      add(10, "movq %fs:(%rbx), %rax; movq %gs:8(%rbx), %rdx");
      add(10, "movl (%ebx), %eax");
      add(20, "movl $-1, %r9d; leal (%ebx,%ecx,4), %edx; leaq (%ebx,%ecx,4), %rsi");
      add(20, "leaq (%r9,%r12,8), %rax; leaq (%r12), %rcx; leaq 0(%r13), %rdx");
      add(20, "leaq 5(%r13,%r12,4), %r8; leaq (,%r12,2), %r9; leaq 1(%r12), %r10");
      add(6, "leaq 4(%rip), %rax; leal 4(%rip), %ecx");
      add(6, "movl -4(%rip), %eax; movb -1(%rip), %dl; cmpl $0x12, -8(%rip)");
      add(6, "addl $0x12345, %eax; testl $0x1234, -8(%rip); imull $0x1234, -8(%rip), %ecx");
      add(6, "movq %rbx, %r12; movl (%r12), %eax; movq %rbx, %r13; movl (%r13), %ecx");
    } else {
      add(10, "leal (%bx,%si), %eax; leal 5(%bp,%di), %ecx; leaw (%si), %dx; leal 0x1234, %esi");
      add(10, "lea (%bx), %eax; lea -1(%bp), %ecx; lea 0x1234(%di), %edx; addr16 lea 0x4321, %esi");
      add(10, "movl %esi, 0x800100; movl 0x800100, %edx; movb 0x800101, %al; movl %eax, 0x800104");
    }
  }

  private void strings() {
    for (String op : List.of("movs", "stos", "lods", "scas", "cmps")) {
      for (String s : sizes) {
        add(30, op + s, STRING);
        boolean compares = op.equals("scas") || op.equals("cmps");
        for (String rep : compares ? List.of("repe", "repne") : List.of("rep")) {
          add(60, rep + " " + op + s, STRING);
        }
        if (!compares) {
          add(20, "repne " + op + s, STRING);
        }
        if (wide) {
          add(20, "addr32 " + op + s, STRING);
          add(20, "addr32 " + (compares ? "repe " : "rep ") + op + s, STRING);
        }
      }
    }
  }

  private void flags() {
    for (String op : List.of("clc", "stc", "cmc", "cld", "std", "lahf", "sahf", "salc")) {
      if (!op.equals("salc")) {
        add(24, op);
      } else if (!wide) {
        add(24, ".byte 0xd6");
      }
    }
    String pushf = wide ? "pushfq" : "pushfl";
    String popf = wide ? "popfq" : "popfl";
    add(30, pushf);
    add(30, pushf + "; addl %ecx, %edx; " + popf);
    add(30, popf, FLAGS);
    add(20, "pushfw");
    add(20, "popfw", FLAGS);
    add(20, "addl %ecx, %edx; " + pushf);
    add(20, "subb %cl, %dl; lahf; " + pushf);
    add(20, "imull %ecx, %edx; " + pushf);
  }

  private void stack() {
    for (String size : wide ? List.of("q", "w") : List.of("l", "w")) {
      for (int n : new int[] {0, 1, 3, 4, 5, 6, 7}) {
        add(8, "push" + size + " " + reg(n, size));
        add(8, "pop" + size + " " + (n == 4 && size.equals("w") ? reg(2, size) : reg(n, size)));
      }
      add(8, "push" + size + " $1");
      add(8, "push" + size + " $-2");
      add(8, "push" + size + " $0x1234");
      add(8, "push" + size + " (" + base + ")");
      add(8, "pop" + size + " (" + base + ")");
      add(8, "pop" + size + " 8(" + (wide ? "%rsp" : "%esp") + ")");
      add(8, "push" + size + " 8(" + (wide ? "%rsp" : "%esp") + ")");
      add(6, "enter" + size + " $16, $0");
      add(6, "mov " + base + (wide ? ", %rbp" : ", %ebp") + "; leave" + size);
    }
    String sp = wide ? "%rsp" : "%esp";
    String bp = wide ? "%rbp" : "%ebp";
    String q = wide ? "q" : "l";
    add(8, "enter $24, $0");
    add(8, "enter $0, $0; mov " + sp + ", " + bp + "; leave");
    add(8, "mov " + base + ", " + bp + "; leave");
    add(8, "mov " + base + ", " + bp + "; enter $8, $1");
    add(8, "mov " + base + ", " + bp + "; enter $8, $3");
    add(8, "push" + q + " $0x7fffffff; pop" + q + " 4(" + sp + ")");
    add(6, "push %fs");
    add(6, "pushw %gs");
    add(6, "push $0; pop %fs");
    add(6, "push $0; pop %gs");
    add(6, "call 1f; 1: pop" + q + " " + reg(0, q));
    add(6, "call 1f; inc %edx; jmp 2f; 1: incl %ecx; ret; 2: nop");
    add(
        6,
        "push"
            + q
            + " %"
            + (wide ? "rax" : "eax")
            + "; call 1f; incl %edx; jmp 2f; 1: ret $"
            + (wide ? 8 : 4)
            + "; 2: nop");
  }

  /** In every fourth case a page ends at rbx. */
  private void pageBoundary() {
    for (String s : sizes) {
      if (s.equals("b")) {
        continue;
      }
      add(12, "mov" + s + " -1(" + base + "), " + reg(2, s));
      add(12, "mov" + s + " " + reg(2, s) + ", -1(" + base + ")");
      add(12, "add" + s + " " + reg(2, s) + ", -1(" + base + ")");
      add(12, "adc" + s + " $-2, -1(" + base + ")");
      add(12, "sar" + s + " $2, -1(" + base + ")");
      add(12, "xadd" + s + " " + reg(2, s) + ", -1(" + base + ")");
      add(12, "lock cmpxchg" + s + " " + reg(2, s) + ", -1(" + base + ")");
      add(12, "bts" + s + " $9, -1(" + base + ")");
      add(12, "xchg" + s + " " + reg(2, s) + ", -1(" + base + ")");
      add(12, "cmp" + s + " -1(" + base + "), " + reg(2, s));
      add(12, "imul" + s + " -1(" + base + "), " + reg(2, s));
    }
    String sp = wide ? "%rsp" : "%esp";
    String q = wide ? "q" : "l";
    add(12, "mov " + base + ", " + sp + "; inc " + sp + "; push" + q + " " + reg(2, q));
    add(12, "mov " + base + ", " + sp + "; dec " + sp + "; pop" + q + " " + reg(2, q));
    add(
        12,
        "mov "
            + base
            + ", "
            + sp
            + "; dec "
            + sp
            + "; pushfw; popfw; add"
            + q
            + " $1, ("
            + sp
            + ")");
    add(
        12,
        "movl $8, %ecx; lea -9("
            + base
            + "), "
            + (wide ? "%rsi" : "%esi")
            + "; lea -3("
            + base
            + "), "
            + (wide ? "%rdi" : "%edi")
            + "; rep movsw");
    add(12, "movl $8, %ecx; lea -9(" + base + "), " + (wide ? "%rdi" : "%edi") + "; rep stosl");
    add(12, "cmpxchg8b -4(" + base + ")");
  }

  private void descriptors() {
    for (int selector : new int[] {0, 3, 8, 0x0b, 0x10, 0x13, 0x18, 0x20, 0x24, 0x30, 0x100}) {
      for (String op : List.of("lar", "lsl")) {
        add(6, "movl $" + selector + ", %ecx; " + op + " %ecx, %edx");
        add(4, "movl $" + selector + ", %ecx; " + op + " %cx, %dx");
        if (wide) {
          add(4, "movl $" + selector + ", %ecx; " + op + " %rcx, %rdx");
        }
        add(4, "movw $" + selector + ", (" + base + "); " + op + " (" + base + "), %edx");
      }
      add(6, "movl $" + selector + ", %ecx; verr %cx");
      add(6, "movl $" + selector + ", %ecx; verw %cx");
      add(4, "movw $" + selector + ", (" + base + "); verr (" + base + ")");
      add(4, "movl $" + selector + ", %ecx; movl %ecx, %fs; movw %fs, %dx");
    }
  }

  private void jumps() {
    String c = wide ? "rcx" : "ecx";
    add(20, "j" + c + "z 1f; incl %edx; 1: decl %esi", LOOP);
    if (wide) {
      add(20, "jecxz 1f; incl %edx; 1: decl %esi", LOOP);
    } else {
      add(20, "jcxz 1f; incl %edx; 1: decl %esi", LOOP);
    }
    add(
        20,
        "mov %"
            + c
            + ", %"
            + (wide ? "rbp" : "ebp")
            + "; and $3, %ecx; inc %ecx; "
            + "1: incl %edx; loop 1b; notl %esi",
        LOOP);
    for (String op : List.of("loop", "loope", "loopne")) {
      add(30, "jmp 1f; 2: incl %edx; jmp 3f; 1: " + op + " 2b; decl %esi; 3: nop", LOOP);
      if (wide) {
        add(30, "jmp 1f; 2: incl %edx; jmp 3f; 1: addr32 " + op + " 2b; decl %esi; 3: nop", LOOP);
      }
    }
    add(4, "jmp 1f; incl %edx; 1: decl %esi");
    add(4, "jmp.d32 1f; incl %edx; 1: decl %esi");
    if (wide) {
      add(4, "leaq 1f(%rip), %rax; jmp *%rax; incl %edx; 1: decl %esi");
      add(4, "leaq 1f(%rip), %r11; jmp *%r11; incl %edx; 1: decl %esi");
      add(4, "leaq 1f(%rip), %rax; movq %rax, 8(%rbx); jmp *8(%rbx); incl %edx; 1: decl %esi");
      add(4, "leaq 1f(%rip), %rax; call *%rax; incl %edx; 1: decl %esi");
      add(4, "leaq 1f(%rip), %rax; movq %rax, (%rbx); call *(%rbx); incl %edx; 1: decl %esi");
    } else {
      add(4, "call 2f; 2: popl %eax; addl $1f-2b, %eax; jmp *%eax; incl %edx; 1: decl %esi");
      add(
          4,
          "call 2f; 2: popl %eax; addl $1f-2b, %eax; movl %eax, (%ebx); call *(%ebx); "
              + "incl %edx; 1: decl %esi");
    }
  }

  private void only64() {
    for (String s : sizes) {
      add(6, "movabs" + s + " 0x900010, " + reg(0, s));
    }
    add(6, "movabsq $0x8123456789abcdef, %rdx; movabsq $0x123456789abcdef, %r9");
    add(10, "movslq %ecx, %rdx");
    add(10, "movslq (%rbx), %r9");
    add(6, ".byte 0x63, 0xd1");
    add(6, ".byte 0x66, 0x63, 0xd1");
    add(16, "cltq; cqto");
    add(6, "cqto");
    add(60, "cmpxchg16b (%rbx)", COMPARE);
    add(30, "lock cmpxchg16b (%rbx)", COMPARE);
    for (int n = 8; n < 16; n++) {
      add(4, "pushq %r" + n + "; popq %r" + (23 - n));
    }
    add(6, "pushw %r9w; popw %r10w");
    add(6, ".byte 0x48, 0x50; popq %rcx");
    add(6, ".byte 0x66, 0x48, 0x01, 0xca");
    add(6, ".byte 0x48, 0x66, 0x01, 0xca");
    add(6, ".byte 0x90, 0xf3, 0x90, 0x41, 0x90, 0x49, 0x90");
    add(6, ".byte 0x66, 0x90, 0x48, 0x90, 0x66, 0x41, 0x90");
    add(6, "rdfsbase %rax; rdgsbase %rcx");
    for (String s : List.of("fs", "gs")) {
      add(
          6,
          "wr"
              + s
              + "base %rbx; movq %"
              + s
              + ":8, %rax; addl %ecx, %"
              + s
              + ":16; rd"
              + s
              + "base %rdx; leaq %"
              + s
              + ":8, %rsi; xorl %ecx, %ecx; wr"
              + s
              + "base %rcx");
      add(
          6,
          "wr"
              + s
              + "base %rbx; movups %"
              + s
              + ":16, %xmm1; pushq %"
              + s
              + ":8; xorl %ecx, "
              + "%ecx; wr"
              + s
              + "basel %ecx".replace("basel", "base"));
    }
    add(4, "ud2");
    add(4, "swapgs; swapgs");
    add(4, "stac");
    add(4, "clac");
    add(4, "cli");
    add(4, "sti; nop; cli");
    for (String op : List.of("andn", "pdep", "pext")) {
      add(12, op + " %rcx, %rdx, %rax");
      add(12, op + " %ecx, %edx, %eax");
    }
    for (String op : List.of("bextr", "sarx", "shlx", "shrx", "bzhi")) {
      add(12, op + " %rcx, %rdx, %rax");
      add(12, op + " %ecx, %edx, %eax");
    }
    for (String op : List.of("blsi", "blsr", "blsmsk")) {
      add(12, op + " %rcx, %rax");
      add(12, op + " %ecx, %eax");
    }
    add(12, "mulx %rcx, %rsi, %rdi");
    add(12, "rorx $5, %rcx, %rdi");
  }

  private void only32() {
    for (int n : new int[] {0, 1, 2, 3, 4, 5, 6, 7}) {
      add(12, ".byte " + (0x40 + n));
      add(12, ".byte " + (0x48 + n));
      add(12, ".byte 0x66, " + (0x40 + n));
      add(12, ".byte 0x66, " + (0x48 + n));
    }
    add(12, "pushal");
    add(12, "popal");
    add(12, "pushaw");
    add(12, "popaw");
    for (String s : List.of("%es", "%cs", "%ss", "%ds", "%fs", "%gs")) {
      add(4, "pushl " + s);
      add(4, "pushw " + s);
    }
    add(6, "pushl $0x10; popl %es");
    add(6, "pushl $0x10; popl %ds; popw %dx");
    add(6, "pushl $0x10; popl %ss; popw %dx");
    add(6, "pushw $0x10; popw %es");
    add(6, "bound %ecx, (%ebx)");
    add(6, "into");
    for (String op : List.of("daa", "das", "aaa", "aas", "aam", "aad", "aad $7", "aam $3")) {
      add(60, op);
    }
    add(6, "aam $0");
    add(12, "arpl %cx, %dx");
    add(12, "arpl %cx, (%ebx)");
    add(6, ".byte 0x82, 0xc2, 0x05");
    add(6, ".byte 0x82, 0x2b, 0x85");
    add(6, "leal 16(%esp), %esp");
  }

  /** Random sequences of register instructions: the flags of one feed the next. */
  private void sequences() {
    SplittableRandom random = new SplittableRandom(CaseGenerator.SEED + (wide ? 64 : 32));
    List<String> pool =
        List.of(
            "add%s %1, %2",
            "adc%s %1, %2",
            "sub%s %1, %2",
            "sbb%s %1, %2",
            "cmp%s %1, %2",
            "and%s %1, %2",
            "or%s %1, %2",
            "xor%s %1, %2",
            "test%s %1, %2",
            "inc%s %1",
            "dec%s %1",
            "neg%s %2",
            "not%s %1",
            "shl%s $3, %1",
            "shr%s $1, %2",
            "sar%s $5, %1",
            "rol%s $1, %2",
            "ror%s $4, %1",
            "rcl%s $1, %1",
            "rcr%s $3, %2",
            "shl%s %cl, %2",
            "rcl%s %cl, %2",
            "ror%s %cl, %1",
            "setb %al",
            "setle %dl",
            "seta %sil",
            "adc%s $0, %2",
            "sbb%s %1, %1",
            "stc",
            "clc",
            "cmc",
            "lahf",
            "sahf",
            "xadd%s %1, %2",
            "cmovl %ecx, %edi",
            "cmovbe %edi, %edx",
            "imull %ecx, %edx",
            "btl $3, %edx",
            "xchg%s %1, %2",
            "bswap %edx",
            "mul%s %1",
            "imul%s %2",
            "bsfl %ecx, %edx",
            "bsrw %dx, %cx",
            "popcntl %ecx, %eax",
            "tzcntl %eax, %edx",
            "lzcntw %cx, %dx",
            "shldl $5, %ecx, %edx",
            "shrdw $3, %dx, %ax",
            "shldl %cl, %eax, %edx",
            "btsl %ecx, %eax",
            "btrw $7, %dx",
            "btcl $31, %ecx",
            "btw %cx, %dx",
            "adcxl %ecx, %edx",
            "adoxl %eax, %ecx",
            "cmpxchg%s %1, %2",
            "seto %cl",
            "setno %dl",
            "sets %al",
            "setp %dl",
            "setl %cl",
            "setbe %al",
            "sete %dl",
            "rol%s %cl, %1",
            "sar%s %cl, %2",
            "shr%s %cl, %1",
            "ror%s $1, %1",
            "rcr%s %cl, %1",
            "cmovo %ecx, %eax",
            "cmovp %ecx, %edi",
            "cmovs %ecx, %eax",
            "cmove %edi, %eax",
            "jb 9f; 9: nop",
            "jle 9f; 9: nop",
            "jo 9f; 9: nop",
            "add%s $1, 8(%B)",
            "cmpb %al, 3(%B)",
            "lock decl (%B)",
            "xorl %eax, %eax",
            "pushfw; popw %dx",
            "cld");
    // Not RCL or RCR by an immediate after SHL by more than 1 in one block: QEMU 10.0.2 takes more
    // than one bit for the carry there (emit.c.inc, gen_eflags_adcox), and what it makes of them
    // depends on the host.
    List<String> withoutShl = new ArrayList<>(pool);
    withoutShl.removeIf(piece -> piece.startsWith("shl"));
    List<String> withoutRotate = new ArrayList<>(pool);
    withoutRotate.removeIf(piece -> piece.matches("rc[lr]%s [$].*"));
    int[] registers = wide ? new int[] {0, 1, 2, 5, 6, 7, 8, 9, 14} : new int[] {0, 1, 2};
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder();
      int length = 2 + random.nextInt(6);
      for (int j = 0; j < length; j++) {
        String s = sizes[random.nextInt(sizes.length)];
        List<String> from = i % 2 == 0 ? withoutShl : withoutRotate;
        String piece = from.get(random.nextInt(from.size()));
        if (!wide && piece.contains("%sil")) {
          piece = "seta %ah";
        }
        piece =
            piece
                .replace("%s ", s + " ")
                .replace("%B", base)
                .replace("%1", reg(registers[random.nextInt(registers.length)], s))
                .replace("%2", reg(registers[random.nextInt(registers.length)], s));
        text.append(j == 0 ? "" : "; ").append(piece);
      }
      add(12, text.toString(), COUNT);
    }
  }
}
