package org.chronovisor.trace.internal.v1;

import java.util.List;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The sections of a FUNCTIONS record: 0 the names, 1 the files, 2 the entries in columns.
 *
 * <pre>
 * 0, 1   varint n, n x string, each once
 * 2      varint n, n x varint index - parent; 0 none,
 *        n x varint name + 1; 0 none,
 *        n x { varint call file + 1; 0 none, varint call line }
 *        n x { varint ranges, ranges x { zigzag start - end of the one before, varint length } }
 * </pre>
 */
final class FunctionsCodec {
  static final int SECTIONS = 3;

  private FunctionsCodec() {}

  static byte[][] encode(Functions functions) {
    return new byte[][] {
      strings(functions.names()), strings(functions.files()), encodeEntries(functions)
    };
  }

  private static byte[] strings(List<String> strings) {
    BytesOut out = new BytesOut();
    out.varint(strings.size());
    strings.forEach(out::string);
    return out.toByteArray();
  }

  private static byte[] encodeEntries(Functions functions) {
    BytesOut out = new BytesOut();
    int count = functions.size();
    out.varint(count);
    for (int i = 0; i < count; i++) {
      int parent = functions.parent(i);
      out.varint(parent == Functions.NONE ? 0 : i - parent);
    }
    for (int i = 0; i < count; i++) {
      out.varint(functions.name(i) + 1);
    }
    for (int i = 0; i < count; i++) {
      out.varint(functions.callFile(i) + 1);
      out.varint(functions.callLine(i));
    }
    long last = 0;
    for (int i = 0; i < count; i++) {
      int end = functions.firstRange(i + 1);
      out.varint(end - functions.firstRange(i));
      for (int r = functions.firstRange(i); r < end; r++) {
        out.zigzag(functions.start(r) - last);
        out.varint(functions.end(r) - functions.start(r));
        last = functions.end(r);
      }
    }
    return out.toByteArray();
  }

  static Functions decode(BytesIn names, BytesIn files, BytesIn in) {
    Functions.Builder builder = new Functions.Builder();
    int nameCount = names.count(Functions.MAX_NAMES);
    for (int i = 0; i < nameCount; i++) {
      if (builder.name(names.string(Limits.STRING_BYTES)) != i) {
        throw names.damaged("a function's name is there twice");
      }
    }
    names.end();
    int fileCount = files.count(Functions.MAX_NAMES);
    for (int i = 0; i < fileCount; i++) {
      if (builder.file(files.string(Limits.STRING_BYTES)) != i) {
        throw files.damaged("a file is named twice");
      }
    }
    files.end();
    decodeEntries(in, builder, nameCount, fileCount);
    in.end();
    return builder.build();
  }

  private static void decodeEntries(
      BytesIn in, Functions.Builder builder, int nameCount, int fileCount) {
    int count = in.count(Functions.MAX_ENTRIES);
    int[] parents = new int[count];
    for (int i = 0; i < count; i++) {
      int distance = in.number(i);
      parents[i] = distance == 0 ? Functions.NONE : i - distance;
    }
    int[] nameOf = new int[count];
    for (int i = 0; i < count; i++) {
      nameOf[i] = in.number(nameCount) - 1;
    }
    int[] callFiles = new int[count];
    int[] callLines = new int[count];
    for (int i = 0; i < count; i++) {
      callFiles[i] = in.number(fileCount) - 1;
      callLines[i] = in.number(Integer.MAX_VALUE);
    }
    long last = 0;
    int left = Functions.MAX_RANGES;
    for (int i = 0; i < count; i++) {
      builder.entry(parents[i], nameOf[i], callFiles[i], callLines[i]);
      int ranges = in.count(left);
      left -= ranges;
      for (int r = 0; r < ranges; r++) {
        long start = last + in.zigzag();
        last = start + in.varint();
        if (Long.compareUnsigned(start, last) >= 0) {
          throw in.damaged("a function's range is empty");
        }
        builder.range(start, last);
      }
    }
  }
}
