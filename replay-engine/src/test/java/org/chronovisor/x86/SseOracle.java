package org.chronovisor.x86;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Executes single instructions on records of operands, under QEMU or on this machine's CPU.
 *
 * <p>Record of 96 bytes: form u32, mxcsr u32, rax u64, xmm0, xmm1, memory at rsi 32 bytes, rflags
 * u64, 8 bytes unused. The oracle writes the results over the operands.
 */
final class SseOracle {
  static final int RECORD = 96;
  static final int MXCSR = 4;
  static final int RAX = 8;
  static final int XMM0 = 16;
  static final int XMM1 = 32;
  static final int MEMORY = 48;
  static final int FLAGS = 80;

  /** Arithmetic flags before the instruction. */
  static final int INITIAL_FLAGS = Flags.ARITHMETIC;

  private static final int HEADER = 64;
  private static final long GUEST_ADDRESS = 0x100_0000;

  private SseOracle() {}

  /** One stub per form: loads the operands, executes the form, stores the results. */
  private static String stubs(List<String> forms) {
    StringBuilder s = new StringBuilder(".intel_syntax noprefix\n.text\n");
    for (int i = 0; i < forms.size(); i++) {
      s.append("stub").append(i).append(":\n");
      s.append("movdqu xmm0, [rdi + 16]\nmovdqu xmm1, [rdi + 32]\nmov rax, [rdi + 8]\n");
      s.append("ldmxcsr [rdi + 4]\npush ").append(INITIAL_FLAGS | 2).append("\npopfq\n");
      s.append(forms.get(i)).append('\n');
      s.append("pushfq\npop [rdi + 80]\nstmxcsr [rdi + 4]\nmov [rdi + 8], rax\n");
      s.append("movdqu [rdi + 16], xmm0\nmovdqu [rdi + 32], xmm1\n");
      s.append("push 0x1f80\nldmxcsr [rsp]\npop rax\nret\n");
    }
    s.append(".data\n.balign 8\n.globl stubs\nstubs:\n");
    for (int i = 0; i < forms.size(); i++) {
      s.append(".quad stub").append(i).append('\n');
    }
    return s.append(".section .note.GNU-stack\n").toString();
  }

  /** Results by this machine's CPU. */
  static ByteBuffer runOnHost(Path directory, List<String> forms, ByteBuffer records)
      throws IOException {
    Files.writeString(directory.resolve("stubs.s"), stubs(forms));
    copy("sse-host.c", directory);
    String program = directory.resolve("host").toString();
    SseAssembler.run(
        "gcc",
        "-O1",
        "-no-pie",
        "-o",
        program,
        directory.resolve("sse-host.c").toString(),
        directory.resolve("stubs.s").toString());
    Path file = directory.resolve("records");
    write(file, 0, HEADER + records.capacity(), records);
    SseAssembler.run(program, file.toString());
    return read(file, 0, records.capacity());
  }

  /** Results by QEMU. */
  static ByteBuffer runInQemu(Path directory, List<String> forms, ByteBuffer records)
      throws IOException {
    Files.writeString(directory.resolve("stubs.s"), stubs(forms));
    copy("sse-guest.s", directory);
    for (String name : List.of("stubs", "sse-guest")) {
      SseAssembler.run(
          "as",
          "--64",
          "-o",
          directory.resolve(name + ".o").toString(),
          directory.resolve(name + ".s").toString());
    }
    Path kernel = directory.resolve("guest.elf");
    SseAssembler.run(
        "ld",
        "-static",
        "-nostdlib",
        "-z",
        "noexecstack",
        "-Ttext=0x200000",
        "-e",
        "start32",
        "-o",
        kernel.toString(),
        directory.resolve("sse-guest.o").toString(),
        directory.resolve("stubs.o").toString());
    Path ram = directory.resolve("ram");
    write(ram, GUEST_ADDRESS, 64 << 20, records);
    try {
      SseAssembler.run(
          "qemu-system-x86_64",
          "-M",
          "pc,memory-backend=m",
          "-object",
          "memory-backend-file,id=m,size=64M,share=on,mem-path=" + ram,
          "-accel",
          "tcg",
          "-cpu",
          "max",
          "-m",
          "64M",
          "-display",
          "none",
          "-nodefaults",
          "-no-reboot",
          "-device",
          "isa-debug-exit,iobase=0xf4,iosize=4",
          "-kernel",
          kernel.toString());
    } catch (IOException e) {
      // Leaving by the debug exit device is never status 0.
      if (!e.getMessage().endsWith("failed: ")) {
        throw e;
      }
    }
    return read(ram, GUEST_ADDRESS, records.capacity());
  }

  private static void copy(String resource, Path directory) throws IOException {
    try (InputStream in = SseOracle.class.getResourceAsStream(resource)) {
      Files.copy(in, directory.resolve(resource));
    }
  }

  private static void write(Path file, long at, long length, ByteBuffer records)
      throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(length);
      ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
      header.putLong(0, records.capacity() / RECORD);
      out.seek(at);
      out.write(header.array());
      out.write(records.array());
    }
  }

  private static ByteBuffer read(Path file, long at, int length) throws IOException {
    ByteBuffer result = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(at + HEADER);
      in.readFully(result.array());
    }
    return result;
  }
}
