package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GdbRemoteClientTest {
  private static String read(String stream) throws IOException {
    return GdbRemoteClient.readPacket(
        new ByteArrayInputStream(stream.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void encodesWithAChecksum() {
    // GDB manual, "Overview": $g#67
    assertArrayEquals("$g#67".getBytes(StandardCharsets.US_ASCII), GdbRemoteClient.encode("g"));
  }

  @Test
  void skipsAcknowledgementsAndDamagedPackets() throws IOException {
    assertEquals("OK", read("++$OX#9a$OK#9a"));
  }

  @Test
  void resolvesEscapesAndRuns() throws IOException {
    // GDB manual: "0* " stands for "0000".
    assertEquals("0000", read("$0* #7a"));
    assertEquals("a#b", read("$a}\u0003b#43"));
  }

  @Test
  void endsAtTheEndOfTheStream() throws IOException {
    assertNull(read("+"));
    assertNull(read("$OK"));
  }
}
