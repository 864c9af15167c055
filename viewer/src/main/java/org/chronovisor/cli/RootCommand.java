package org.chronovisor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** {@code chronovisor}: the parent of all commands. */
@Command(
    name = "chronovisor",
    mixinStandardHelpOptions = true,
    versionProvider = RootCommand.Version.class,
    description = {
      "Records a unikernel under QEMU once, and walks the run in both directions.",
      "",
      "TRACE is a directory made by 'record', or a packed .cvt file. An instruction number counts"
          + " the instructions retired since the recording started."
    },
    footer = {
      "",
      "Examples:",
      "  chronovisor demo",
      "  chronovisor record -o crash -- qemu-system-x86_64 -kernel app.elf -display none",
      "  chronovisor last-write crash --before 1234567 some_variable",
      "",
      "Exit codes: 0 good, 1 the answer is \"no\", 2 bad usage, 3 the trace or the machine is at"
          + " fault."
    },
    subcommands = {
      RecordCommand.class,
      InfoCommand.class,
      VerifyCommand.class,
      StateCommand.class,
      MemCommand.class,
      LastWriteCommand.class,
      ConsoleCommand.class,
      BacktraceCommand.class,
      CrashCommand.class,
      StepCommand.class,
      PackCommand.class,
      UnpackCommand.class,
      DemoCommand.class,
      BenchCommand.class,
      GdbServerCommand.class,
      ViewCommand.class,
      HelpCommand.class
    })
final class RootCommand implements Runnable {
  final Console console;

  @Option(
      names = "--debug",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show the details of unexpected errors.")
  boolean debug;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  RootCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }

  /** The version that the build wrote into a resource. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream in = RootCommand.class.getResourceAsStream("version.properties")) {
        if (in != null) {
          properties.load(in);
        }
      }
      return new String[] {"chronovisor " + properties.getProperty("version", "unknown")};
    }
  }
}
