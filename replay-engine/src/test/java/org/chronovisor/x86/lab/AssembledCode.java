package org.chronovisor.x86.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.x86.Mode;

/** The templates' machine code, assembled by the GNU assembler in one run. */
final class AssembledCode {
  /** jmp *LAB_RETURN (absolute) ends a 64-bit slot, ljmp $8, $address a 32-bit one. */
  private static final byte[] BACK_64 = {(byte) 0xff, 0x24, 0x25, 0x18, 0x00, (byte) 0x80, 0x00};

  private static final byte[] BACK_32 = {(byte) 0xff, 0x2d, 0x20, 0x00, (byte) 0x80, 0x00};

  private final byte[] image;
  private final int[] lengths;

  private AssembledCode(byte[] image, int[] lengths) {
    this.image = image;
    this.lengths = lengths;
  }

  /** Slots one after the other, to be placed at {@link LabLayout#CODE}. */
  byte[] image() {
    return image;
  }

  static long address(int slot) {
    return LabLayout.CODE + (long) slot * LabLayout.SLOT_BYTES;
  }

  /** Address after the template's last instruction. */
  long end(int slot) {
    return address(slot) + lengths[slot];
  }

  String hex(int slot) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lengths[slot]; i++) {
      text.append(String.format("%02x", image[slot * LabLayout.SLOT_BYTES + i]));
    }
    return text.toString();
  }

  static AssembledCode assemble(List<Template> templates, Path directory)
      throws IOException, InterruptedException {
    if (templates.size() > LabLayout.MAX_SLOTS) {
      throw new IllegalArgumentException("too many templates: " + templates.size());
    }
    StringBuilder source = new StringBuilder(".text\n");
    Mode mode = null;
    for (Template template : templates) {
      if (template.mode() != mode) {
        mode = template.mode();
        source.append(mode == Mode.CODE32 ? ".code32\n" : ".code64\n");
      }
      source.append(".balign ").append(LabLayout.SLOT_BYTES).append(", 0x90\n");
      source.append(template.text()).append('\n');
      source.append(mode == Mode.CODE32 ? "ljmp *0x800020\n" : "jmp *0x800018\n");
    }
    source.append(".balign ").append(LabLayout.SLOT_BYTES).append(", 0x90\n");
    Path text = directory.resolve("cases.s");
    Path object = directory.resolve("cases.o");
    Path binary = directory.resolve("cases.bin");
    Files.writeString(text, source);
    String prefix = toolPrefix();
    run(directory, prefix + "as", "--64", "-o", object.toString(), text.toString());
    run(
        directory,
        prefix + "objcopy",
        "-O",
        "binary",
        "-j",
        ".text",
        object.toString(),
        binary.toString());
    byte[] image = Files.readAllBytes(binary);
    if (image.length != templates.size() * LabLayout.SLOT_BYTES) {
      throw new IOException("a template does not fit its slot: " + image.length);
    }
    int[] lengths = new int[templates.size()];
    for (int i = 0; i < lengths.length; i++) {
      byte[] back = templates.get(i).mode() == Mode.CODE32 ? BACK_32 : BACK_64;
      lengths[i] = indexOf(image, i * LabLayout.SLOT_BYTES, back);
    }
    return new AssembledCode(image, lengths);
  }

  /** Prefix of the x86-64 binutils on this machine. */
  static String toolPrefix() {
    return System.getProperty("os.arch").matches("amd64|x86_64") ? "" : "x86_64-linux-gnu-";
  }

  private static int indexOf(byte[] image, int from, byte[] wanted) throws IOException {
    for (int i = 0; i + wanted.length <= LabLayout.SLOT_BYTES; i++) {
      if (java.util.Arrays.equals(
          image, from + i, from + i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new IOException("slot without a jump back at " + from);
  }

  private static void run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path log = directory.resolve("tool.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IOException(command[0] + " does not end");
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException(command[0] + " failed:\n" + Files.readString(log));
    }
  }
}
