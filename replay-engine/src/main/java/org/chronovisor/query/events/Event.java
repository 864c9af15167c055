package org.chronovisor.query.events;

import org.chronovisor.query.InstructionView;

/**
 * Something that happened besides plain execution.
 *
 * @param position of the instruction, or the position before which it happened
 * @param instruction that did it, or that was next
 * @param text one line
 * @param vector of an interrupt or exception, else -1
 * @param address port, or guest physical address, or 0
 * @param value as text, or null
 * @param cpu number of the vCPU it happened on
 */
public record Event(
    long position,
    Kind kind,
    InstructionView instruction,
    String text,
    int vector,
    long address,
    String value,
    int cpu) {
  Event(
      long position,
      Kind kind,
      InstructionView instruction,
      String text,
      int vector,
      long address,
      String value) {
    this(position, kind, instruction, text, vector, address, value, 0);
  }

  Event on(int vcpu) {
    return new Event(position, kind, instruction, text, vector, address, value, vcpu);
  }

  /** Kinds of events. */
  public enum Kind {
    INTERRUPT,
    EXCEPTION,
    /** Return from an interrupt, system call, software interrupt, far transfer. */
    SYSTEM,
    PORT_IN,
    PORT_OUT,
    MMIO_READ,
    MMIO_WRITE,
    /** RAM written by a device or the MMU. */
    DMA,
    /** A change of the CPU's mode: paging, protection, long mode. */
    MODE,
    /** A switch of page tables. */
    CR3,
    HLT;

    /** As options and output have it. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }
}
