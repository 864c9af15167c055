package org.chronovisor.view.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.chronovisor.query.ExecutionCounts;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.x86.CpuState;

/**
 * One trace in one window: the position shown, how it got there, and all that is asked about it.
 * Used on the event thread; replay runs on workers.
 */
public final class ViewerModel implements AutoCloseable {
  private static final long SNAPSHOT_BYTES = 256L << 20;
  private static final long FEWER_BYTES = 32L << 20;

  private final Path file;
  private final TraceReader trace;
  private final TraceSession names;
  private final ReplayWorker mover;
  private final ReplayWorker searcher;
  private final ReplayWorker gatherer;
  private final ReplayWorker looker;
  private final MomentReader reader = new MomentReader();
  private final NavigationHistory history = new NavigationHistory();
  private final Breakpoints breakpoints = new Breakpoints();
  private final Notes notes;
  private final List<Probe<?>> probes = new CopyOnWriteArrayList<>();
  private final List<Consumer<Moment>> momentListeners = new ArrayList<>();
  private final List<Consumer<Exception>> failureListeners = new ArrayList<>();
  private final List<JobControl> moves = new ArrayList<>();
  private final long end;
  private volatile long target;
  private volatile Moment moment;
  private volatile boolean unmarked;
  private boolean bySource;
  private Story story;

  /**
   * @param trace closed with the model
   * @param start position to show first
   */
  public ViewerModel(Path file, TraceReader trace, long start) {
    this.file = file;
    this.trace = trace;
    names = new TraceSession(trace);
    end = trace.segmentCount() == 0 ? 0 : trace.segment(trace.segmentCount() - 1).end();
    target = Math.max(0, Math.min(start, end));
    notes = Notes.of(file, trace.bookmarks());
    mover = worker("replay", SNAPSHOT_BYTES);
    searcher = worker("search", SNAPSHOT_BYTES);
    gatherer = worker("gather", FEWER_BYTES);
    looker = worker("look", FEWER_BYTES);
  }

  private ReplayWorker worker(String name, long snapshots) {
    return new ReplayWorker(name, snapshots, () -> new TraceSession(trace), this::failed);
  }

  /** The trace's file or directory. */
  public Path file() {
    return file;
  }

  public TraceReader trace() {
    return trace;
  }

  /** Symbols, lines and disassembly; never its replay, which belongs to no thread. */
  public TraceSession names() {
    return names;
  }

  /** The last position. */
  public long end() {
    return end;
  }

  /** The position shown or about to be shown. */
  public long position() {
    return target;
  }

  /** What is shown, or null before the first. */
  public Moment moment() {
    return moment;
  }

  public NavigationHistory history() {
    return history;
  }

  public Breakpoints breakpoints() {
    return breakpoints;
  }

  public Notes notes() {
    return notes;
  }

  /** Steps go by source line. */
  public boolean isBySource() {
    return bySource;
  }

  public void setBySource(boolean on) {
    bySource = on;
  }

  /** How the run failed; null until it is known. */
  public Story story() {
    return story;
  }

  /** The run's failure when it happens at a moment, else null. */
  public Story failureAt(Moment shown) {
    return story != null && story.failed() && story.position() == shown.position() ? story : null;
  }

  /** Calls a listener on the event thread whenever a position is shown. */
  public void onMoment(Consumer<Moment> listener) {
    momentListeners.add(listener);
    if (moment != null) {
      listener.accept(moment);
    }
  }

  /** Calls a listener on the event thread when something failed. */
  public void onFailure(Consumer<Exception> listener) {
    failureListeners.add(listener);
  }

  public void addProbe(Probe<?> probe) {
    probes.add(probe);
  }

  /** Reads the present position anew: a probe wants something else. */
  public void refresh() {
    move("refresh", (session, control) -> session.replayer().position(), false);
  }

  /** Begins at a position: nothing is marked as changed. */
  public void begin(long position) {
    cancelMoves();
    unmarked = true;
    show(Math.max(0, Math.min(position, end)));
  }

  /** Jumps to a position; moves that are still under way are given up. */
  public void goTo(long position) {
    long wanted = Math.max(0, Math.min(position, end));
    cancelMoves();
    long from = target;
    if (moment != null && from != wanted) {
      history.jumped(from, wanted);
    }
    show(wanted);
  }

  /** Shows a position without a trace in the history: scrubbing. */
  public void scrubTo(long position) {
    cancelMoves();
    show(Math.max(0, Math.min(position, end)));
  }

  private void show(long position) {
    target = position;
    move("goto", (session, control) -> position, false);
  }

  /** The end of scrubbing from a position: a jump to where it ended. */
  public void remember(long from) {
    if (from != target) {
      history.jumped(from, target);
    }
  }

  public void back() {
    if (history.canGoBack()) {
      cancelMoves();
      show(history.back(target));
    }
  }

  public void forward() {
    if (history.canGoForward()) {
      cancelMoves();
      show(history.forward());
    }
  }

  /** Steps, or any other move from the present position; waits for the moves before it. */
  public void move(String name, Move way) {
    move(name, way, false);
  }

  /** A move worth remembering in the history. */
  public void jump(String name, Move way) {
    move(name, way, true);
  }

  private void move(String name, Move way, boolean remember) {
    moves.removeIf(JobControl::isFinished);
    moves.add(
        mover.submit(
            name,
            (session, control) -> {
              long from = target;
              session.seek(from);
              target = way.go(session, control);
              return new Moved(from, target, remember, mover.hasMore() ? null : read(session));
            },
            this::moved));
  }

  private record Moved(long from, long to, boolean remember, Moment read) {}

  private void moved(Moved moved) {
    if (moved.remember && moved.from != moved.to) {
      history.jumped(moved.from, moved.to);
    }
    if (moved.read != null) {
      moment = moved.read;
      momentListeners.forEach(listener -> listener.accept(moment));
    }
  }

  private Moment read(TraceSession session) {
    Moment shown = moment;
    CpuState before = null;
    if (shown != null && !unmarked) {
      before = shown.position() == target ? shown.before() : shown.cpu();
    }
    unmarked = false;
    return reader.read(session, target, before, probes);
  }

  private void cancelMoves() {
    moves.forEach(JobControl::cancel);
  }

  /** Runs to the nearest enabled breakpoint or watchpoint, or to an end of the recording. */
  public void run(boolean forwards) {
    jump(
        forwards ? "run" : "runBack",
        Steps.run(breakpoints.addresses(), breakpoints.watchpoints(), forwards));
  }

  /** Runs to the nearest time at which an instruction is next. */
  public void runTo(long address, boolean forwards) {
    jump("runTo", Steps.run(List.of(address), List.<Watchpoint>of(), forwards));
  }

  /** Asks something that may take long; steps go on meanwhile. */
  public <T> JobControl ask(String name, ReplayWorker.Job<T> job, Consumer<T> done) {
    return searcher.submit(name, job, done);
  }

  /**
   * Asks something that may take long.
   *
   * @param otherwise called on the event thread when it failed or was cancelled
   */
  public <T> JobControl ask(
      String name, ReplayWorker.Job<T> job, Consumer<T> done, Runnable otherwise) {
    return searcher.submit(name, job, done, otherwise);
  }

  /**
   * Gathers something about the whole run that nobody waits for; searches go on meanwhile.
   *
   * @param otherwise called on the event thread when it failed or was cancelled
   */
  public <T> JobControl gather(
      String name, ReplayWorker.Job<T> job, Consumer<T> done, Runnable otherwise) {
    return gatherer.submit(name, job, done, otherwise);
  }

  /** Counts how often each source line was executed in the whole run. */
  public JobControl countLines(Consumer<LineCounts> done, Runnable otherwise) {
    return gather(
        "counts",
        (session, control) ->
            LineCounts.of(session, ExecutionCounts.of(trace, 0, session.end(), control)),
        done,
        otherwise);
  }

  /** Finds the lines that the present call of a function has executed; it takes a moment. */
  public JobControl look(long position, long pc, Consumer<Optional<CallScope>> done) {
    return looker.submit(
        "scope", (session, control) -> CallScope.at(session, control, position, pc), done);
  }

  /** Where the source's variables are to be read: before a fault, not in its handler. */
  public long variablesPosition(Moment shown) {
    Story failure = failureAt(shown);
    boolean fault = failure != null && !failure.retired() && shown.position() > 0;
    return fault ? shown.position() - 1 : shown.position();
  }

  /** Lists all times at which a breakpoint or watchpoint is hit. */
  public JobControl findHits(Breakpoint breakpoint, Consumer<List<Hit>> done) {
    return ask("hits", (session, control) -> Hit.all(session, control, breakpoint), done);
  }

  /** Finds out how the run failed. */
  public void findStory(Consumer<Story> done) {
    ask(
        "story",
        StoryReader::read,
        (Story found) -> {
          story = found;
          done.accept(found);
        });
  }

  /** The job to show as running, or null. */
  public JobControl running() {
    JobControl moving = mover.running();
    JobControl searching = searcher.running();
    return moving != null ? moving : searching != null ? searching : gatherer.running();
  }

  /** Gives up whatever is running. */
  public void cancel() {
    cancelMoves();
    show(target);
    JobControl searching = searcher.running();
    JobControl job = searching != null ? searching : gatherer.running();
    if (job != null) {
      job.cancel();
    }
  }

  /** No move and no search is running or waiting. */
  public boolean isIdle() {
    return mover.isIdle() && searcher.isIdle() && gatherer.isIdle() && looker.isIdle();
  }

  private void failed(Exception e) {
    failureListeners.forEach(listener -> listener.accept(e));
  }

  @Override
  public void close() {
    mover.close();
    searcher.close();
    gatherer.close();
    looker.close();
    trace.close();
  }
}
