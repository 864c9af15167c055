package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The user's QEMU command line, and the one made of it that records the same guest. */
final class QemuCommandLine {
  /** Options that list what they know when their value is {@code help}. */
  private static final Set<String> LISTING =
      Set.of(
          "machine",
          "M",
          "cpu",
          "accel",
          "device",
          "netdev",
          "nic",
          "net",
          "chardev",
          "object",
          "trace",
          "d",
          "audio",
          "audiodev",
          "vga",
          "display",
          "soundhw",
          "tpmdev",
          "drive");

  /** Sections of a {@code -readconfig} file that the recorder would have to know. */
  private static final Pattern TELLING =
      Pattern.compile(
          "^\\[(machine|memory|smp-opts|accel|object|numa|icount)\\b", Pattern.MULTILINE);

  /** As many as the plugin has room for. */
  private static final int MAX_CPUS = 256;

  private static final String IN_TURN = "tcg,thread=single";
  private static final Set<String> OTHER_ACCELERATORS =
      Set.of("kvm", "xen", "hvf", "whpx", "nvmm", "hax", "mshv");

  private final String binary;
  private final List<QemuOption> kept = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final RamBackends ram = new RamBackends();
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
      throw RecordException.refused(
          "no QEMU command line: write it after --, for example -- qemu-system-x86_64 -kernel K");
    }
    binary = command.get(0);
    String name = Path.of(binary).getFileName().toString();
    if (name.startsWith("qemu-system-") && !name.startsWith("qemu-system-x86_64")) {
      throw RecordException.refused(
          name + " runs another architecture: only qemu-system-x86_64 can be recorded");
    }
    if (name.equals("kvm") || name.equals("qemu-kvm")) {
      throw RecordException.refused(
          name + " uses KVM, which cannot be recorded: write qemu-system-x86_64 instead");
    }
    for (QemuOption option : QemuOption.parse(command.subList(1, command.size()))) {
      if (keep(option)) {
        kept.add(option);
      }
    }
    // An -object may stand before what uses it, or behind.
    kept.removeIf(option -> option.name().equals("object") && ram.isUsed(option.property("id")));
    if (threads && cpus > 1) {
      throw RecordException.refused(
          "-accel tcg,thread=multi cannot be recorded with several CPUs: leave thread=multi out, the"
              + " recorder lets them run in turn");
    }
  }

  String binary() {
    return binary;
  }

  RamBackends ram() {
    return ram;
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
    if (LISTING.contains(option.name()) && isHelp(value)) {
      throw RecordException.refused(
          "-" + option.name() + " " + value + " runs no guest: leave it out to record one");
    }
    switch (option.name()) {
      case "h", "?", "help", "version" ->
          throw RecordException.refused(
              "-" + option.name() + " runs no guest: leave it out to record one");
      case "enable-kvm" -> throw kvm("-enable-kvm");
      case "daemonize" ->
          throw RecordException.refused(
              "-daemonize cannot be recorded: leave it out, the recorder waits for QEMU");
      case "preconfig", "incoming" ->
          throw RecordException.refused("-" + option.name() + " cannot be recorded: leave it out");
      case "smp" -> smp(option);
      case "m" -> {
        String size = option.first("size");
        if (size != null) {
          ram.setSize(MemorySize.parse(size));
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
          throw RecordException.refused("-cpu host needs KVM: write -cpu max instead");
        }
      }
      case "numa" -> {
        if (option.property("memdev") != null) {
          ram.useAsMain(option.property("memdev"));
        }
      }
      case "device" -> {
        if ("pc-dimm".equals(option.first("driver")) && option.property("memdev") != null) {
          ram.useInModule(option.property("memdev"));
        }
      }
      case "object" -> ram.define(option);
      case "mem-prealloc" -> {
        notices.add("-mem-prealloc is left out: it would only slow the recording's start down");
        return false;
      }
      case "readconfig" -> readConfig(value);
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
          throw RecordException.refused(
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
      throw RecordException.refused(
          "-smp " + option.value() + ": at most " + MAX_CPUS + " CPUs can be recorded");
    }
    cpus = count;
  }

  private static long number(String text, long otherwise) {
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw RecordException.refused("-smp: '" + text + "' is no number");
    }
  }

  private void machine(QemuOption option) {
    String accel = option.property("accel");
    if (accel != null) {
      accelerator(accel, "-machine accel=" + accel);
    }
    if (option.property("memory-backend") != null) {
      ram.useAsMain(option.property("memory-backend"));
    }
    if (option.property("kernel") != null) {
      kernel = Path.of(option.property("kernel"));
    }
    String type = option.first("type");
    if ("none".equals(type)) {
      throw RecordException.refused("-machine none has no guest to record");
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
    return RecordException.refused(
        where
            + " cannot be recorded: leave it out, recording needs QEMU's own emulation"
            + " (-accel tcg)");
  }

  private static boolean isHelp(String value) {
    return value != null
        && (value.equals("help")
            || value.equals("?")
            || value.endsWith(",help")
            || value.endsWith(",?"));
  }

  private static void readConfig(String file) {
    String text;
    try {
      text = Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw RecordException.refused("-readconfig " + file + " cannot be read", e);
    }
    Matcher matcher = TELLING.matcher(text);
    if (matcher.find()) {
      throw RecordException.refused(
          "-readconfig "
              + file
              + ": write what its section ["
              + matcher.group(1)
              + "] says as options of the command line");
    }
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
    for (RamBackends.Slice slice : ram.slices()) {
      add(
          command,
          "-object",
          "memory-backend-file,id="
              + slice.id()
              + ",size="
              + slice.bytes()
              + ",share=on,mem-path="
              + escape(wiring.ram)
              + (slice.offset() == 0 ? "" : ",offset=" + slice.offset()));
    }
    if (ram.needsMain()) {
      add(command, "-machine", "memory-backend=" + RamBackends.ADDED);
    }
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
