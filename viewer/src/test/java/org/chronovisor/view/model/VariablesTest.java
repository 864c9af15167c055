package org.chronovisor.view.model;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.ExampleTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why there are no variables. */
class VariablesTest {
  private static final long AT = 2_403_570;
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
      variables.read(AT, List.of(watches), answers::add);
      Variables.Answer answer = answers.poll(SECONDS, TimeUnit.SECONDS);
      assertNotNull(answer, "an answer comes");
      return answer;
    }
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
