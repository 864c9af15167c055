package org.chronovisor.trace.internal.v1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
import org.chronovisor.trace.TraceException;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.Record;
import org.chronovisor.trace.internal.store.RecordSource;
import org.chronovisor.trace.internal.store.RecordType;

/** Reads a trace of format version 1. Opening reads the fixed parts and frame lists only. */
public final class Reader implements TraceReader {
  /** Format version that this package reads and writes. */
  public static final int VERSION = Writer.VERSION;

  private final RecordSource source;
  private final TraceHeader header;
  private final List<Record> symbolRecords = new ArrayList<>();
  private final List<Record> noteRecords = new ArrayList<>();
  private final List<Record> lineRecords = new ArrayList<>();
  private final List<Record> functionRecords = new ArrayList<>();
  private final List<Record> frameRecords = new ArrayList<>();
  private final List<Record> sourceRecords = new ArrayList<>();
  private final List<Record> bookmarkRecords = new ArrayList<>();
  private final List<Record> codeRecords = new ArrayList<>();
  private final List<Stored> segments = new ArrayList<>();
  private final TraceEnd end;

  /** Holds the pages of the end; null when there is none. */
  private final Stored last;

  private final PageVersions versions;
  private final GroupCache cache = new GroupCache();

  /** A segment, or the end, as its record holds it. */
  private record Stored(Record record, SegmentInfo info, FrameList list, int firstGroup) {
    void check() {
      int groups = PageGroups.sections(list.storedPages());
      if (record.sections() != firstGroup + groups) {
        throw damaged(record, 0, "the number of its pages is wrong");
      }
      for (int i = 0; i < groups; i++) {
        if (record.rawLength(firstGroup + i) != PageGroups.bytes(i, list.storedPages())) {
          throw damaged(record, firstGroup + i, "not a group of pages");
        }
      }
    }
  }

  /** Takes over the source: it is closed when this fails. */
  public Reader(RecordSource source) {
    this.source = source;
    TraceEnd foundEnd = null;
    Stored foundLast = null;
    TraceHeader foundHeader = null;
    for (int i = 0; i < source.count(); i++) {
      Record record = Record.open(source, i);
      if (record.version() != VERSION) {
        throw damaged(record, 0, "format version " + record.version() + " among " + VERSION);
      }
      if ((i == 0) != (record.type() == RecordType.HEADER) || foundEnd != null) {
        throw damaged(record, 0, "it is out of place");
      }
      switch (record.type()) {
        case HEADER -> {
          sections(record, 1);
          foundHeader = HeaderCodec.decode(in(record, 0, Limits.SECTION_BYTES));
        }
        case SYMBOLS -> symbolRecords.add(sections(record, 1));
        case LINES -> lineRecords.add(sections(record, LinesCodec.SECTIONS));
        case FUNCTIONS -> functionRecords.add(sections(record, FunctionsCodec.SECTIONS));
        case FRAMES -> frameRecords.add(sections(record, CallFramesCodec.SECTIONS));
        case SOURCE -> sourceRecords.add(sections(record, 2));
        case NOTES -> noteRecords.add(sections(record, 1));
        case BOOKMARKS -> bookmarkRecords.add(sections(record, 1));
        case CODE -> codeRecords.add(sections(record, CodeCodec.SECTIONS));
        case SEGMENT -> addSegment(record, foundHeader.cpus());
        case END -> {
          EndCodec.Decoded decoded =
              EndCodec.decode(in(record, 0, Limits.FRAME_LIST_BYTES), foundHeader.cpus());
          foundEnd = decoded.end();
          foundLast = new Stored(record, null, decoded.list(), EndCodec.FIRST_GROUP);
          foundLast.check();
        }
      }
    }
    if (foundHeader == null) {
      throw new TraceException("The trace is empty: " + source.name());
    }
    header = foundHeader;
    end = foundEnd;
    last = foundLast;
    long[][] frames = new long[segments.size() + (last == null ? 0 : 1)][];
    Arrays.setAll(frames, i -> stored(i).list().frames());
    versions = PageVersions.of(frames);
  }

  private void addSegment(Record record, int cpus) {
    SegmentCodec.Decoded decoded =
        SegmentCodec.decode(in(record, 0, Limits.FRAME_LIST_BYTES), cpus);
    Stored stored = new Stored(record, decoded.info(), decoded.list(), SegmentCodec.FIRST_GROUP);
    stored.check();
    if (segments.size() == Limits.SEGMENTS) {
      throw damaged(record, 0, "too many segments");
    }
    if (!segments.isEmpty()
        && segments.get(segments.size() - 1).info().end() != decoded.info().start()) {
      throw damaged(record, 0, "it does not start where the segment before ends");
    }
    segments.add(stored);
  }

  private Stored stored(int index) {
    return index == segments.size() ? last : segments.get(index);
  }

  @Override
  public TraceHeader header() {
    return header;
  }

  @Override
  public int segmentCount() {
    return segments.size();
  }

  @Override
  public SegmentInfo segment(int index) {
    return segments.get(index).info();
  }

  @Override
  public SegmentEvents events(int index) {
    Stored segment = segments.get(index);
    byte[] captures = segment.record().section(SegmentCodec.CAPTURES, Limits.SECTION_BYTES);
    return EventsCodec.decode(
        captures,
        in(segment.record(), SegmentCodec.EVENTS, Limits.SECTION_BYTES),
        segment.info().start(),
        header.cpus());
  }

  @Override
  public byte[] page(long frame, int index) {
    if (index < 0 || index > segments.size()) {
      throw new IndexOutOfBoundsException(index);
    }
    int newest = versions.newest(frame, index);
    if (newest < 0) {
      return null;
    }
    Stored stored = stored(newest);
    int ordinal = stored.list().ordinal(Arrays.binarySearch(stored.list().frames(), frame));
    if (ordinal < 0) {
      return new byte[FrameList.PAGE_BYTES];
    }
    byte[] group = group(stored, newest, stored.firstGroup() + ordinal / PageGroups.PAGES);
    int from = ordinal % PageGroups.PAGES * FrameList.PAGE_BYTES;
    return Arrays.copyOfRange(group, from, from + FrameList.PAGE_BYTES);
  }

  private byte[] group(Stored stored, int index, int section) {
    byte[] group = cache.get(index, section);
    if (group == null) {
      group = stored.record().section(section, PageGroups.MAX_BYTES);
      cache.put(index, section, group);
    }
    return group;
  }

  @Override
  public Optional<TraceEnd> end() {
    return Optional.ofNullable(end);
  }

  @Override
  public List<PlannedInstruction> plans() {
    List<PlannedInstruction> plans = new ArrayList<>();
    for (Record record : codeRecords) {
      plans.addAll(CodeCodec.decodePlans(in(record, 2, Limits.SECTION_BYTES)));
    }
    return plans;
  }

  @Override
  public List<CodeBlock> blocks() {
    List<CodeBlock> blocks = new ArrayList<>();
    for (Record record : codeRecords) {
      byte[] texts = record.section(1, Limits.SECTION_BYTES);
      blocks.addAll(CodeCodec.decodeBlocks(in(record, 0, Limits.SECTION_BYTES), texts));
    }
    return blocks;
  }

  @Override
  public List<Symbol> symbols() {
    List<Symbol> symbols = new ArrayList<>();
    // What was found out at the end of the recording comes first.
    for (int i = symbolRecords.size() - 1; i >= 0; i--) {
      Record record = symbolRecords.get(i);
      symbols.addAll(SymbolCodec.decode(in(record, 0, Limits.SECTION_BYTES)));
    }
    return symbols;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (Record record : noteRecords) {
      BytesIn in = in(record, 0, Limits.SECTION_BYTES);
      for (int left = in.count(Limits.NOTES); left > 0; left--) {
        notes.add(in.string(Limits.NOTE_BYTES));
      }
      in.end();
    }
    return notes;
  }

  @Override
  public void check() {
    for (int i = 0; i < source.count(); i++) {
      Record.open(source, i).check();
    }
    symbols();
    notes();
    blocks();
    plans();
    lines();
    functions();
    frames();
    sources();
    bookmarks();
  }

  @Override
  public List<SourceLines> lines() {
    List<SourceLines> tables = new ArrayList<>();
    for (Record record : lineRecords) {
      tables.add(
          LinesCodec.decode(
              in(record, 0, Limits.SECTION_BYTES), in(record, 1, Limits.SECTION_BYTES)));
    }
    return tables;
  }

  @Override
  public List<Functions> functions() {
    List<Functions> tables = new ArrayList<>();
    for (Record record : functionRecords) {
      tables.add(
          FunctionsCodec.decode(
              in(record, 0, Limits.SECTION_BYTES),
              in(record, 1, Limits.SECTION_BYTES),
              in(record, 2, Limits.SECTION_BYTES)));
    }
    return tables;
  }

  @Override
  public List<CallFrameSection> frames() {
    List<CallFrameSection> sections = new ArrayList<>();
    for (Record record : frameRecords) {
      sections.add(
          CallFramesCodec.decode(
              in(record, 0, Limits.SECTION_BYTES), record.section(1, Limits.SECTION_BYTES)));
    }
    return sections;
  }

  @Override
  public List<SourceText> sources() {
    if (sourceRecords.size() > SourceText.MAX_FILES) {
      throw damaged(sourceRecords.get(0), 0, "too many source files");
    }
    List<SourceText> sources = new ArrayList<>();
    long total = 0;
    for (Record record : sourceRecords) {
      BytesIn path = in(record, 0, Limits.STRING_BYTES);
      String name = path.string(Limits.STRING_BYTES);
      path.end();
      total += record.rawLength(1);
      if (total > SourceText.MAX_TOTAL) {
        throw damaged(record, 1, "too many source files");
      }
      sources.add(new SourceText(name, record.section(1, SourceText.MAX_BYTES)));
    }
    return sources;
  }

  @Override
  public String bookmarks() {
    if (bookmarkRecords.isEmpty()) {
      return "";
    }
    // Packing leaves one.
    Record record = bookmarkRecords.get(bookmarkRecords.size() - 1);
    return new String(record.section(0, MAX_BOOKMARKS), StandardCharsets.UTF_8);
  }

  @Override
  public long bytes() {
    return source.bytes();
  }

  @Override
  public void close() {
    source.close();
  }

  private static BytesIn in(Record record, int section, int maxLength) {
    return new BytesIn(record.section(section, maxLength), record.name(section));
  }

  private static Record sections(Record record, int expected) {
    if (record.sections() != expected) {
      throw damaged(record, 0, "it has " + record.sections() + " sections");
    }
    return record;
  }

  private static TraceException damaged(Record record, int section, String detail) {
    return new TraceException("The trace is damaged: " + record.name(section) + ": " + detail);
  }
}
