package org.chronovisor.recorder;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** What to record, and how. Immutable. */
public final class RecordOptions {
  public static final long DEFAULT_SEGMENT_LENGTH = 2_000_000;

  private final Path output;
  private final List<String> command;

  // Written only by the method that has made the object.
  private String start = "entry";
  private List<Path> symbols = List.of();
  private List<Path> embedSource;
  private boolean deterministic;
  private boolean check;
  private long segmentLength = DEFAULT_SEGMENT_LENGTH;
  private Path plugin;
  private InputStream guestInput = System.in;
  private OutputStream guestOutput = System.out;

  private RecordOptions(Path output, List<String> command) {
    this.output = output;
    this.command = List.copyOf(command);
  }

  private RecordOptions copy() {
    RecordOptions copy = new RecordOptions(output, command);
    copy.start = start;
    copy.symbols = symbols;
    copy.embedSource = embedSource;
    copy.deterministic = deterministic;
    copy.check = check;
    copy.segmentLength = segmentLength;
    copy.plugin = plugin;
    copy.guestInput = guestInput;
    copy.guestOutput = guestOutput;
    return copy;
  }

  /**
   * A recording from the kernel's entry with all defaults.
   *
   * @param output directory of the trace; must not hold a trace yet
   * @param command the QEMU command line that the user has
   */
  public static RecordOptions of(Path output, List<String> command) {
    return new RecordOptions(output, command);
  }

  public Path output() {
    return output;
  }

  public List<String> command() {
    return command;
  }

  /** Where to begin: {@code entry}, a symbol, or an address as {@code 0x...}. */
  public String start() {
    return start;
  }

  public RecordOptions withStart(String place) {
    RecordOptions copy = copy();
    copy.start = place;
    return copy;
  }

  /** ELF files whose symbols are stored besides the kernel's own. */
  public List<Path> symbols() {
    return symbols;
  }

  public RecordOptions withSymbols(List<Path> files) {
    RecordOptions copy = copy();
    copy.symbols = List.copyOf(files);
    return copy;
  }

  /**
   * Directories that relative names of source files start from, when the files that line tables
   * name are to be stored in the trace; null to store none.
   */
  public List<Path> embedSource() {
    return embedSource;
  }

  public RecordOptions withEmbedSource(List<Path> directories) {
    RecordOptions copy = copy();
    copy.embedSource = directories == null ? null : List.copyOf(directories);
    return copy;
  }

  /** Guest time follows the instructions ({@code -icount shift=7}). */
  public boolean deterministic() {
    return deterministic;
  }

  public RecordOptions withDeterministic(boolean on) {
    RecordOptions copy = copy();
    copy.deterministic = on;
    return copy;
  }

  /** Modelled instructions are captured too, so that every result can be compared. */
  public boolean check() {
    return check;
  }

  public RecordOptions withCheck(boolean on) {
    RecordOptions copy = copy();
    copy.check = on;
    return copy;
  }

  /** Instructions per segment. */
  public long segmentLength() {
    return segmentLength;
  }

  public RecordOptions withSegmentLength(long instructions) {
    RecordOptions copy = copy();
    copy.segmentLength = instructions;
    return copy;
  }

  /** The shared object of the QEMU plugin; null: the one built with this project. */
  public Path plugin() {
    return plugin;
  }

  public RecordOptions withPlugin(Path file) {
    RecordOptions copy = copy();
    copy.plugin = file;
    return copy;
  }

  /** What QEMU's standard input reads. */
  public InputStream guestInput() {
    return guestInput;
  }

  public RecordOptions withGuestInput(InputStream stream) {
    RecordOptions copy = copy();
    copy.guestInput = stream;
    return copy;
  }

  /** Where QEMU's standard output goes. */
  public OutputStream guestOutput() {
    return guestOutput;
  }

  public RecordOptions withGuestOutput(OutputStream stream) {
    RecordOptions copy = copy();
    copy.guestOutput = stream;
    return copy;
  }
}
