package org.chronovisor.trace.internal.v1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.chronovisor.trace.CallFrameSection;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.trace.Functions;
import org.chronovisor.trace.PlannedInstruction;
import org.chronovisor.trace.SegmentEvents;
import org.chronovisor.trace.SegmentInfo;
import org.chronovisor.trace.SourceLines;
import org.chronovisor.trace.SourceText;
import org.chronovisor.trace.Symbol;
import org.chronovisor.trace.TraceEnd;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.TraceWriter;
import org.chronovisor.trace.internal.store.BytesOut;
import org.chronovisor.trace.internal.store.RecordBuilder;
import org.chronovisor.trace.internal.store.RecordSink;
import org.chronovisor.trace.internal.store.RecordType;

/**
 * Writes a trace in format version 1: a HEADER record, any number of SYMBOLS, LINES, FUNCTIONS,
 * FRAMES, SOURCE, CODE and SEGMENT records, an END record.
 */
public final class Writer implements TraceWriter {
  static final int VERSION = 1;

  private final RecordSink sink;
  private final RecordBuilder record = new RecordBuilder(VERSION);
  private boolean begun;
  private boolean ended;
  private boolean closed;
  private int segments;
  private int sources;
  private long sourceBytes;
  private long position;
  private int cpus = 1;

  public Writer(RecordSink sink) {
    this.sink = sink;
  }

  @Override
  public void header(TraceHeader header) {
    if (begun) {
      throw new IllegalStateException("the header comes first, once");
    }
    append(RecordType.HEADER, HeaderCodec.encode(header));
    cpus = header.cpus();
    begun = true;
  }

  @Override
  public void symbols(List<Symbol> symbols) {
    checkOpen();
    append(RecordType.SYMBOLS, SymbolCodec.encode(symbols));
  }

  @Override
  public void notes(List<String> lines) {
    checkOpen();
    BytesOut out = new BytesOut();
    out.varint(lines.size());
    lines.forEach(out::string);
    append(RecordType.NOTES, out.toByteArray());
  }

  @Override
  public void lines(SourceLines lines) {
    checkOpen();
    append(RecordType.LINES, LinesCodec.encode(lines));
  }

  @Override
  public void functions(Functions functions) {
    checkOpen();
    append(RecordType.FUNCTIONS, FunctionsCodec.encode(functions));
  }

  @Override
  public void frames(CallFrameSection section) {
    checkOpen();
    append(RecordType.FRAMES, CallFramesCodec.encode(section));
  }

  @Override
  public void source(SourceText source) {
    checkOpen();
    Limits.check(source.bytes().length <= SourceText.MAX_BYTES, "a source file is too large");
    sources++;
    sourceBytes += source.bytes().length;
    Limits.check(
        sources <= SourceText.MAX_FILES && sourceBytes <= SourceText.MAX_TOTAL,
        "too many source files");
    BytesOut path = new BytesOut();
    path.string(source.path());
    append(RecordType.SOURCE, path.toByteArray(), source.bytes());
  }

  /** The record of bookmarks, which are written when a trace is packed. */
  public static List<byte[]> bookmarks(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Limits.check(
        bytes.length <= TraceReader.MAX_BOOKMARKS,
        "bookmarks of more than " + TraceReader.MAX_BOOKMARKS + " bytes");
    try (RecordBuilder record = new RecordBuilder(VERSION)) {
      record.section(bytes);
      return record.build(RecordType.BOOKMARKS);
    }
  }

  @Override
  public void code(List<CodeBlock> blocks, List<PlannedInstruction> plans) {
    checkOpen();
    append(RecordType.CODE, CodeCodec.encode(blocks, plans));
  }

  @Override
  public void segment(SegmentInfo info, List<byte[]> pages, SegmentEvents events) {
    checkOpen();
    Limits.check(
        segments == 0 || info.start() == position,
        "segment starts at " + info.start() + ", the one before ended at " + position);
    Limits.check(info.start() >= 0 && info.instructions() >= 0, "negative position");
    Limits.check(segments < Limits.SEGMENTS, "too many segments");
    FrameList list = PageGroups.list(info.frames(), pages);
    append(
        RecordType.SEGMENT,
        list,
        pages,
        SegmentCodec.encode(info, list, cpus),
        events.captures(),
        EventsCodec.encode(events, info.start(), cpus));
    position = info.end();
    segments++;
  }

  @Override
  public void end(TraceEnd end, List<byte[]> pages) {
    checkOpen();
    FrameList list = PageGroups.list(end.frames(), pages);
    append(RecordType.END, list, pages, EndCodec.encode(end, list, cpus));
    ended = true;
  }

  private void checkOpen() {
    if (!begun || ended || closed) {
      throw new IllegalStateException(begun ? "the trace has ended" : "the header comes first");
    }
  }

  private void append(RecordType type, byte[]... sections) {
    append(type, PageGroups.list(new long[0], List.of()), List.of(), sections);
  }

  private void append(RecordType type, FrameList list, List<byte[]> pages, byte[]... sections) {
    record.clear();
    for (byte[] section : sections) {
      Limits.check(
          section.length <= Limits.SECTION_BYTES,
          "a " + type + " record has " + section.length + " bytes in one section");
      record.section(section);
    }
    PageGroups.write(list, pages, record);
    sink.append(record.build(type));
  }

  @Override
  public long bytes() {
    return sink.bytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      record.close();
      if (begun) {
        sink.close();
      } else {
        // Without a header it is no trace.
        sink.delete();
      }
    }
  }
}
