package org.chronovisor.recorder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Version of a QEMU binary.
 *
 * @param text the whole version line
 */
record QemuVersion(int major, int minor, String text) {
  private static final Pattern LINE =
      Pattern.compile("QEMU emulator version ((\\d+)\\.(\\d+)\\S*)");

  /** Asks a binary. */
  static QemuVersion of(String binary) {
    Process process;
    try {
      process = new ProcessBuilder(binary, "--version").redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new RecordException(
          "cannot run " + binary + ": install qemu-system-x86 (9.2 or newer) or give its path", e);
    }
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return parse(binary, output);
    } catch (IOException e) {
      throw new RecordException("cannot run " + binary + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new RecordException("interrupted", e);
    }
  }

  static QemuVersion parse(String binary, String output) {
    Matcher matcher = LINE.matcher(output);
    if (!matcher.find()) {
      throw new RecordException(
          binary + " is no QEMU system emulator: name qemu-system-x86_64 after --");
    }
    QemuVersion version =
        new QemuVersion(
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            matcher.group(1));
    if (version.major < 9 || (version.major == 9 && version.minor < 2)) {
      throw new RecordException(
          "QEMU "
              + version.text
              + " is too old: recording needs 9.2 or newer (Debian 12: qemu-system-x86 from"
              + " backports)");
    }
    return version;
  }
}
