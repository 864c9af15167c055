package org.chronovisor.recorder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The user's QEMU command line, and the one made of it that records the same guest. */
final class QemuCommandLine {
  /** The id of the guest's RAM, as {@code info mtree} shows it. */
  static final String RAM_ID = "chronovisor-ram";

  /** As many as the plugin has room for. */
  private static final int MAX_CPUS = 256;

  private static final String IN_TURN = "tcg,thread=single";
  private static final long DEFAULT_RAM = 128L << 20;
  private static final Set<String> OTHER_ACCELERATORS =
      Set.of("kvm", "xen", "hvf", "whpx", "nvmm", "hax", "mshv");

  private final String binary;
  private final List<QemuOption> kept = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private long ramBytes = DEFAULT_RAM;
  private Path kernel;
  private boolean accelerator;
  private boolean icount;
  private boolean threads;
  private long cpus = 1;

  /** Files and sockets that the recording QEMU is given. */
  record Wiring(Path plugin, Path ring, Path ram, Path shadow, Path control, Path gdb, Path qmp) {}

  /**
   * Reads a command line.
   *
   * @param command the binary and its arguments
   * @throws RecordException for what cannot be recorded, with the mend
   */
  QemuCommandLine(List<String> command) {
    if (command.isEmpty()) {
      throw new RecordException(
          "no QEMU command line: write it after --, for example -- qemu-system-x86_64 -kernel K");
    }
    binary = command.get(0);
    String name = Path.of(binary).getFileName().toString();
    if (name.startsWith("qemu-system-") && !name.startsWith("qemu-system-x86_64")) {
      throw new RecordException(
          name + " runs another architecture: only qemu-system-x86_64 can be recorded");
    }
    if (name.equals("kvm") || name.equals("qemu-kvm")) {
      throw new RecordException(
          name + " uses KVM, which cannot be recorded: write qemu-system-x86_64 instead");
    }
    for (QemuOption option : QemuOption.parse(command.subList(1, command.size()))) {
      if (keep(option)) {
        kept.add(option);
      }
    }
    if (threads && cpus > 1) {
      throw new RecordException(
          "-accel tcg,thread=multi cannot be recorded with several CPUs: leave thread=multi out, the"
              + " recorder lets them run in turn");
    }
  }

  String binary() {
    return binary;
  }

  long ramBytes() {
    return ramBytes;
  }

  /** The file of {@code -kernel}, or null. */
  Path kernel() {
    return kernel;
  }

  /** What was understood differently, one line each. */
  List<String> notices() {
    return notices;
  }

  private boolean keep(QemuOption option) {
    String value = option.value();
    switch (option.name()) {
      case "h", "?", "help", "version" ->
          throw new RecordException(
              "-" + option.name() + " runs no guest: leave it out to record one");
      case "enable-kvm" -> throw kvm("-enable-kvm");
      case "daemonize" ->
          throw new RecordException(
              "-daemonize cannot be recorded: leave it out, the recorder waits for QEMU");
      case "preconfig", "incoming" ->
          throw new RecordException("-" + option.name() + " cannot be recorded: leave it out");
      case "smp" -> smp(option);
      case "m" -> {
        String size = option.first("size");
        if (size != null) {
          ramBytes = MemorySize.parse(size);
        }
      }
      case "machine", "M" -> machine(option);
      case "accel" -> {
        accelerator(option.first("accel"), "-accel " + value);
        threads = "multi".equals(option.property("thread"));
      }
      case "cpu" -> {
        String model = option.first("model");
        if ("host".equals(model)) {
          throw new RecordException("-cpu host needs KVM: write -cpu max instead");
        }
      }
      case "numa" -> {
        if (option.property("memdev") != null) {
          throw ownMemory("-numa ...,memdev=");
        }
      }
      case "object" -> {
        String type = option.first("qom-type");
        if ((type != null && type.startsWith("memory-backend"))
            || value.contains("\"memory-backend")) {
          throw ownMemory("-object memory-backend-...");
        }
      }
      case "mem-path" -> {
        notices.add("-mem-path is left out: the recorder keeps the guest's RAM in its own file");
        return false;
      }
      case "S" -> {
        notices.add("-S is left out: the recorder starts the guest");
        return false;
      }
      case "s", "gdb" -> {
        notices.add(
            "-"
                + option.name()
                + " is left out: the recorder needs QEMU's GDB stub; debug the trace with"
                + " 'chronovisor gdbserver' afterwards");
        return false;
      }
      case "display" -> {
        if (value.startsWith("curses")) {
          throw new RecordException(
              "-display curses cannot be recorded: write -display none -serial stdio instead");
        }
      }
      case "kernel" -> kernel = Path.of(value);
      case "icount" -> {
        icount = true;
        if ("record".equals(option.property("rr")) || "replay".equals(option.property("rr"))) {
          notices.add("-icount rr= is kept; recording with it has not been tried much");
        }
      }
      default -> {}
    }
    return true;
  }

  private void smp(QemuOption option) {
    String total = option.first("cpus");
    long count = number(total, 1);
    for (String factor : List.of("sockets", "dies", "clusters", "modules", "cores", "threads")) {
      if (total == null) {
        count *= number(option.property(factor), 1);
      }
    }
    if (count > MAX_CPUS) {
      throw new RecordException(
          "-smp " + option.value() + ": at most " + MAX_CPUS + " CPUs can be recorded");
    }
    cpus = count;
  }

  private static long number(String text, long otherwise) {
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new RecordException("-smp: '" + text + "' is no number");
    }
  }

  private void machine(QemuOption option) {
    String accel = option.property("accel");
    if (accel != null) {
      accelerator(accel, "-machine accel=" + accel);
    }
    if (option.property("memory-backend") != null) {
      throw ownMemory("-machine memory-backend=");
    }
    String type = option.first("type");
    if ("none".equals(type)) {
      throw new RecordException("-machine none has no guest to record");
    }
  }

  private void accelerator(String names, String where) {
    if (names != null) {
      for (String name : names.split(":")) {
        if (OTHER_ACCELERATORS.contains(name)) {
          throw kvm(where);
        }
      }
    }
    accelerator = true;
  }

  private static RecordException kvm(String where) {
    return new RecordException(
        where
            + " cannot be recorded: leave it out, recording needs QEMU's own emulation"
            + " (-accel tcg)");
  }

  private static RecordException ownMemory(String where) {
    return new RecordException(
        where
            + " cannot be recorded: leave it out, the recorder provides the guest's RAM (-m SIZE)");
  }

  /** The command that runs the same guest under the recorder's eyes. */
  List<String> recording(Wiring wiring, boolean deterministic) {
    List<String> command = new ArrayList<>();
    command.add(binary);
    boolean several = cpus > 1;
    kept.stream()
        .map(option -> several ? inTurn(option) : option)
        .filter(option -> !isEmptyMachine(option))
        .forEach(option -> option.appendTo(command));
    if (several && !hasAccel()) {
      add(command, "-accel", IN_TURN);
    } else if (!accelerator) {
      add(command, "-accel", "tcg");
    }
    if (deterministic && !icount) {
      add(command, "-icount", "shift=7");
    }
    add(
        command,
        "-object",
        "memory-backend-file,id="
            + RAM_ID
            + ",size="
            + ramBytes
            + ",share=on,mem-path="
            + escape(wiring.ram));
    add(command, "-machine", "memory-backend=" + RAM_ID);
    add(
        command,
        "-plugin",
        "file="
            + escape(wiring.plugin)
            + ",socket="
            + escape(wiring.control)
            + ",ring="
            + escape(wiring.ring)
            + ",ram="
            + escape(wiring.ram)
            + ",shadow="
            + escape(wiring.shadow));
    add(command, "-chardev", "socket,id=chronovisor-gdb,path=" + escape(wiring.gdb));
    add(command, "-gdb", "chardev:chronovisor-gdb");
    add(command, "-chardev", "socket,id=chronovisor-qmp,path=" + escape(wiring.qmp));
    add(command, "-mon", "chardev=chronovisor-qmp,mode=control");
    add(command, "-action", "panic=pause,reboot=shutdown,shutdown=pause");
    command.add("-S");
    return command;
  }

  private boolean hasAccel() {
    return kept.stream().anyMatch(option -> option.name().equals("accel"));
  }

  private static boolean isEmptyMachine(QemuOption option) {
    return (option.name().equals("machine") || option.name().equals("M"))
        && "".equals(option.value());
  }

  /** The same option for vCPUs that run in turn, on one thread. */
  private static QemuOption inTurn(QemuOption option) {
    switch (option.name()) {
      case "accel":
        return option.property("thread") == null
            ? new QemuOption("accel", option.value() + ",thread=single")
            : option;
      case "machine", "M":
        // QEMU takes no -accel beside -machine accel=.
        return option.property("accel") == null
            ? option
            : new QemuOption(option.name(), option.without("accel"));
      default:
        return option;
    }
  }

  private static void add(List<String> command, String option, String value) {
    command.add(option);
    command.add(value);
  }

  private static String escape(Path path) {
    return path.toAbsolutePath().toString().replace(",", ",,");
  }
}
