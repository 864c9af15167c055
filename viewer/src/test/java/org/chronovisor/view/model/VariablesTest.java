package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.chronovisor.symbols.dwarf.RecordedCode;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.ExampleTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Variables of the shipped trace, or why there are none. */
class VariablesTest {
  /** In {@code daily_report(hours)}, behind its prologue; the guest's clock says 24 there. */
  private static final long IN_REPORT = 2_403_570;

  private static final long SECONDS = 120;

  @TempDir Path directory;
  private TraceReader trace;
  private final BlockingQueue<Variables.Answer> answers = new ArrayBlockingQueue<>(1);

  @BeforeEach
  void open() {
    trace = Traces.open(ExampleTrace.file());
  }

  @AfterEach
  void close() {
    trace.close();
  }

  private Variables.Answer ask(Path root, String... watches) throws InterruptedException {
    try (Variables variables = new Variables(trace, List.of(root))) {
      variables.read(IN_REPORT, List.of(watches), answers::add);
      Variables.Answer answer = answers.poll(SECONDS, TimeUnit.SECONDS);
      assertNotNull(answer, "an answer comes");
      return answer;
    }
  }

  private static boolean hasGdb() {
    for (String path : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(path, "gdb"))) {
        return true;
      }
    }
    return false;
  }

  @Test
  void parametersAndWatchedExpressionsHaveTheirValues() throws Exception {
    Path elf = ExampleTrace.home().resolve("samples/target/guests/heap-overflow.elf");
    assumeTrue(hasGdb(), "no gdb");
    assumeTrue(Files.exists(elf), "the sample is not built");
    assumeTrue(
        RecordedCode.compare(Files.readAllBytes(elf), trace.blocks()) == RecordedCode.Match.SAME,
        "another compiler built the sample");
    Variables.Answer answer = ask(ExampleTrace.home(), "6*7", "no_such_thing");
    assertNull(answer.reason());
    assertEquals("42", answer.values().get(0).value());
    assertTrue(answer.values().get(1).value().contains("no_such_thing"));
    assertTrue(
        answer.values().contains(new Variables.Value(Variables.Kind.PARAMETER, "hours", "24")),
        answer.values().toString());
  }

  @Test
  void aMissingFileIsSaid() throws Exception {
    Variables.Answer answer = ask(directory);
    assertTrue(answer.values().isEmpty());
    assertTrue(answer.reason().contains("heap-overflow.elf"), answer.reason());
  }

  @Test
  void anotherBuildIsRefused() throws Exception {
    Path elf = directory.resolve("samples/target/guests/heap-overflow.elf");
    Files.createDirectories(elf.getParent());
    Path other = ExampleTrace.home().resolve("samples/target/guests/hello.elf");
    assumeTrue(Files.exists(other), "the sample is not built");
    Files.copy(other, elf);
    Variables.Answer answer = ask(directory);
    assertTrue(answer.values().isEmpty());
    assertTrue(answer.reason().contains("another build"), answer.reason());
  }

  @Test
  void aFileThatIsNoElfIsSaid() throws IOException, InterruptedException {
    Path elf = directory.resolve("samples/target/guests/heap-overflow.elf");
    Files.createDirectories(elf.getParent());
    Files.writeString(elf, "hello, world");
    assertTrue(ask(directory).reason().contains("ELF"));
  }
}
