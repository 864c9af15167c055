package org.chronovisor.trace.internal.store;

import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import org.chronovisor.trace.TraceException;

/**
 * A record's table of sections, checked; sections are read on demand. Layout: {@link
 * RecordBuilder}. Thread-safe.
 */
public final class Record {
  /** One read of this size takes in the table and the first section of most records. */
  private static final int PREFIX = 2048;

  /** A zstd block of 4 bytes makes at most 128 KiB (RFC 8878, 3.1.1.2): no frame grows more. */
  private static final int MAX_RATIO = 1 << 15;

  private final RecordSource source;
  private final int number;
  private final RecordType type;
  private final int version;
  private final int[] offsets;
  private final int[] rawLengths;
  private final int[] checksums;
  private final byte[] encodings;

  private Record(
      RecordSource source, int number, RecordType type, int version, int length, BytesIn table) {
    this.source = source;
    this.number = number;
    this.type = type;
    this.version = version;
    int count = table.remaining() / RecordBuilder.ENTRY_BYTES;
    offsets = new int[count + 1];
    rawLengths = new int[count];
    checksums = new int[count];
    encodings = new byte[count];
    long offset = (long) RecordBuilder.HEADER_BYTES + table.remaining();
    for (int i = 0; i < count; i++) {
      offsets[i] = (int) offset;
      long stored = Integer.toUnsignedLong(table.u32());
      rawLengths[i] = table.u32();
      checksums[i] = table.u32();
      int encoding = table.u32();
      offset += stored;
      if (offset > length || rawLengths[i] < 0) {
        throw table.damaged("a section is longer than its record");
      }
      boolean plain = encoding == RecordBuilder.PLAIN && stored == rawLengths[i];
      boolean zstd =
          encoding == RecordBuilder.ZSTD && rawLengths[i] <= Math.max(stored, 16) * MAX_RATIO;
      if (!plain && !zstd) {
        throw table.damaged("a section has an impossible length or encoding");
      }
      encodings[i] = (byte) encoding;
    }
    if (offset != length) {
      throw table.damaged("its length is wrong");
    }
    offsets[count] = length;
  }

  /** Reads and checks the header and the table of a record. */
  public static Record open(RecordSource source, int number) {
    String name = source.name() + ", record " + number;
    int length = source.length(number);
    byte[] prefix = new byte[Math.min(length, PREFIX)];
    source.read(number, 0, prefix);
    BytesIn header = new BytesIn(prefix, name);
    if (header.u32() != RecordBuilder.MAGIC) {
      throw header.damaged("it does not begin as a record");
    }
    RecordType type = RecordType.of(header.u8());
    int zero = header.u8();
    int version = header.u16();
    int count = header.u32();
    int checksum = header.u32();
    long tableEnd = RecordBuilder.HEADER_BYTES + (long) count * RecordBuilder.ENTRY_BYTES;
    if (count < 1 || count > RecordBuilder.MAX_SECTIONS || tableEnd > length) {
      throw header.damaged("the number of its sections is impossible");
    }
    byte[] table = new byte[count * RecordBuilder.ENTRY_BYTES];
    if (tableEnd <= prefix.length) {
      System.arraycopy(prefix, RecordBuilder.HEADER_BYTES, table, 0, table.length);
    } else {
      source.read(number, RecordBuilder.HEADER_BYTES, table);
    }
    if (RecordBuilder.crc(Arrays.copyOf(prefix, RecordBuilder.HEADER_BYTES - 4), table)
        != checksum) {
      throw header.damaged("wrong checksum");
    }
    if (type == null || zero != 0) {
      throw header.damaged("unknown record type");
    }
    return new Record(source, number, type, version, length, new BytesIn(table, name));
  }

  public RecordType type() {
    return type;
  }

  public int version() {
    return version;
  }

  public int sections() {
    return rawLengths.length;
  }

  /** Decoded length of a section in bytes. */
  public int rawLength(int section) {
    return rawLengths[section];
  }

  /** What a section is, for messages. */
  public String name(int section) {
    return source.name() + ", record " + number + " (" + type + "), section " + section;
  }

  /**
   * Reads, checks and decompresses a section.
   *
   * @param maxLength a longer one is refused before anything is allocated
   */
  public byte[] section(int section, int maxLength) {
    if (rawLengths[section] > maxLength) {
      throw damaged(section, "it claims " + rawLengths[section] + " bytes");
    }
    byte[] stored = stored(section);
    if (encodings[section] == RecordBuilder.PLAIN) {
      return stored;
    }
    byte[] raw = new byte[rawLengths[section]];
    try {
      if (Decompressor.decompress(stored, raw) == raw.length) {
        return raw;
      }
    } catch (ZstdException e) {
      throw damaged(section, "it does not decompress (" + e.getMessage() + ")");
    }
    throw damaged(section, "it decompresses to another length");
  }

  /** Checks the checksum of every section. */
  public void check() {
    for (int i = 0; i < sections(); i++) {
      stored(i);
    }
  }

  private byte[] stored(int section) {
    byte[] stored = new byte[offsets[section + 1] - offsets[section]];
    source.read(number, offsets[section], stored);
    if (RecordBuilder.crc(stored) != checksums[section]) {
      throw damaged(section, "wrong checksum");
    }
    return stored;
  }

  private TraceException damaged(int section, String detail) {
    return new TraceException("The trace is damaged: " + name(section) + ": " + detail);
  }
}
