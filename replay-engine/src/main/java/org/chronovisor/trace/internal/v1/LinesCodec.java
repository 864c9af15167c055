package org.chronovisor.trace.internal.v1;

import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The sections of a LINES record: 0 the files, 1 the rows in columns.
 *
 * <pre>
 * 0   varint n, n x string path, each once
 * 1   varint n, n x zigzag address - previous address,
 *     n x varint file + 1; 0 ends a sequence,
 *     for each row that ends none: varint 2 x zigzag(line - previous line) + statement
 * </pre>
 */
final class LinesCodec {
  static final int SECTIONS = 2;

  private LinesCodec() {}

  static byte[][] encode(SourceLines lines) {
    return new byte[][] {encodeFiles(lines), encodeRows(lines)};
  }

  private static byte[] encodeFiles(SourceLines lines) {
    BytesOut out = new BytesOut();
    out.varint(lines.files().size());
    lines.files().forEach(out::string);
    return out.toByteArray();
  }

  private static byte[] encodeRows(SourceLines lines) {
    BytesOut out = new BytesOut();
    int rows = lines.size();
    out.varint(rows);
    long address = 0;
    for (int i = 0; i < rows; i++) {
      out.zigzag(lines.address(i) - address);
      address = lines.address(i);
    }
    for (int i = 0; i < rows; i++) {
      out.varint(lines.file(i) + 1);
    }
    int line = 0;
    for (int i = 0; i < rows; i++) {
      if (!lines.isEnd(i)) {
        long delta = (long) lines.line(i) - line;
        long zigzag = (delta << 1) ^ (delta >> 63);
        out.varint(zigzag << 1 | (lines.isStatement(i) ? 1 : 0));
        line = lines.line(i);
      }
    }
    return out.toByteArray();
  }

  static SourceLines decode(BytesIn files, BytesIn in) {
    SourceLines.Builder builder = new SourceLines.Builder();
    int fileCount = files.count(SourceLines.MAX_FILES);
    for (int i = 0; i < fileCount; i++) {
      if (builder.file(files.string(Limits.STRING_BYTES)) != i) {
        throw files.damaged("a file is named twice");
      }
    }
    files.end();
    int rows = in.count(SourceLines.MAX_ROWS);
    long[] addresses = new long[rows];
    long address = 0;
    for (int i = 0; i < rows; i++) {
      address += in.zigzag();
      addresses[i] = address;
    }
    int[] numbers = new int[rows];
    for (int i = 0; i < rows; i++) {
      numbers[i] = in.number(fileCount);
    }
    long line = 0;
    for (int i = 0; i < rows; i++) {
      if (numbers[i] == 0) {
        builder.end(addresses[i]);
        continue;
      }
      long value = in.varint();
      long zigzag = value >>> 1;
      line += (zigzag >>> 1) ^ -(zigzag & 1);
      if (line < 0 || line > Integer.MAX_VALUE) {
        throw in.damaged("a line number is out of range");
      }
      builder.row(addresses[i], numbers[i] - 1, (int) line, (value & 1) != 0);
    }
    in.end();
    return builder.build();
  }
}
