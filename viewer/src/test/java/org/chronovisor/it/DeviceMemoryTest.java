package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.Symbol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that a disk has written: what is known of it, and when. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DeviceMemoryTest {
  private static final int SECTOR = 512;

  /** The last round's seed, see the sample. */
  private static final int SEED = 1;

  @Test
  void bytesNobodyReadAreUnknownUntilTheAudit() {
    try (TraceSession session = open()) {
      // The sample reads every third sector of its buffer; the device wrote the second, too.
      long sector = address(session, "data") + SECTOR;
      long audited = lastAudit(session, sector);
      MemoryBytes before = MemoryQuery.read(session, audited - 1, at(sector), SECTOR);
      MemoryBytes after = MemoryQuery.read(session, audited, at(sector), SECTOR);
      assertTrue(after.isKnown(0, SECTOR));
      for (int i = 0; i < SECTOR; i++) {
        byte written = (byte) ((SECTOR + i) * 7 + 1 + SEED);
        assertEquals(written, (byte) after.value(i, 1));
        assertTrue(!before.isKnown(i) || (byte) before.value(i, 1) == written, "byte " + i);
      }
      assertFalse(before.isKnown(0, SECTOR));
    }
  }

  /** Position of the last audit that found a change in a sector. */
  private static long lastAudit(TraceSession session, long sector) {
    long last = -1;
    for (int i = 0; i < session.trace().segmentCount(); i++) {
      for (MemoryEvent event : session.trace().events(i).memory()) {
        long from = event.physical() - sector;
        if (event.kind() == MemoryEvent.Kind.AUDIT && from >= 0 && from < SECTOR) {
          last = event.position();
        }
      }
    }
    assertTrue(last > 0);
    return last;
  }

  @Test
  void theDeviceIsNamedAsTheLastWriter() {
    try (TraceSession session = open()) {
      long magic = address(session, "mount") + 2 * SECTOR;
      MemoryWrite write =
          LastWriter.find(session, session.end(), at(magic), 4, (done, total) -> {}).orElseThrow();
      assertEquals(MemoryWrite.Kind.EXTERNAL, write.kind());
      // Before the device, the sample's own store of the magic number.
      MemoryWrite own =
          LastWriter.find(session, write.position() - 1, at(magic), 4, (done, total) -> {})
              .orElseThrow();
      assertEquals(MemoryWrite.Kind.STORE, own.kind());
    }
  }

  private static AddressExpression at(long address) {
    return AddressExpression.parse("0x" + Long.toHexString(address));
  }

  private static TraceSession open() {
    return TraceSession.open(Recordings.of(Sample.VIRTIO_BLK, How.PLAIN).trace());
  }

  private static long address(TraceSession session, String symbol) {
    return session.trace().symbols().stream()
        .filter(s -> s.name().equals(symbol))
        .mapToLong(Symbol::address)
        .findFirst()
        .orElseThrow();
  }
}
