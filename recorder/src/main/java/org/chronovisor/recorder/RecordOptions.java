package org.chronovisor.recorder;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * What to record, and how.
 *
 * @param output directory of the trace; must not hold a trace yet
 * @param start {@code entry}, a symbol, or an address as {@code 0x...}
 * @param symbols ELF files whose symbols are stored besides the kernel's own
 * @param embedSource directories that relative names of source files start from, when the files are
 *     to be stored in the trace; null to store none
 * @param deterministic guest time follows the instructions ({@code -icount shift=7})
 * @param check modelled instructions are captured too, so that every result can be compared
 * @param command the QEMU command line that the user has
 * @param segmentLength instructions per segment
 * @param plugin the shared object of the QEMU plugin, or null: the one built with this project
 * @param guestInput what QEMU's standard input reads
 * @param guestOutput where QEMU's standard output goes
 */
public record RecordOptions(
    Path output,
    String start,
    List<Path> symbols,
    List<Path> embedSource,
    boolean deterministic,
    boolean check,
    List<String> command,
    long segmentLength,
    Path plugin,
    InputStream guestInput,
    OutputStream guestOutput) {
  public static final long DEFAULT_SEGMENT_LENGTH = 2_000_000;

  public RecordOptions {
    symbols = List.copyOf(symbols);
    embedSource = embedSource == null ? null : List.copyOf(embedSource);
    command = List.copyOf(command);
  }

  /** A recording from the kernel's entry with all defaults. */
  public static RecordOptions of(Path output, List<String> command) {
    return new RecordOptions(
        output,
        "entry",
        List.of(),
        null,
        false,
        false,
        command,
        DEFAULT_SEGMENT_LENGTH,
        null,
        System.in,
        System.out);
  }

  public RecordOptions withStart(String newStart) {
    return new RecordOptions(
        output,
        newStart,
        symbols,
        embedSource,
        deterministic,
        check,
        command,
        segmentLength,
        plugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withSymbols(List<Path> newSymbols) {
    return new RecordOptions(
        output,
        start,
        newSymbols,
        embedSource,
        deterministic,
        check,
        command,
        segmentLength,
        plugin,
        guestInput,
        guestOutput);
  }

  /**
   * Stores the source files that the line tables name.
   *
   * @param directories that relative names start from
   */
  public RecordOptions withEmbedSource(List<Path> directories) {
    return new RecordOptions(
        output,
        start,
        symbols,
        directories,
        deterministic,
        check,
        command,
        segmentLength,
        plugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withDeterministic(boolean on) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        on,
        check,
        command,
        segmentLength,
        plugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withCheck(boolean on) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        deterministic,
        on,
        command,
        segmentLength,
        plugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withSegmentLength(long instructions) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        deterministic,
        check,
        command,
        instructions,
        plugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withPlugin(Path newPlugin) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        deterministic,
        check,
        command,
        segmentLength,
        newPlugin,
        guestInput,
        guestOutput);
  }

  public RecordOptions withGuestOutput(OutputStream out) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        deterministic,
        check,
        command,
        segmentLength,
        plugin,
        guestInput,
        out);
  }

  public RecordOptions withGuestInput(InputStream in) {
    return new RecordOptions(
        output,
        start,
        symbols,
        embedSource,
        deterministic,
        check,
        command,
        segmentLength,
        plugin,
        in,
        guestOutput);
  }
}
