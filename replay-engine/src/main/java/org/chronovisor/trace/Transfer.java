package org.chronovisor.trace;

/**
 * Control went where no model computes: an interrupt, an exception, or a special instruction.
 *
 * @param position instructions retired before the first instruction at the new pc
 * @param special it follows a special instruction (iret, syscall, int n ...) that retired
 * @param stated the state after it is among the segment's states, at the same position: nothing
 *     less tells what it has changed (a system management interrupt)
 * @param pc the new instruction pointer
 * @param registers 32 values of registers 0-31 (docs/ring-protocol.md); eflags as QEMU keeps them
 * @param frameAddress linear address of the frame bytes
 * @param frame the bytes at the new stack pointer, at most 64
 */
public record Transfer(
    long position,
    boolean special,
    boolean stated,
    long pc,
    long[] registers,
    long frameAddress,
    byte[] frame) {
  /** One that its registers and frame tell all about. */
  public Transfer(
      long position, boolean special, long pc, long[] registers, long frameAddress, byte[] frame) {
    this(position, special, false, pc, registers, frameAddress, frame);
  }
}
