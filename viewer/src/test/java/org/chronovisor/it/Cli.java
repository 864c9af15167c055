package org.chronovisor.it;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.chronovisor.cli.Main;

/** Runs the command line, in this process or in one that can be killed. */
final class Cli {
  /** What a command gave. */
  record Result(int code, String out, String err) {
    @Override
    public String toString() {
      return "exit code " + code + "\n" + out + "\n" + err;
    }
  }

  private Cli() {}

  static Result run(Object... args) {
    return runWithInput("", args);
  }

  /** Runs a command in this process. */
  static synchronized Result runWithInput(String input, Object... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    InputStream in = System.in;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setProperty("chronovisor.home", Sample.home().toString());
    System.setProperty("chronovisor.plugin", Recordings.plugin().toString());
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      int code = Main.execute(strings(args));
      return new Result(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
      System.setIn(in);
    }
  }

  private static String[] strings(Object... args) {
    List<String> strings = new ArrayList<>();
    for (Object arg : args) {
      if (arg instanceof List<?> list) {
        list.forEach(element -> strings.add(element.toString()));
      } else {
        strings.add(arg.toString());
      }
    }
    return strings.toArray(new String[0]);
  }

  /** A command in a process of its own. */
  static final class Child implements AutoCloseable {
    private final Path log;
    private final Process process;

    Child(Object... args) throws IOException {
      log = Files.createTempFile(Recordings.directory(), "child", ".log");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
              "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
              "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
              "-Dchronicle.announcer.disable=true",
              "-Dsystem.properties=/dev/null",
              "-Xmx512m",
              "-Dchronovisor.home=" + Sample.home(),
              "-Dchronovisor.plugin=" + Recordings.plugin(),
              "-cp",
              classPath(),
              Main.class.getName()));
      command.addAll(List.of(strings(args)));
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(log.toFile())
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** Surefire hides the class path in a jar's manifest. */
    private static String classPath() {
      return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    Process process() {
      return process;
    }

    /** The QEMU that runs the guest; waits for it. */
    ProcessHandle qemu() throws InterruptedException {
      for (int i = 0; i < 1200 && process.isAlive(); i++) {
        var found =
            process
                .descendants()
                // Not one that only tells its version, nor this JVM's own fork on the way to it.
                .filter(p -> p.info().command().orElse("").contains("qemu-system"))
                .filter(p -> p.info().commandLine().orElse("").contains("libchronovisor"))
                .findFirst();
        if (found.isPresent()) {
          return found.get();
        }
        Thread.sleep(50);
      }
      throw new IllegalStateException("it starts no QEMU: " + output());
    }

    void signal(String name) throws IOException, InterruptedException {
      // The shell's own: the program of that name is not everywhere.
      new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
    }

    /** Waits for its end and returns the exit code. */
    int await(long seconds) throws InterruptedException {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new AssertionError("it still runs after " + seconds + " s: " + output());
      }
      return process.exitValue();
    }

    String output() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        return e.toString();
      }
    }

    @Override
    public void close() throws InterruptedException {
      List<ProcessHandle> descendants = process.descendants().toList();
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      descendants.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
