package org.chronovisor.query;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.chronovisor.replay.Replayer;
import org.chronovisor.symbols.AddressException;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.symbols.CallFrames;
import org.chronovisor.symbols.EmbeddedSources;
import org.chronovisor.symbols.FunctionTable;
import org.chronovisor.symbols.LineTable;
import org.chronovisor.symbols.SourceFrame;
import org.chronovisor.symbols.SymbolTable;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.x86.CpuState;

/**
 * An open trace with what every query needs: one replay, the symbols, the disassembly.
 *
 * <p>Not thread-safe: one session per thread.
 */
public final class TraceSession implements AutoCloseable {
  private final TraceReader trace;
  private Replayer replayer;
  private final SymbolTable symbols;
  private final Disassembly disassembly;
  private LineTable lines;
  private FunctionTable functions;
  private CallFrames callFrames;
  private EmbeddedSources sources;

  /**
   * @param trace closed with the session
   */
  public TraceSession(TraceReader trace) {
    this.trace = trace;
    symbols = new SymbolTable(trace.symbols());
    disassembly = new Disassembly(trace.blocks());
  }

  /**
   * Opens a trace directory or a packed trace.
   *
   * @throws org.chronovisor.trace.TraceException when it is none
   */
  public static TraceSession open(Path path) {
    TraceReader trace = Traces.open(path);
    try {
      return new TraceSession(trace);
    } catch (RuntimeException e) {
      trace.close();
      throw e;
    }
  }

  public TraceReader trace() {
    return trace;
  }

  /** The replay, made when first asked for: a trace without a whole segment has none. */
  public Replayer replayer() {
    if (replayer == null) {
      replayer = new Replayer(trace);
    }
    return replayer;
  }

  public SymbolTable symbols() {
    return symbols;
  }

  /** The source lines, read when first asked for. */
  public LineTable lines() {
    if (lines == null) {
      lines = new LineTable(trace.lines());
    }
    return lines;
  }

  /** The functions and what was inlined into them, read when first asked for. */
  public FunctionTable functions() {
    if (functions == null) {
      functions = new FunctionTable(trace.functions());
    }
    return functions;
  }

  /** The embedded source files, read when first asked for. */
  public EmbeddedSources sources() {
    if (sources == null) {
      sources = new EmbeddedSources(trace.sources());
    }
    return sources;
  }

  /** The call-frame information, read when first asked for. */
  public CallFrames callFrames() {
    if (callFrames == null) {
      callFrames = new CallFrames(trace.frames());
    }
    return callFrames;
  }

  /**
   * The levels of the source at an address, innermost first: inlined functions, then the one that
   * has the code.
   */
  public List<SourceFrame> sourceFrames(long address) {
    return SourceFrame.at(address, functions(), lines(), symbols);
  }

  public Disassembly disassembly() {
    return disassembly;
  }

  /** The last position: all recorded instructions have retired. */
  public long end() {
    return replayer().end();
  }

  /**
   * Replays to a position.
   *
   * @throws QueryException when the trace has no such position
   */
  public void seek(long position) {
    if (position < 0 || position > end()) {
      throw new QueryException(
          "no position "
              + Long.toUnsignedString(position)
              + ": the trace has positions 0 to "
              + end());
    }
    if (replayer.position() != position) {
      replayer.seek(position);
    }
  }

  /** The instruction that is next at the replay's position. */
  public InstructionView next() {
    return InstructionView.at(this, pc());
  }

  /** Linear address of the next instruction at the replay's position. */
  public long pc() {
    return replayer().cpu().rip + replayer().cpu().segmentBase[1];
  }

  /**
   * Value of an address expression, its registers taken at the replay's position.
   *
   * @throws AddressException when a name is unknown
   */
  public long evaluate(AddressExpression expression) {
    return expression.evaluate(symbols, name -> register(replayer().cpu().save(), name));
  }

  private static OptionalLong register(CpuState state, String name) {
    for (int i = 0; i < CpuState.WORDS; i++) {
      if (CpuState.wordName(i).equals(name)) {
        return OptionalLong.of(state.words[i]);
      }
    }
    return switch (name) {
      case "pc" -> OptionalLong.of(state.words[CpuState.RIP]);
      case "sp" -> OptionalLong.of(state.words[4]);
      case "fs_base" -> OptionalLong.of(state.segments[4].base());
      case "gs_base" -> OptionalLong.of(state.segments[5].base());
      default -> OptionalLong.empty();
    };
  }

  @Override
  public void close() {
    trace.close();
  }
}
