package org.chronovisor.x86;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Compiles regions on one background thread and keeps the newest of them, for all replayers of the
 * process. What is kept and queued is bounded. Thread-safe.
 */
final class RegionStore {
  static final RegionStore INSTANCE = new RegionStore();

  private static final int MOST_HEADS = 512;
  private static final int MOST_FOR_HEAD = 4;
  private static final int LONGEST_QUEUE = 64;

  private final ThreadPoolExecutor compiler;

  /** By the first block's address, in the order of their last use. */
  private final Map<Long, List<Request>> requests = new LinkedHashMap<>(16, 0.75f, true);

  private RegionStore() {
    compiler =
        new ThreadPoolExecutor(
            1,
            1,
            2,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(LONGEST_QUEUE),
            task -> {
              Thread thread = new Thread(task, "region-compiler");
              thread.setDaemon(true);
              return thread;
            });
    compiler.allowCoreThreadTimeOut(true);
  }

  /** A region that is being compiled or has been. */
  static final class Request {
    private final RegionPlan asked;
    private RegionCompiler.Result result;
    private boolean done;

    private Request(RegionPlan asked) {
      this.asked = asked;
    }

    private synchronized void finish(RegionCompiler.Result compiled) {
      result = compiled;
      done = true;
      notifyAll();
    }

    synchronized boolean isDone() {
      return done;
    }

    /** Waits for its end. */
    synchronized void await() throws InterruptedException {
      while (!done) {
        wait();
      }
    }

    /** What was compiled, or null when that failed or is not done. */
    synchronized RegionCompiler.Result result() {
      return result;
    }

    /** The plan that is compiled, or was. */
    synchronized RegionPlan plan() {
      return result == null ? asked : result.plan();
    }

    private void run() {
      RegionCompiler.Result compiled = null;
      try {
        compiled = RegionCompiler.compile(asked);
      } catch (RuntimeException | LinkageError e) {
        // The interpreter goes on with it.
        System.getLogger(RegionStore.class.getName())
            .log(System.Logger.Level.DEBUG, "not compiled", e);
      } finally {
        finish(compiled);
      }
    }
  }

  /** Requests so far for regions that begin with some code. */
  synchronized List<Request> find(long pc, byte[] code) {
    List<Request> found = new ArrayList<>();
    for (Request request : requests.getOrDefault(pc, List.of())) {
      if (Arrays.equals(request.plan().head().code, code)) {
        found.add(request);
      }
    }
    return found;
  }

  /** Has a plan compiled; null when there is too much to do already. */
  synchronized Request submit(RegionPlan plan) {
    Request request = new Request(plan);
    try {
      compiler.execute(request::run);
    } catch (RejectedExecutionException e) {
      return null;
    }
    List<Request> list = requests.computeIfAbsent(plan.head().pc, pc -> new ArrayList<>());
    if (list.size() >= MOST_FOR_HEAD) {
      list.remove(0);
    }
    list.add(request);
    if (requests.size() > MOST_HEADS) {
      Iterator<Long> oldest = requests.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return request;
  }
}
