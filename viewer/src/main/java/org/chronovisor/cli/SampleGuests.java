package org.chronovisor.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.chronovisor.recorder.RecordException;

/** The sample kernels that come with the installation, and the QEMU command line for them. */
final class SampleGuests {
  private SampleGuests() {}

  /** Path of a sample's kernel. */
  static Path kernel(String name) {
    Path home = Path.of(System.getProperty("chronovisor.home", ""));
    Path kernel = home.resolve("samples/target/guests").resolve(name + ".elf");
    if (!Files.isReadable(kernel)) {
      throw new RecordException(
          "the sample "
              + kernel
              + " is missing: build the project with ./chronovisor or mvn package");
    }
    return kernel;
  }

  /**
   * QEMU with a sample and nothing else.
   *
   * @param append the kernel's boot parameters, or null
   */
  static List<String> qemu(String name, String append) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-kernel",
                kernel(name).toString(),
                "-m",
                "64",
                "-nodefaults",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-no-reboot",
                "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4"));
    if (append != null) {
      command.add("-append");
      command.add(append);
    }
    return command;
  }
}
