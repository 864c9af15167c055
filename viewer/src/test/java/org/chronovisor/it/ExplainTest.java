package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.explain.Explanation;
import org.chronovisor.query.explain.Failure;
import org.chronovisor.query.explain.Finding;
import org.chronovisor.query.origin.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The samples' READMEs say what is to blame; explain must name that line. */
@Timeout(180)
class ExplainTest {
  private static final Pattern NAMED =
      Pattern.compile("What `explain` names:\\*\\* `([^`]+)`, `([^`]+)`(?: in `([^`]+)`)?");

  @ParameterizedTest
  @CsvSource({
    "HEAP_OVERFLOW, PLAIN, OVERWRITE",
    "USE_AFTER_FREE, PLAIN, USE_AFTER_FREE",
    "STACK_SMASH, PLAIN, RETURN_ADDRESS",
    "IRQ_RACE, DETERMINISTIC, LOST_UPDATE",
    "DIVIDE, PLAIN, SOURCE",
    "PAGING, PLAIN, LOOP_LIMIT",
    "HEAP_OVERFLOW, DETERMINISTIC, OVERWRITE",
    "USE_AFTER_FREE, DETERMINISTIC, USE_AFTER_FREE"
  })
  void theRootCauseIsTheLineThatTheReadmeNames(Sample sample, How how, Finding.Kind kind)
      throws IOException {
    try (TraceSession session = TraceSession.open(Recordings.of(sample, how).trace())) {
      Explanation explanation = Explanation.of(session, ProgressListener.NONE);
      assertNotNull(explanation.rootCause(), explanation::toString);
      assertEquals(kind, explanation.rootCause().kind());
      assertNamed(sample, explanation.rootCause().instruction().source());
    }
  }

  private static void assertNamed(Sample sample, String source) throws IOException {
    Path directory = Sample.home().resolve("samples/src").resolve(sample.guest);
    Matcher readme = NAMED.matcher(Files.readString(directory.resolve("README.md")));
    assertTrue(readme.find(), "the README names no line");
    assertNotNull(source);
    int colon = source.lastIndexOf(':');
    Path file = Sample.home().resolve(source.substring(0, colon));
    int line = Integer.parseInt(source.substring(colon + 1));
    assertEquals(directory.resolve(readme.group(1)), file);
    List<String> lines = Files.readAllLines(file);
    assertEquals(readme.group(2), lines.get(line - 1).strip());
    if (readme.group(3) != null) {
      int function = line - 1;
      while (!lines.get(function).matches("\\w.*\\) \\{")) {
        function--;
      }
      assertTrue(lines.get(function).contains(readme.group(3) + "("), lines.get(function));
    }
  }

  @Test
  void aRunThatEndsWellHasNoFailure() {
    try (TraceSession session = TraceSession.open(Recordings.of(Sample.HELLO, How.PLAIN).trace())) {
      Explanation explanation = Explanation.of(session, ProgressListener.NONE);
      assertEquals(Failure.Kind.NONE, explanation.failure().kind());
    }
  }

  @Test
  void theCorruptedLinkComesFromTheSuffixInTheImage() {
    try (TraceSession session =
        TraceSession.open(Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).trace())) {
      Explanation explanation = Explanation.of(session, ProgressListener.NONE);
      Origin origin = explanation.trails().get(0).origin();
      assertEquals(Origin.End.INITIAL_MEMORY, origin.end());
      assertTrue(origin.text().contains("\"hour\""), origin.text());
    }
  }
}
