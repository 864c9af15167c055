package org.chronovisor.query;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.chronovisor.trace.Transfer;
import org.chronovisor.x86.Registers;

/**
 * What the CPU pushed to deliver an interrupt or exception without a change of privilege in 32-bit
 * mode, or any in long mode (Intel SDM vol. 3, 6.12.1 and 6.14.2).
 *
 * @param pushed bytes that delivery wrote; what follows them lay on the stack before
 * @param returnAddress of the instruction that was interrupted or faulted
 * @param stackPointer before delivery
 */
public record InterruptFrame(int pushed, long returnAddress, long flags, long stackPointer) {
  private static final long LONG_MODE_ACTIVE = 0x400;

  public static InterruptFrame of(Transfer transfer) {
    byte[] padded = Arrays.copyOf(transfer.frame(), 64);
    ByteBuffer frame = ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN);
    if ((transfer.registers()[Registers.EFER] & LONG_MODE_ACTIVE) != 0) {
      // The stack pointer was aligned to 16 before five slots, or six with an error code.
      int at = (transfer.frameAddress() & 15) == 0 ? 8 : 0;
      return new InterruptFrame(
          at + 40, frame.getLong(at), frame.getLong(at + 16), frame.getLong(at + 24));
    }
    // With or without an error code: the code segment's selector follows the return address.
    int at = (frame.getInt(4) & 0xffff) == (transfer.registers()[Registers.CS] & 0xffff) ? 0 : 4;
    return new InterruptFrame(
        at + 12,
        frame.getInt(at) & 0xffff_ffffL,
        frame.getInt(at + 8) & 0xffff_ffffL,
        transfer.frameAddress() + at + 12);
  }
}
