package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Transfer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the CPU pushes at an interrupt or exception is known from then on. */
class InterruptFramesTest {
  @ParameterizedTest
  @EnumSource(names = {"PAGING", "IRQ_RACE"})
  void everyByteThatWasPushedIsKnown(Sample sample) {
    int frames = 0;
    try (TraceSession session = TraceSession.open(Recordings.of(sample, How.PLAIN).trace())) {
      TraceReader trace = session.trace();
      for (int i = 0; i < trace.segmentCount() && frames < 100; i++) {
        for (Transfer transfer : trace.events(i).transfers()) {
          if (!transfer.special() && frames < 100) {
            assertKnown(session, transfer);
            frames++;
          }
        }
      }
    }
    assertTrue(frames > 10, "only " + frames + " frames");
  }

  private static void assertKnown(TraceSession session, Transfer transfer) {
    session.seek(transfer.position());
    byte[] frame = transfer.frame();
    MemoryBytes memory = MemoryQuery.here(session, transfer.frameAddress(), frame.length);
    for (int i = 0; i < frame.length; i++) {
      String where = "position " + transfer.position() + ", byte " + i;
      assertTrue(memory.isKnown(i), where);
      assertEquals(frame[i], memory.bytes()[i], where);
    }
  }
}
