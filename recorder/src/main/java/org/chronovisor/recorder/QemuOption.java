package org.chronovisor.recorder;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One option of a QEMU command line.
 *
 * @param name without its dashes; empty for a bare disk image name
 * @param value null when the option takes none
 */
record QemuOption(String name, String value) {
  /** Options of QEMU 9.2 to 10.x that take no argument ({@code qemu-system-x86_64 --help}). */
  private static final Set<String> FLAGS =
      Set.of(
          "h",
          "?",
          "help",
          "version",
          "usb",
          "snapshot",
          "nographic",
          "full-screen",
          "win2k-hack",
          "no-fd-bootchk",
          "mem-prealloc",
          "preconfig",
          "S",
          "s",
          "enable-kvm",
          "xen-attach",
          "xen-domid-restrict",
          "no-reboot",
          "no-shutdown",
          "daemonize",
          "only-migratable",
          "nodefaults",
          "no-user-config",
          "enable-sync-profile",
          "perfmap",
          "jitdump",
          "no-acpi",
          "no-hpet",
          "singlestep",
          "portrait",
          "nodefconfig");

  /** Splits the arguments behind the binary's name. */
  static List<QemuOption> parse(List<String> arguments) {
    List<QemuOption> options = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-") || argument.equals("-")) {
        options.add(new QemuOption("", argument));
        continue;
      }
      String name = argument.substring(argument.startsWith("--") ? 2 : 1);
      if (FLAGS.contains(name)) {
        options.add(new QemuOption(name, null));
      } else if (i + 1 < arguments.size()) {
        options.add(new QemuOption(name, arguments.get(++i)));
      } else {
        throw RecordException.refused(
            name.indexOf('=') > 0
                ? "-" + name + ": QEMU takes no '=' there, write a space instead"
                : "QEMU's option -" + name + " needs a value, or does not exist");
      }
    }
    return options;
  }

  void appendTo(List<String> command) {
    if (!name.isEmpty()) {
      command.add("-" + name);
    }
    if (value != null) {
      command.add(value);
    }
  }

  /** Value of {@code key} in a value like {@code a,key=b,c=d}, or null. */
  String property(String key) {
    for (String part : parts()) {
      if (part.startsWith(key + "=")) {
        return part.substring(key.length() + 1);
      }
    }
    return null;
  }

  /** The value without {@code key=}. */
  String without(String key) {
    return parts().stream()
        .filter(part -> !part.startsWith(key + "="))
        .map(part -> part.replace(",", ",,"))
        .collect(Collectors.joining(","));
  }

  /** The value's first part when it has no {@code key=}, else the property {@code implied}. */
  String first(String implied) {
    List<String> parts = parts();
    return parts.isEmpty() || parts.get(0).indexOf('=') >= 0 ? property(implied) : parts.get(0);
  }

  /** Parts of the value between commas; a doubled comma stands for one. */
  private List<String> parts() {
    List<String> parts = new ArrayList<>();
    if (value == null) {
      return parts;
    }
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != ',') {
        part.append(c);
      } else if (i + 1 < value.length() && value.charAt(i + 1) == ',') {
        part.append(c);
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    parts.add(part.toString());
    return parts;
  }
}
