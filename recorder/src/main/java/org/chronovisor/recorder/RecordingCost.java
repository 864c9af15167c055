package org.chronovisor.recorder;

import java.util.Arrays;
import java.util.List;
import org.chronovisor.trace.CodeBlock;
import org.chronovisor.x86.Plan;

/**
 * Estimates how much CPU time of QEMU was the recording's: nobody runs the guest plainly beside it.
 *
 * <p>Each PATH record names the block in which a position fell that was chosen beforehand, so a
 * block is named as often as its instructions are executed, and the mean over the samples of (time
 * of the block / its instructions) is the time of an instruction. {@link BlockTime} guesses the
 * times. What is rare (translations, keyframes, audits) the plugin measures itself, and how fast
 * the machine is too.
 *
 * <p>Both guesses, for QEMU and for the callbacks, are rough, but their sum is known: the CPU time
 * that was used. The answer is the most plausible split of it, errors of the guesses taken to be
 * log-normal.
 *
 * <p>Blocks are defined by one thread and sampled by another.
 */
final class RecordingCost {
  /** Standard deviations of the logarithms of the guesses' errors. */
  private static final double CALLBACKS_ERROR = 0.2;

  private static final double PLAIN_ERROR = 0.4;

  /** A call of the plugin's speed test, on the machine that {@link BlockTime} was fitted on. */
  private static final double SPEED_NANOS = 1.65;

  private static final int LEAST_SAMPLES = 100;
  private static final double LEAST_SECONDS = 0.2;

  private volatile BlockTime[] times = new BlockTime[1024];
  private double plain;
  private double callbacks;
  private long samples;

  /** A new block. */
  void define(int id, List<CodeBlock.Instruction> instructions, Plan[] plans) {
    BlockTime[] array = times;
    if (id >= array.length) {
      array = Arrays.copyOf(array, 2 * id);
    }
    array[id] = BlockTime.of(instructions, plans);
    times = array;
  }

  /** The block is executed now. */
  void sample(int block) {
    BlockTime[] array = times;
    if (block > 0 && block < array.length && array[block] != null) {
      BlockTime time = array[block];
      plain += time.plain() / time.instructions();
      callbacks += time.callbacks() / time.instructions();
      samples++;
    }
  }

  /**
   * CPU time of QEMU in this run, divided by that of the same run without recording.
   *
   * @param instructions recorded
   * @param before seconds of CPU time that QEMU used before the recording's start
   * @param during seconds from then on
   * @return 0 when the run was too short to tell
   */
  double slowdown(long instructions, double before, double during, Ring.Costs costs) {
    if (samples < LEAST_SAMPLES || during < LEAST_SECONDS || costs.speedCalls() == 0) {
      return 0;
    }
    double speed = costs.speedNanos() / (SPEED_NANOS * costs.speedCalls()) / 1e9;
    double perSample = (double) instructions / samples;
    double guessedPlain =
        speed * (plain * perSample + costs.repAccesses() * BlockTime.REP_ACCESS_PLAIN);
    double guessedCallbacks =
        speed * (callbacks * perSample + costs.repAccesses() * BlockTime.REP_ACCESS);
    double split = split(during - costs.ownNanos() / 1e9, guessedPlain, guessedCallbacks);
    return (before + during) / (before + split);
  }

  /** The plain part of a time. */
  private static double split(double time, double guessedPlain, double guessedCallbacks) {
    final int steps = 1000;
    double best = time;
    double least = Double.MAX_VALUE;
    for (int i = 1; i < steps; i++) {
      double part = time * i / steps;
      double x = Math.log(part / guessedPlain) / PLAIN_ERROR;
      double y = Math.log((time - part) / guessedCallbacks) / CALLBACKS_ERROR;
      if (x * x + y * y < least) {
        least = x * x + y * y;
        best = part;
      }
    }
    return best;
  }
}
