package org.chronovisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceNamesTest {
  @TempDir Path directory;

  @Test
  void takesTheKernelsNameAndTheNextFreeNumber() throws IOException {
    List<String> command = List.of("qemu-system-x86_64", "-kernel", "/a/b/my.app.elf", "-m", "64");
    assertEquals("my.app-1", TraceNames.next(directory, command).getFileName().toString());
    Files.createDirectory(directory.resolve("my.app-1"));
    assertEquals("my.app-2", TraceNames.next(directory, command).getFileName().toString());
  }

  @Test
  void aCommandWithoutKernelIsJustATrace() {
    assertEquals("trace", TraceNames.kernelName(List.of("qemu-system-x86_64", "-kernel")));
    assertEquals("trace", TraceNames.kernelName(List.of("qemu-system-x86_64", "-cdrom", "x")));
    assertEquals("trace", TraceNames.kernelName(List.of("-kernel", "/a/-o")));
  }
}
