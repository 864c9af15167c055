package org.chronovisor.x86;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random 64-bit code with loops, calls, frequent faults and stores into itself. */
final class RandomCode {
  /** Opcodes without an escape, and behind 0F. */
  private static final int[] ONE_BYTE = {
    0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x10, 0x11, 0x13, 0x18, 0x19, 0x1b, 0x20, 0x21, 0x23,
    0x28, 0x29, 0x2b, 0x30, 0x31, 0x33, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x50, 0x55, 0x58, 0x5d,
    0x63, 0x68, 0x69, 0x6a, 0x6b, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b,
    0x8d, 0x8f, 0x90, 0x91, 0x98, 0x99, 0x9c, 0xa4, 0xa5, 0xa8, 0xaa, 0xab, 0xb0, 0xb8, 0xc0, 0xc1,
    0xc6, 0xc7, 0xc8, 0xc9, 0xd0, 0xd1, 0xd2, 0xd3, 0xd7, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfc, 0xfe,
    0xff
  };

  private static final int[] TWO_BYTE = {
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x28, 0x29, 0x2a, 0x2c, 0x2d, 0x2e, 0x2f, 0x40,
    0x42, 0x44, 0x46, 0x47, 0x48, 0x4a, 0x4c, 0x4e, 0x4f, 0x50, 0x51, 0x54, 0x55, 0x56, 0x57, 0x58,
    0x59, 0x5a, 0x5b, 0x5c, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x66, 0x6a, 0x6c, 0x6d, 0x6e, 0x6f, 0x70,
    0x72, 0x73, 0x74, 0x76, 0x7e, 0x7f, 0x90, 0x92, 0x94, 0x96, 0x98, 0x9c, 0x9f, 0xa3, 0xa4, 0xa5,
    0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb3, 0xb6, 0xb7, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
    0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xc8, 0xcb, 0xd2, 0xd3, 0xd4, 0xd6, 0xd7, 0xdb, 0xdf, 0xeb, 0xef,
    0xf3, 0xf4, 0xfa, 0xfb, 0xfe
  };

  private static final int[] PREFIXES = {0x66, 0x66, 0x66, 0xf2, 0xf3, 0xf3, 0x64, 0x67};

  private final Random random;
  private final long start;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Offsets where instructions begin. */
  private final List<Integer> starts = new ArrayList<>();

  RandomCode(Random random, long start) {
    this.random = random;
    this.start = start;
  }

  /** Some blocks, the last of which jumps back. */
  byte[] generate() {
    int blocks = 3 + random.nextInt(6);
    for (int i = 0; i < blocks; i++) {
      int length = 1 + random.nextInt(7);
      for (int k = 0; k < length; k++) {
        plain();
      }
      transfer();
    }
    starts.add(bytes.size());
    put(0xe9, -bytes.size() - 5, 4);
    return bytes.toByteArray();
  }

  /** An instruction and a jump; consecutive numbers give all opcodes and their extensions. */
  byte[] single(int number) {
    int opcodes = ONE_BYTE.length + TWO_BYTE.length;
    if (number % (opcodes + 10) >= opcodes) {
      transfer();
    } else {
      model(number % (opcodes + 10), number / (opcodes + 10) & 7);
    }
    put(0xeb, 0, 1);
    return bytes.toByteArray();
  }

  private void plain() {
    starts.add(bytes.size());
    if (random.nextInt(5) == 0) {
      // A pointer, now and then to the code itself.
      int to = random.nextInt(12) == 0 ? (int) start + random.nextInt(64) : random.nextInt(0xf000);
      put(0xb8 + new int[] {3, 4, 5, 6, 7, 0}[random.nextInt(6)], to, 4);
      return;
    }
    int opcode =
        random.nextInt(5) < 2
            ? ONE_BYTE.length + random.nextInt(TWO_BYTE.length)
            : random.nextInt(ONE_BYTE.length);
    model(opcode, random.nextInt(8));
  }

  private void model(int opcode, int extension) {
    for (int tries = 0; tries < 50; tries++) {
      byte[] code = candidate(opcode, extension);
      Insn insn = Decoder.decode(code, 0, code.length, start + bytes.size(), Mode.CODE64);
      if (insn != null && !insn.endsBlock() && !(insn instanceof SpecialInsn)) {
        bytes.write(code, 0, insn.length());
        return;
      }
    }
    put(0x90, 0, 0);
  }

  private byte[] candidate(int opcode, int extension) {
    byte[] code = new byte[15];
    int n = 0;
    if (random.nextInt(3) == 0) {
      code[n++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
    }
    if (random.nextInt(3) != 0) {
      code[n++] = (byte) (0x40 | random.nextInt(16));
    }
    if (opcode >= ONE_BYTE.length) {
      code[n++] = 0x0f;
      code[n++] = (byte) TWO_BYTE[opcode - ONE_BYTE.length];
    } else {
      code[n++] = (byte) ONE_BYTE[opcode];
    }
    int modrm = random.nextInt(5) < 3 ? random.nextInt() | 0xc0 : random.nextInt();
    code[n++] = (byte) (modrm & ~0x38 | extension << 3);
    while (n < code.length) {
      code[n++] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(16));
    }
    return code;
  }

  private void transfer() {
    starts.add(bytes.size());
    int target = starts.get(random.nextInt(starts.size()));
    switch (random.nextInt(8)) {
      case 0 -> put(0xe8, target - bytes.size() - 5, 4);
      case 1 -> put(0xc3, 0, 0);
      case 2 -> {
        put(0xb8, (int) start + target, 4);
        starts.add(bytes.size());
        put(0xff, random.nextBoolean() ? 0xe0 : 0xd0, 1);
      }
      case 3 -> put(0xeb, 0, 1);
      default -> {
        bytes.write(0x0f);
        put(0x80 + random.nextInt(16), target - bytes.size() - 5, 4);
      }
    }
  }

  private void put(int opcode, int value, int size) {
    bytes.write(opcode);
    for (int i = 0; i < size; i++) {
      bytes.write(value >> 8 * i);
    }
  }
}
