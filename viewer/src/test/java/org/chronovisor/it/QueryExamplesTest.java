package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.chronovisor.it.Cli.Result;
import org.chronovisor.it.Recordings.How;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the examples of docs/queries.md; the lines shown must come in that order, numbers aside. */
@Timeout(180)
class QueryExamplesTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("```console\\n\\$ chronovisor ([^\\n]*)\\n(.*?)```", Pattern.DOTALL);
  private static final Map<String, String> NAMES = new HashMap<>();

  /** A command line, and lines of its output. */
  record Example(String command, List<String> lines) {
    @Override
    public String toString() {
      return command;
    }
  }

  static Stream<Example> examples() throws IOException {
    String page = Files.readString(Sample.home().resolve("docs/queries.md"));
    List<Example> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(page);
    while (matcher.find()) {
      examples.add(new Example(matcher.group(1), matcher.group(2).lines().toList()));
    }
    return examples.stream();
  }

  @Test
  void thereIsAnExampleOfEachQuestion() throws IOException {
    List<String> commands =
        examples().map(e -> e.command.substring(0, e.command.indexOf(' '))).distinct().toList();
    for (String command :
        List.of(
            "explain",
            "origin",
            "last-write",
            "find-exec",
            "find-writes",
            "find-reads",
            "find-bytes",
            "calls",
            "profile",
            "backtrace",
            "events",
            "console")) {
      assertTrue(commands.contains(command), command);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theOutputHasTheLinesShown(Example example) {
    List<Object> args = new ArrayList<>();
    Matcher words = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(example.command);
    while (words.find()) {
      args.add(words.group(1) != null ? words.group(1) : words.group(2));
    }
    Sample sample = sample((String) args.get(1));
    String trace =
        Recordings.of(sample, sample == Sample.IRQ_RACE ? How.DETERMINISTIC : How.PLAIN)
            .trace()
            .toString();
    args.set(1, trace);
    args.replaceAll(arg -> named((String) arg));
    Result result = Cli.run(args);
    assertEquals(0, result.code(), result::toString);
    List<String> output = result.out().lines().map(QueryExamplesTest::stable).toList();
    int from = 0;
    for (String line : example.lines) {
      int at = output.subList(from, output.size()).indexOf(stable(line));
      assertTrue(at >= 0, line + "\nis not, or not in this order, in\n" + result.out());
      from += at + 1;
    }
  }

  /** Every answer is one JSON object, too. */
  @ParameterizedTest
  @MethodSource("examples")
  void theAnswerComesAsJsonToo(Example example) {
    List<Object> args = new ArrayList<>(Arrays.asList((Object[]) example.command.split(" ")));
    Sample sample = sample((String) args.get(1));
    if (!example.command.contains("\"")) {
      args.set(
          1,
          Recordings.of(sample, sample == Sample.IRQ_RACE ? How.DETERMINISTIC : How.PLAIN)
              .trace()
              .toString());
      args.replaceAll(arg -> named((String) arg));
      args.add("--json");
      Result result = Cli.run(args);
      assertEquals(0, result.code(), result::toString);
      assertTrue(!JsonText.object(result.out()).isEmpty());
    }
  }

  private static Sample sample(String name) {
    return Arrays.stream(Sample.values())
        .filter(s -> s.guest.equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Numbers depend on the compiler. */
  private static String stable(String line) {
    return line.replaceAll("0x[0-9a-f]+", "0x#")
        .replaceAll("\\b[0-9][0-9,.]*\\b", "#")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static synchronized String named(String arg) {
    if (NAMES.isEmpty()) {
      String trace = Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).trace().toString();
      Map<String, Object> explanation = JsonText.object(Cli.run("explain", trace, "--json").out());
      Map<?, ?> cause = (Map<?, ?>) explanation.get("rootCause");
      List<?> trail = (List<?>) explanation.get("trail");
      String place = (String) ((Map<?, ?>) trail.get(trail.size() - 1)).get("place");
      NAMES.put("FAILURE", explanation.get("position").toString());
      NAMES.put("CULPRIT", cause.get("position").toString());
      NAMES.put("LINK", place.substring(0, place.indexOf(' ')));
    }
    String result = arg;
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      result = result.replace(name.getKey(), name.getValue());
    }
    return result;
  }
}
