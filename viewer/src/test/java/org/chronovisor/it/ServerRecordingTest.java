package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.chronovisor.it.Cli.Child;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests that run until they are stopped: a server under load and one that sleeps. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ServerRecordingTest {
  private static final int REQUESTS = 2000;

  @Test
  void aServerIsRecordedUntilCtrlC() throws Exception {
    Path trace = Recordings.directory().resolve("echo");
    int port = freePort();
    List<String> command =
        Sample.plain(
            "echo",
            "-netdev",
            "user,id=n0,hostfwd=udp:127.0.0.1:" + port + "-:7",
            "-device",
            "virtio-net-pci,netdev=n0");
    try (Child recorder = new Child("record", "-o", trace, "--", command)) {
      awaitLine("serving", recorder);
      request(port);
      if (Files.isReadable(Path.of("/proc/self/status"))) {
        long peak = peakKilobytes(recorder.process().pid());
        assertTrue(peak < 600_000, "the recorder takes " + peak + " KiB");
      }
      recorder.signal("INT");
      assertEquals(0, recorder.await(30), recorder::output);
    }
    try (TraceReader reader = Traces.open(trace)) {
      assertEquals("interrupted", reader.end().orElseThrow().reason());
      assertEquals(List.of(), reader.end().orElseThrow().inexact());
      Verification.assertProved(reader);
    }
    String console = Cli.run("console", trace).out();
    assertTrue(console.contains(REQUESTS + " requests"), console);
  }

  /** Every answer is what was sent. */
  private static void request(int port) throws IOException {
    Random random = new Random(7);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(500);
      for (int i = 0; i < REQUESTS; i++) {
        byte[] message = new byte[4 + i % 1200];
        random.nextBytes(message);
        byte[] answer = exchange(socket, message);
        assertArrayEquals(message, answer, "request " + i);
      }
    }
  }

  private static byte[] exchange(DatagramSocket socket, byte[] message) throws IOException {
    DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
    for (int attempt = 0; attempt < 60; attempt++) {
      try {
        socket.send(new DatagramPacket(message, message.length));
        // A late answer to an earlier attempt is of no interest.
        do {
          socket.receive(answer);
        } while (answer.getLength() != message.length);
        return Arrays.copyOf(answer.getData(), answer.getLength());
      } catch (SocketTimeoutException | PortUnreachableException e) {
        // A network may lose datagrams.
      }
    }
    throw new AssertionError("the server does not answer");
  }

  /** While the guest sleeps the recorder does nearly nothing, and Ctrl-C still works. */
  @Test
  void aSleepingGuestCostsNoProcessorTime() throws Exception {
    Path trace = Recordings.directory().resolve("idle");
    try (Child recorder =
        new Child("record", "-o", trace, "--", Sample.plain("idle", "-append", "seconds=1000"))) {
      awaitLine("1 s", recorder);
      Duration recorderBefore = processorTime(recorder.process().toHandle());
      Duration qemuBefore = processorTime(recorder.qemu());
      Thread.sleep(3000);
      Duration recorderTime = processorTime(recorder.process().toHandle()).minus(recorderBefore);
      Duration qemuTime = processorTime(recorder.qemu()).minus(qemuBefore);
      String times = "of 3 s: recorder " + recorderTime + ", QEMU " + qemuTime;
      assertTrue(recorderTime.toMillis() < 1000, times);
      assertTrue(qemuTime.toMillis() < 1000, times);
      recorder.signal("INT");
      assertEquals(0, recorder.await(30), recorder::output);
    }
    try (TraceReader reader = Traces.open(trace)) {
      assertEquals("interrupted", reader.end().orElseThrow().reason());
      assertEquals(List.of(), reader.end().orElseThrow().inexact());
      Verification.assertProved(reader);
    }
  }

  private static Duration processorTime(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static void awaitLine(String text, Child recorder) throws InterruptedException {
    for (int i = 0; i < 1200 && !recorder.output().contains(text); i++) {
      assertTrue(recorder.process().isAlive(), recorder::output);
      Thread.sleep(50);
    }
    assertTrue(recorder.output().contains(text), recorder::output);
  }

  private static long peakKilobytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
