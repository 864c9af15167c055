package org.chronovisor.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.chronovisor.gdb.GdbServer;
import org.chronovisor.query.TraceSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gdbserver}: a trace as a target of gdb. */
@Command(
    name = "gdbserver",
    description = {
      "Serve a trace to gdb, which can then run it in both directions.",
      "Starts at the end of the recording. Nothing can be changed: writes are refused."
    },
    footer = {
      "",
      "In gdb, 'monitor help' lists what else can be asked. Ends with gdb's 'kill' or Ctrl-C.",
      "",
      "Examples:",
      "  chronovisor gdbserver crash",
      "  chronovisor gdbserver crash.cvt --port 2345 --at 1000000"
    })
final class GdbServerCommand extends TraceCommand {
  @Option(
      names = "--port",
      paramLabel = "P",
      description = "TCP port; 0 for any free one (default: ${DEFAULT-VALUE}).")
  int port = 1234;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      description =
          "Address to listen on (default: loopback). Whoever can connect can read the guest's"
              + " memory.")
  String listen;

  @Option(
      names = "--at",
      paramLabel = "N",
      description = "Where to begin: instruction number, or 'end' (default: end).")
  String at = "end";

  @Option(names = "--once", description = "End when the first client goes.")
  boolean once;

  @Override
  int run(TraceSession session) throws IOException {
    if (port < 0 || port > 65535) {
      throw new UsageException("--port takes a number from 0 to 65535");
    }
    session.seek(position(session, at, "--at"));
    try (GdbServer server = listen(session)) {
      out()
          .printf(
              "at position %d of %d; attach with:%n  gdb %s-ex 'target remote %s:%d'%n",
              session.replayer().position(),
              session.end(),
              symbols(session.trace().header().commandLine()),
              listen == null ? "" : listen.contains(":") ? "[" + listen + "]" : listen,
              server.port());
      out().flush();
      server.serve(once);
    }
    return ExitCode.GOOD;
  }

  private GdbServer listen(TraceSession session) throws IOException {
    try {
      return new GdbServer(session, address(), port);
    } catch (BindException e) {
      throw new UsageException(
          "cannot listen on port " + port + ": " + e.getMessage() + "; --port chooses another");
    }
  }

  private InetAddress address() {
    try {
      return listen == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(listen);
    } catch (UnknownHostException e) {
      throw new UsageException("--listen: no such address '" + listen + "'");
    }
  }

  /** The kernel file of a QEMU command line, quoted for a shell, and a space; else nothing. */
  private static String symbols(List<String> command) {
    int at = command.indexOf("-kernel");
    if (at < 0 || at + 1 >= command.size()) {
      return "";
    }
    String file = command.get(at + 1);
    return (file.matches("[\\w./+:@%-]+") ? file : "'" + file.replace("'", "'\\''") + "'") + " ";
  }
}
