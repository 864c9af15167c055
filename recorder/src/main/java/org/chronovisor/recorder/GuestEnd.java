package org.chronovisor.recorder;

/**
 * Why a recording ends.
 *
 * @param reason the word in the trace
 * @param message one line for people
 * @param inspectable QEMU still answers: the final state can be taken
 */
record GuestEnd(String reason, String message, boolean inspectable) {
  static final GuestEnd INTERRUPTED =
      new GuestEnd("interrupted", "the recording was stopped", true);
  static final GuestEnd HALTED =
      new GuestEnd("halted", "the guest halted with interrupts off", true);
  static final GuestEnd PANIC = new GuestEnd("panic", "the guest reported a panic", true);

  /** The end that QEMU's SHUTDOWN event tells (qapi/run-state.json, ShutdownCause). */
  static GuestEnd shutdown(String cause) {
    return switch (cause) {
      case "guest-shutdown" -> new GuestEnd("shutdown", "the guest shut down", true);
      case "guest-reset" ->
          new GuestEnd("reset", "the guest reset itself (a triple fault does that, too)", true);
      case "guest-panic" -> PANIC;
      case "host-signal" -> new GuestEnd("killed", "QEMU was ended by a signal", false);
      case "host-qmp-quit" -> new GuestEnd("killed", "QEMU was told to quit", false);
      default -> new GuestEnd("shutdown", "the guest ended: " + cause, true);
    };
  }

  static GuestEnd exited(int status) {
    String how = status > 128 ? "by signal " + (status - 128) : "with status " + status;
    return new GuestEnd("killed", "QEMU ended " + how, false);
  }
}
