package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.it.Cli.Result;
import org.chronovisor.it.Recordings.How;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the contract on real traces. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CommandLineTest {
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createTempDirectory(Recordings.directory(), "cli");
  }

  private static Path trace() {
    return Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).trace();
  }

  private static long end() {
    return Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).summary().instructions();
  }

  private static Map<String, Object> json(Object... args) {
    Result result = Cli.run(args);
    assertEquals(0, result.code(), result::toString);
    return JsonText.object(result.out());
  }

  private static void assertKeys(Map<String, Object> object, String... keys) {
    for (String key : keys) {
      assertTrue(object.containsKey(key), () -> key + " is missing: " + object);
    }
  }

  @Test
  void infoHasTheKeysOfTheContract() {
    Map<String, Object> info = json("info", trace(), "--json");
    assertKeys(
        info,
        "complete",
        "instructions",
        "segments",
        "bytes",
        "bytesPerInstruction",
        "endReason",
        "qemu",
        "arch",
        "vcpus",
        "inexact");
    assertEquals(true, info.get("complete"));
    assertEquals(end(), info.get("instructions"));
    assertEquals(List.of(), info.get("inexact"));
    assertEquals("shutdown", info.get("endReason"));
    assertEquals("x86_64", info.get("arch"));
    assertEquals(1L, info.get("vcpus"));
  }

  @Test
  void verifyHasTheKeysOfTheContract() {
    Map<String, Object> verify = json("verify", trace(), "--json");
    assertKeys(verify, "ok", "segments", "instructions", "mismatches");
    assertEquals(true, verify.get("ok"));
    assertEquals(end(), verify.get("instructions"));
    assertEquals(List.of(), verify.get("mismatches"));
  }

  /** The guest's own panic handler printed the registers at the fault. */
  @Test
  void stateShowsTheRegistersThatTheGuestPrintedAtItsCrash() {
    Map<String, Object> crash = json("crash", trace(), "--json");
    long position = (long) crash.get("position");
    Map<String, Object> before = json("state", trace(), "--at", position - 1, "--json");
    assertKeys(before, "position", "pc", "symbol", "source", "registers");
    assertEquals(position - 1, before.get("position"));
    assertTrue(((String) before.get("symbol")).startsWith("heap_alloc+"), before::toString);
    // Between it and the fault lies one instruction: a branch, which changes no register but rip.
    String printed =
        new String(Recordings.of(Sample.HEAP_OVERFLOW, How.PLAIN).output(), StandardCharsets.UTF_8);
    Map<?, ?> registers = (Map<?, ?>) before.get("registers");
    Matcher matcher = Pattern.compile("\\b(r[a-z0-9]{1,2}) *=([0-9a-f]{16})").matcher(printed);
    int compared = 0;
    while (matcher.find()) {
      long guest = Long.parseUnsignedLong(matcher.group(2), 16);
      assertEquals("0x" + Long.toHexString(guest), registers.get(matcher.group(1)));
      compared++;
    }
    assertEquals(16, compared, printed);
  }

  /** gdb reads the same bytes and names from the ELF file. */
  @Test
  void memoryAndSymbolsAreThoseOfTheElfFileAsGdbReadsIt() throws Exception {
    String gdb =
        output(
            "gdb",
            "-nx",
            "-batch",
            "-ex",
            "x/64xb kernel_main",
            "-ex",
            "info symbol 0x100000",
            Sample.HEAP_OVERFLOW.elf().toString());
    List<String> expected = new ArrayList<>();
    Matcher matcher = Pattern.compile("\\t0x([0-9a-f]{2})").matcher(gdb);
    while (matcher.find()) {
      expected.add(matcher.group(1));
    }
    assertEquals(64, expected.size(), gdb);
    Result mem = Cli.run("mem", trace(), "--at", 0, "kernel_main", 64);
    assertEquals(0, mem.code(), mem::toString);
    List<String> found = new ArrayList<>();
    for (String line : mem.out().lines().toList()) {
      String bytes = line.substring(line.indexOf("  "), line.indexOf('|'));
      found.addAll(List.of(bytes.strip().split("\\s+")));
    }
    assertEquals(expected, found);
    assertTrue(gdb.contains("_start in section"), gdb);
    assertEquals("_start", json("state", trace(), "--at", 0, "--json").get("symbol"));
  }

  @Test
  void lastWriteNamesTheInstructionThatSpoiltTheFreeList() {
    Map<String, Object> crash = json("crash", trace(), "--json");
    List<?> trail = (List<?>) crash.get("trail");
    String place = (String) ((Map<?, ?>) trail.get(trail.size() - 1)).get("place");
    String address = place.substring(0, place.indexOf(' '));
    Map<String, Object> write =
        json("last-write", trace(), "--before", crash.get("position"), address + ",8", "--json");
    assertKeys(write, "position", "pc", "symbol", "source", "value");
    assertTrue(((String) write.get("symbol")).startsWith("append_label+"), write::toString);
    assertEquals("0x72756f68", write.get("value"));
    long position = (long) write.get("position");
    String after = Cli.run("mem", trace(), "--at", position + 1, address, 8).out();
    assertTrue(after.contains("68 6f 75 72 00 00 00 00"), after);
  }

  @Test
  void whatWasNeverWrittenIsCodeOne() {
    assertEquals(1, Cli.run("last-write", trace(), "--before", "end", "0x3000000").code());
  }

  @Test
  void whatIsNotMappedIsCodeOne() {
    Result result = Cli.run("mem", trace(), "--at", end(), "0x700000000000", 8);
    assertEquals(1, result.code(), result::toString);
    assertEquals(1, result.err().lines().count(), result::toString);
  }

  @Test
  void aNegativePositionIsNoPosition() {
    Result result = Cli.run("state", trace(), "--at", "-1");
    assertEquals(2, result.code(), result::toString);
    assertTrue(result.err().contains("not '-1'"), result::toString);
  }

  @Test
  void symbolsComeFromAnElfFile() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "no symbols here");
    Path trace = directory.resolve("trace");
    Result result = Cli.run("record", "-o", trace, "--symbols", text, "--", Sample.HELLO.command());
    assertEquals(2, result.code(), result::toString);
    assertFalse(Files.exists(trace), result::toString);
  }

  @Test
  void theRecordersFiguresAreThoseOfInfo() {
    Path trace = directory.resolve("trace");
    Result result = Cli.run("record", "--json", "-o", trace, "--", Sample.HELLO.command());
    Map<String, Object> summary =
        JsonText.object(result.out().substring(result.out().indexOf('{')));
    assertEquals(json("info", trace, "--json").get("bytes"), summary.get("bytes"));
  }

  @Test
  void aPositionBehindTheEndIsCodeTwo() {
    for (String command : List.of("state", "mem", "last-write", "step")) {
      List<Object> args = new ArrayList<>(List.of(command, trace()));
      args.addAll(List.of(command.equals("last-write") ? "--before" : "--at", end() + 1));
      if (command.equals("mem")) {
        args.addAll(List.of("0x100000", 8));
      } else if (command.equals("last-write")) {
        args.add("0x100000");
      }
      Result result = Cli.run(args);
      assertEquals(2, result.code(), result::toString);
      assertEquals(1, result.err().lines().count(), result::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRawConsoleIsQemusSerialOutput(Sample sample) {
    Recordings.Recording recording = Recordings.of(sample, How.PLAIN);
    Result raw = Cli.run("console", recording.trace(), "--raw");
    assertEquals(0, raw.code(), raw::toString);
    assertEquals(new String(recording.output(), StandardCharsets.UTF_8), raw.out());
    Result numbered = Cli.run("console", recording.trace());
    assertEquals(raw.out().lines().count(), numbered.out().lines().count());
  }

  @Test
  void variablesByAnotherBuildAreRefused() {
    for (String command : List.of("locals", "print")) {
      List<Object> args = new ArrayList<>(List.of(command, trace(), "--symbols"));
      args.add(Sample.COMPUTE.elf());
      if (command.equals("print")) {
        args.add("1 + 1");
      }
      Result result = Cli.run(args.toArray());
      assertTrue(result.code() != 0, result::toString);
      assertTrue(result.err().contains("is not what was recorded"), result::toString);
      assertEquals(1, result.err().lines().count(), result::toString);
    }
  }

  @Test
  void stepWalksInBothDirections() {
    Result result =
        Cli.runWithInput(
            "goto 100000\ns\ns 2\nrs\nrs 2\nn\nrn\nr all\nx kernel_main 16\nnonsense\ngoto end\n",
            "step",
            trace());
    assertEquals(0, result.code(), result::toString);
    List<String> places =
        result
            .out()
            .lines()
            .filter(line -> line.matches(" {1,9}\\d+  0x[0-9a-f]+ .*: .*"))
            .map(String::strip)
            .toList();
    assertEquals(9, places.size(), result::toString);
    List<String> positions = places.stream().map(line -> line.replaceAll(" .*", "")).toList();
    assertEquals(
        List.of("0", "100000", "100001", "100003", "100002", "100000"), positions.subList(0, 6));
    assertEquals("100000", positions.get(7), "rn goes back to where n began");
    assertEquals(places.get(1), places.get(5), "back at the same instruction");
    assertEquals(Long.toString(end()), positions.get(8));
    assertTrue(result.out().contains("nonsense"), result::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAP_OVERFLOW", "PAGING", "STACK_SMASH"})
  void packedAndUnpackedTracesGiveTheSameAnswers(String name) throws IOException {
    Path trace = Recordings.of(Sample.valueOf(name), How.PLAIN).trace();
    Path packed = directory.resolve("t.cvt");
    Path unpacked = directory.resolve("unpacked");
    Path again = directory.resolve("again.cvt");
    assertEquals(0, Cli.run("pack", trace, packed).code());
    assertEquals(0, Cli.run("unpack", packed, unpacked).code());
    assertEquals(0, Cli.run("pack", unpacked, again).code());
    assertArrayEquals(Files.readAllBytes(packed), Files.readAllBytes(again));
    long middle = Recordings.of(Sample.valueOf(name), How.PLAIN).summary().instructions() / 2;
    for (List<Object> question :
        List.<List<Object>>of(
            List.of("verify", "--json"),
            List.of("state", "--at", middle, "--json"),
            List.of("mem", "--at", middle, "0x100000", 256),
            List.of("last-write", "--before", middle, "$rsp", "--json"),
            List.of("console", "--json"),
            List.of("explain", "--json"),
            List.of("origin", "--at", middle, "rax", "--json"))) {
      Result expected = Cli.run(ask(question, trace));
      assertTrue(expected.code() <= 1, expected::toString);
      assertEquals(expected, Cli.run(ask(question, packed)), question::toString);
      assertEquals(expected, Cli.run(ask(question, unpacked)), question::toString);
    }
    Map<String, Object> info = json("info", trace, "--json");
    Map<String, Object> packedInfo = json("info", packed, "--json");
    for (String key : List.of("complete", "instructions", "segments", "endReason", "inexact")) {
      assertEquals(info.get(key), packedInfo.get(key));
    }
  }

  private static List<Object> ask(List<Object> question, Path trace) {
    List<Object> args = new ArrayList<>(question);
    args.add(1, trace);
    return args;
  }

  @Test
  void packingOntoNothingAndUnpackingOntoSomethingIsRefused() throws IOException {
    Result missing = Cli.run("pack", directory.resolve("nothing"), directory.resolve("n.cvt"));
    assertEquals(3, missing.code(), missing::toString);
    Path packed = directory.resolve("t.cvt");
    assertEquals(0, Cli.run("pack", trace(), packed).code());
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("mine"), "mine");
    Result refused = Cli.run("unpack", packed, full);
    assertEquals(3, refused.code(), refused::toString);
    assertEquals("mine", Files.readString(full.resolve("mine")));
  }

  @Test
  void demoTellsWhoSpoiltTheFreeList() {
    Result result = Cli.run("demo", "-o", directory.resolve("demo"));
    assertEquals(0, result.code(), result::toString);
    assertTrue(result.out().contains("PANIC: page fault at 0x72756f6"), result::toString);
    assertTrue(result.out().contains("verified: "), result::toString);
    assertTrue(
        Pattern.compile(
                "append_label\\+0x[0-9a-f]+ \\(\\S+/stations\\.c:\\d+\\) is to blame,"
                    + " [0-9,]+ instructions before the failure in heap_alloc\\+0x[0-9a-f]+")
            .matcher(result.out())
            .find(),
        result::toString);
  }

  @Test
  void recordSaysHowItWentAsJson() {
    Result result =
        Cli.run("record", "--json", "-o", directory.resolve("trace"), "--", Sample.HELLO.command());
    assertEquals(0, result.code(), result::toString);
    // What the guest prints comes first.
    Map<String, Object> summary =
        JsonText.object(result.out().substring(result.out().indexOf('{')));
    assertKeys(summary, "trace", "endReason", "instructions", "complete", "inexact");
    assertEquals(true, summary.get("complete"));
  }

  @Test
  void recordingCanStartAtASymbol() {
    Path trace = directory.resolve("trace");
    Result result = Cli.run("record", "-o", trace, "--start", "main", "--", Sample.HELLO.command());
    assertEquals(0, result.code(), result::toString);
    assertEquals("main", json("state", trace, "--at", 0, "--json").get("symbol"));
    json("verify", trace, "--json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2 -- qemu-system-x86_64 -enable-kvm",
        "2 -- qemu-system-x86_64 -accel kvm -kernel ELF",
        "2 -- qemu-system-x86_64 -accel tcg,thread=multi -smp 4 -kernel ELF",
        "2 -- qemu-system-x86_64 -smp 100000 -kernel ELF",
        "2 -- qemu-system-x86_64 -kernel /no/such/kernel",
        "2 -- qemu-system-x86_64 -kernel ELF -no-such-option",
        "3 -- qemu-system-x86_64 -kernel ELF -device no-such-device -display none",
        "2 -- qemu-system-aarch64 -kernel ELF",
        "3 -- no-such-qemu -kernel ELF",
        "2 --start no_such_symbol -- qemu-system-x86_64 -kernel ELF",
      })
  void whatCannotBeRecordedIsOneLineAndItsCodeAndLeavesNothing(String codeAndLine) {
    int code = Integer.parseInt(codeAndLine.substring(0, 1));
    String line = codeAndLine.substring(2);
    Path trace = directory.resolve("trace");
    List<Object> args = new ArrayList<>(List.of("record", "-o", trace));
    args.addAll(List.of(line.replace("ELF", Sample.HELLO.elf().toString()).split(" ")));
    Result result = Cli.run(args);
    assertEquals(code, result.code(), result::toString);
    List<String> own =
        result.err().lines().filter(l -> !l.startsWith("chronovisor: QEMU: ")).toList();
    assertEquals(1, own.size(), result::toString);
    assertFalse(own.get(0).contains("Exception"), result::toString);
    assertFalse(Files.exists(trace), result::toString);
  }

  @Test
  void benchMeasuresWhatTheContractNames() {
    Map<String, Object> bench = json("bench", "--rounds", 3, "--seeks", 5, "--json");
    assertKeys(
        bench, "recordSlowdown", "bytesPerInstruction", "replayMips", "verifyMips", "seekMsP95");
    assertEquals(true, bench.get("verified"));
  }

  @Test
  void sourceLinesAreThoseThatGdbTells() throws Exception {
    List<Object> sources = new ArrayList<>();
    List<String> gdb = new ArrayList<>(List.of("gdb", "-nx", "-batch"));
    for (long position = 3000; position < end(); position += end() / 40) {
      Map<String, Object> state = json("state", trace(), "--at", position, "--json");
      sources.add(state.get("source"));
      gdb.addAll(List.of("-ex", "info line *" + state.get("pc")));
    }
    gdb.add(Sample.HEAP_OVERFLOW.elf().toString());
    List<Object> lines = new ArrayList<>();
    Matcher line =
        Pattern.compile("(?m)^Line (\\d+) of \"([^\"]+)\"")
            .matcher(output(gdb.toArray(new String[0])));
    while (line.find()) {
      lines.add(line.group(2) + ":" + line.group(1));
    }
    assertEquals(lines, sources);
    assertTrue(lines.stream().distinct().count() >= 5, lines::toString);
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return text;
  }
}
