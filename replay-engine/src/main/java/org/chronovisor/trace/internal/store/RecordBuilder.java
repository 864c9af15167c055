package org.chronovisor.trace.internal.store;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Makes records: typed, versioned bytes in sections that can be read and checked one by one.
 *
 * <pre>
 * offset    type  what
 *  0        u32   magic "CVR1"
 *  4        u8    record type
 *  5        u8    0
 *  6        u16   format version of the contents
 *  8        u32   number of sections n, 1 to 2^20
 * 12        u32   CRC32C of bytes 0-11 and of the table
 * 16        n x { u32 stored length, u32 raw length, u32 CRC32C of the stored bytes,
 *                 u32 encoding: 0 plain (stored length = raw length), 1 one zstd frame }
 * 16 + 16n  stored bytes of the sections, one after the other, to the record's end
 * </pre>
 *
 * This frame is the same in every format version.
 */
public final class RecordBuilder implements Closeable {
  static final int MAGIC = 0x31525643;
  static final int HEADER_BYTES = 16;
  static final int ENTRY_BYTES = 16;
  static final int MAX_SECTIONS = 1 << 20;
  static final int PLAIN = 0;
  static final int ZSTD = 1;

  private static final int LEVEL = 1;
  private static final int WORTH_COMPRESSING = 64;

  private final int version;
  private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(LEVEL).setContentSize(true);
  private final List<byte[]> stored = new ArrayList<>();
  private BytesOut table = new BytesOut();

  public RecordBuilder(int version) {
    this.version = version;
  }

  /** Adds a section, compressed where that makes it smaller. */
  public void section(byte[] raw) {
    byte[] bytes = raw;
    int encoding = PLAIN;
    if (raw.length >= WORTH_COMPRESSING) {
      byte[] packed = zstd.compress(raw);
      if (packed.length < raw.length) {
        bytes = packed;
        encoding = ZSTD;
      }
    }
    table.u32(bytes.length);
    table.u32(raw.length);
    table.u32(crc(bytes));
    table.u32(encoding);
    stored.add(bytes);
  }

  /** The record in pieces; the builder is ready for the next one. */
  public List<byte[]> build(RecordType type) {
    BytesOut header = new BytesOut();
    header.u32(MAGIC);
    header.u8(type.number());
    header.u8(0);
    header.u16(version);
    header.u32(stored.size());
    byte[] entries = table.toByteArray();
    header.u32(crc(header.toByteArray(), entries));
    List<byte[]> pieces = new ArrayList<>(stored.size() + 2);
    pieces.add(header.toByteArray());
    pieces.add(entries);
    pieces.addAll(stored);
    if (stored.size() > MAX_SECTIONS) {
      throw new IllegalArgumentException("too many sections: " + stored.size());
    }
    clear();
    return pieces;
  }

  /** Forgets the sections added so far. */
  public void clear() {
    stored.clear();
    table = new BytesOut();
  }

  @Override
  public void close() {
    zstd.close();
  }

  static int crc(byte[]... parts) {
    CRC32C crc = new CRC32C();
    for (byte[] part : parts) {
      crc.update(part);
    }
    return (int) crc.getValue();
  }
}
