package org.chronovisor.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The sample guests, the parameters they get, and how QEMU's run of them ends. */
enum Sample {
  HELLO("hello", "a=1 b", "shutdown", "command line: \"a=1 b\""),
  COMPUTE("compute", "", "shutdown", "checksum ceb6218c75f49a24"),
  HEAP_OVERFLOW("heap-overflow", "", "shutdown", "PANIC: page fault at 0x72756f"),
  USE_AFTER_FREE("use-after-free", "", "shutdown", "PANIC: page fault at 0x504d4554 "),
  STACK_SMASH("stack-smash", "", "reset", "packet 500: digest e2e43d74"),
  IRQ_RACE("irq-race", "iterations=20000", "shutdown", "(no item lost|PANIC: invariant)"),
  DIVIDE("divide", "", "halted", "PANIC: divide error"),
  PAGING("paging", "", "shutdown", "PANIC: page fault at 0x700000010000 "),
  ALIASES("aliases", "", "shutdown", "results: e96f26146d0d39e8 e96f26146d0d39e8"),
  AVX("avx", "", "shutdown", "(no AVX|checksum bdbc9af6a185c64c)"),
  USERMODE("usermode", "", "shutdown", "user: sum PANIC: double fault", "-cpu", "max"),
  FPU("fpu", "", "shutdown", "PANIC: the sum of the first n odd", "-cpu", "max", "-seed", "1"),
  SELFMOD("selfmod", "", "shutdown", "PANIC: the second function gives 42"),
  VIRTIO_BLK(
      "virtio-blk",
      "rounds=2",
      "shutdown",
      "PANIC: the index has lost its magic number",
      "-drive",
      "file=@DISK@,format=raw,if=none,id=d0,cache=unsafe",
      "-device",
      "virtio-blk-pci,drive=d0",
      "-device",
      "virtio-rng-pci"),
  IDLE("idle", "seconds=1", "halted", "1 s"),
  SMP_2(
      "smp",
      "orders=150 hz=200",
      "shutdown",
      "(inventory: 74 items left|PANIC: inventory)",
      "-smp",
      "2"),
  SMP_4(
      "smp",
      "orders=150 hz=200",
      "shutdown",
      "(inventory: 148 items left|PANIC: inventory)",
      "-smp",
      "4");

  final String guest;
  final String parameters;
  final String endReason;

  /** A regular expression that a line of its output matches. */
  final String output;

  final int cpus;

  /** More of QEMU's command line. */
  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> options;

  Sample(String guest, String parameters, String endReason, String output, String... options) {
    this.guest = guest;
    this.parameters = parameters;
    this.endReason = endReason;
    this.output = output;
    this.options = List.of(options);
    int smp = this.options.indexOf("-smp");
    cpus = smp < 0 ? 1 : Integer.parseInt(this.options.get(smp + 1));
  }

  /** The built kernel. */
  Path elf() {
    return elf(guest);
  }

  private static Path elf(String guest) {
    Path elf = home().resolve("samples/target/guests/" + guest + ".elf");
    if (!Files.isReadable(elf)) {
      throw new IllegalStateException("not built: " + elf);
    }
    return elf;
  }

  /** The command line that a user has. */
  List<String> command(String... more) {
    return commandWith(parameters, more);
  }

  /** The same with other parameters. */
  List<String> commandWith(String parameters, String... more) {
    List<String> command = plain(guest);
    if (!parameters.isEmpty()) {
      command.addAll(List.of("-append", parameters));
    }
    options.forEach(option -> command.add(withDisk(option)));
    command.addAll(List.of(more));
    return command;
  }

  /** The command line of a guest that is none of these. */
  static List<String> plain(String guest, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-kernel",
                elf(guest).toString(),
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
    command.addAll(List.of(more));
    return command;
  }

  /** Every machine has a fresh disk. */
  private static String withDisk(String option) {
    if (!option.contains("@DISK@")) {
      return option;
    }
    try {
      Path disk = Files.createTempFile(Recordings.directory(), "disk", ".img");
      Files.write(disk, new byte[1 << 20]);
      return option.replace("@DISK@", disk.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The project's root directory. */
  static Path home() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("samples/src"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("run the tests inside the project");
      }
    }
    return directory;
  }
}
