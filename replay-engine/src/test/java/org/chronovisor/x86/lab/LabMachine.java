package org.chronovisor.x86.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the lab guest under QEMU with its RAM in a file that both sides see. */
final class LabMachine implements AutoCloseable {
  /** isa-debug-exit makes 2 * 0 + 1 of the guest's code 0. */
  private static final int SUCCESS = 1;

  /** The firmware was seen to write up to 16 MiB below the end of RAM (QEMU 10.0.2, SeaBIOS). */
  private static final int FIRMWARE_MEGABYTES = 64;

  private final Path directory;
  private final FileChannel channel;
  private final ByteBuffer ram;
  private final int megabytes;

  LabMachine(Path directory, int cases) throws IOException {
    this.directory = directory;
    long bytes = LabLayout.TABLE + (long) cases * LabLayout.CASE_BYTES;
    megabytes = (int) (bytes >> 20) + FIRMWARE_MEGABYTES;
    channel =
        FileChannel.open(
            directory.resolve("ram"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    ram =
        channel
            .map(FileChannel.MapMode.READ_WRITE, 0, (long) megabytes << 20)
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What QEMU says about its version. */
  static String version() throws IOException {
    Process process = new ProcessBuilder("qemu-system-x86_64", "--version").start();
    try (InputStream output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Guest RAM, little endian; index = guest physical address. */
  ByteBuffer ram() {
    return ram;
  }

  /** Starts the guest and waits until it has executed every case. */
  void run(Path guest, int cases) throws IOException, InterruptedException {
    ram.putLong(LabLayout.HEADER, LabLayout.MAGIC);
    ram.putLong(LabLayout.HEADER_COUNT, cases);
    ram.putLong(LabLayout.HEADER_DONE, 0);
    Path log = directory.resolve("qemu.log");
    List<String> command =
        List.of(
            "qemu-system-x86_64",
            "-machine",
            "pc,accel=tcg,memory-backend=ram",
            "-cpu",
            "max",
            "-m",
            megabytes + "M",
            "-object",
            "memory-backend-file,id=ram,share=on,size="
                + megabytes
                + "M,mem-path="
                + directory.resolve("ram"),
            "-nodefaults",
            "-no-reboot",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=4",
            "-kernel",
            guest.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new IOException("QEMU does not end; " + progress(cases) + Files.readString(log));
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    if (process.exitValue() != SUCCESS || ram.getLong(LabLayout.HEADER_DONE) != cases) {
      throw new IOException(
          "QEMU ended with "
              + process.exitValue()
              + "; "
              + progress(cases)
              + Files.readString(log));
    }
  }

  private String progress(int cases) {
    return ram.getLong(LabLayout.HEADER_DONE) + " of " + cases + " cases done\n";
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(directory.resolve("ram"));
  }
}
