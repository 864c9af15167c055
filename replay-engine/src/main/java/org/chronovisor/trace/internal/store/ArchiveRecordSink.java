package org.chronovisor.trace.internal.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.chronovisor.trace.TraceException;

/**
 * Writes a trace archive, the single file that people share. It names no classes.
 *
 * <pre>
 * file    0  u64  magic "CVTRACE" and a zero
 *         8  u16  archive version, 1
 *        10  u16  0
 *        12  u32  CRC32C of bytes 0-11
 *        16  blocks, one record each
 *            n x u64 index: offset of each block in the file
 *            footer
 *
 * block   0  u32  magic "CVBL"
 *         4  u32  number of the block, from 0
 *         8  u32  length of the record, at most 2^30
 *        12  u32  CRC32C of bytes 0-11
 *        16  the record ({@link RecordBuilder}), which has its own checksums
 *
 * footer  0  u32  magic "CVIX"
 *         4  u32  number of blocks n
 *         8  u64  offset of the index
 *        16  u32  CRC32C of the index
 *        20  u32  CRC32C of bytes 0-19; the file ends after it
 * </pre>
 *
 * The file gets its name when it is finished; until then it is called {@code NAME.part}.
 */
public final class ArchiveRecordSink implements RecordSink {
  static final long MAGIC = 0x0045434152545643L;
  static final int VERSION = 1;
  static final int HEADER_BYTES = 16;
  static final int BLOCK_MAGIC = 0x4c425643;
  static final int BLOCK_HEADER_BYTES = 16;
  static final int FOOTER_MAGIC = 0x58495643;
  static final int FOOTER_BYTES = 24;

  private final Path file;
  private final Path part;
  private final OutputStream out;
  private final BytesOut index = new BytesOut();
  private int blocks;
  private long offset;
  private boolean finished;

  private ArchiveRecordSink(Path file, Path part, OutputStream out) {
    this.file = file;
    this.part = part;
    this.out = out;
    write(header());
  }

  /** Creates the archive; an older one of that name is replaced when this one is finished. */
  public static ArchiveRecordSink create(Path file) {
    if (Files.isDirectory(file)) {
      throw new TraceException("The archive would replace a directory: " + file);
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      return new ArchiveRecordSink(
          file, part, new BufferedOutputStream(Files.newOutputStream(part), 1 << 16));
    } catch (IOException e) {
      throw new TraceException("Cannot create the archive " + file + ": " + e.getMessage(), e);
    }
  }

  private static byte[] header() {
    BytesOut header = new BytesOut();
    header.u64(MAGIC);
    header.u16(VERSION);
    header.u16(0);
    return sealed(header);
  }

  @Override
  public void append(List<byte[]> pieces) {
    int length = RecordSink.length(pieces);
    index.u64(offset);
    BytesOut header = new BytesOut();
    header.u32(BLOCK_MAGIC);
    header.u32(blocks++);
    header.u32(length);
    write(sealed(header));
    pieces.forEach(this::write);
  }

  /** Writes index and footer and gives the file its name. */
  public void finish() {
    byte[] offsets = index.toByteArray();
    BytesOut footer = new BytesOut();
    footer.u32(FOOTER_MAGIC);
    footer.u32(blocks);
    footer.u64(offset);
    footer.u32(RecordBuilder.crc(offsets));
    write(offsets);
    write(sealed(footer));
    try {
      out.close();
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      finished = true;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public long bytes() {
    return offset;
  }

  @Override
  public void delete() {
    close();
  }

  /** Removes the file unless it was finished. */
  @Override
  public void close() {
    if (!finished) {
      try {
        out.close();
      } catch (IOException e) {
        // The disk is full: the file goes away anyway.
      }
      try {
        Files.deleteIfExists(part);
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  private void write(byte[] bytes) {
    try {
      out.write(bytes);
      offset += bytes.length;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private TraceException failed(IOException e) {
    return new TraceException("Cannot write the archive " + file + ": " + e.getMessage(), e);
  }

  /** The bytes followed by their checksum. */
  private static byte[] sealed(BytesOut out) {
    out.u32(RecordBuilder.crc(out.toByteArray()));
    return out.toByteArray();
  }
}
