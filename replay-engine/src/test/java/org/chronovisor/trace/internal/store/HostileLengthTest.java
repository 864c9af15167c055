package org.chronovisor.trace.internal.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives whose checksums are right and whose lengths are lies. */
class HostileLengthTest {
  private static final long MAX_ALLOCATED = 1 << 20;

  @TempDir Path directory;

  @Test
  void blockLongerThanTheFileIsRefused() throws IOException {
    for (int length : new int[] {1 << 30, Integer.MAX_VALUE, -1, 1000}) {
      assertRefused(archive(length, 1, record(1, 100, 100, RecordBuilder.PLAIN, new byte[100])));
    }
  }

  @Test
  void moreBlocksThanTheFileHoldsAreRefused() throws IOException {
    byte[] record = record(1, 100, 100, RecordBuilder.PLAIN, new byte[100]);
    for (int blocks : new int[] {2, 1 << 24, Integer.MAX_VALUE, -1}) {
      assertRefused(archive(record.length, blocks, record));
    }
  }

  @Test
  void moreSectionsThanTheRecordHoldsAreRefused() throws IOException {
    for (int sections : new int[] {0, 2, 1 << 20, Integer.MAX_VALUE, -1}) {
      byte[] record = record(sections, 100, 100, RecordBuilder.PLAIN, new byte[100]);
      assertRefused(archive(record.length, 1, record));
    }
  }

  @Test
  void sectionThatClaimsMoreThanItCanHoldIsRefused() throws IOException {
    byte[] frame = Zstd.compress(new byte[100]);
    for (int raw : new int[] {1 << 30, Integer.MAX_VALUE, -1, 1 << 28, 99, 101}) {
      byte[] record = record(1, frame.length, raw, RecordBuilder.ZSTD, frame);
      assertRefused(archive(record.length, 1, record));
    }
    for (int stored : new int[] {0, 1 << 30, -1, 99, 101}) {
      byte[] record = record(1, stored, stored, RecordBuilder.PLAIN, new byte[100]);
      assertRefused(archive(record.length, 1, record));
    }
  }

  private void assertRefused(byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("hostile.cvt"), bytes);
    assertThrows(TraceException.class, () -> Traces.open(file)); // loads classes
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertThrows(TraceException.class, () -> Traces.open(file));
    assertThrows(TraceException.class, () -> Traces.openDamaged(file));
    long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertTrue(after - before < MAX_ALLOCATED, "allocated " + (after - before));
  }

  /** A header record with one table entry. */
  private static byte[] record(int sections, int stored, int raw, int encoding, byte[] section) {
    BytesOut table = new BytesOut();
    table.u32(stored);
    table.u32(raw);
    table.u32(RecordBuilder.crc(section));
    table.u32(encoding);
    BytesOut out = new BytesOut();
    out.u32(RecordBuilder.MAGIC);
    out.u8(RecordType.HEADER.number());
    out.u8(0);
    out.u16(1);
    out.u32(sections);
    out.u32(RecordBuilder.crc(out.toByteArray(), table.toByteArray()));
    out.bytes(table.toByteArray());
    out.bytes(section);
    return out.toByteArray();
  }

  private static byte[] archive(int claimedLength, int claimedBlocks, byte[] record) {
    BytesOut out = new BytesOut();
    BytesOut header = new BytesOut();
    header.u64(ArchiveRecordSink.MAGIC);
    header.u16(ArchiveRecordSink.VERSION);
    header.u16(0);
    seal(header, out);
    BytesOut block = new BytesOut();
    block.u32(ArchiveRecordSink.BLOCK_MAGIC);
    block.u32(0);
    block.u32(claimedLength);
    seal(block, out);
    out.bytes(record);
    BytesOut index = new BytesOut();
    index.u64(ArchiveRecordSink.HEADER_BYTES);
    BytesOut footer = new BytesOut();
    footer.u32(ArchiveRecordSink.FOOTER_MAGIC);
    footer.u32(claimedBlocks);
    footer.u64(out.size());
    footer.u32(RecordBuilder.crc(index.toByteArray()));
    out.bytes(index.toByteArray());
    seal(footer, out);
    return out.toByteArray();
  }

  private static void seal(BytesOut part, BytesOut out) {
    out.bytes(part.toByteArray());
    out.u32(RecordBuilder.crc(part.toByteArray()));
  }
}
