package org.chronovisor.trace;

/**
 * A memory event of a segment; it takes effect before the instruction at its position.
 *
 * @param position retired instructions since the start of the recording
 * @param linear linear address, 0 where there is none (external writes)
 * @param physical guest physical address of the first byte
 * @param data the bytes, 1 to 4096
 */
public record MemoryEvent(long position, Kind kind, long linear, long physical, byte[] data) {
  public enum Kind {
    /** The CPU loaded bytes that something else had written. */
    EXTERNAL,
    /** Bytes found changed when RAM was compared with what the CPU knew, at a segment's end. */
    AUDIT,
    /** A store of an instruction whose stores are captured. */
    STORE,
    /** A load from outside RAM. */
    MMIO_LOAD,
    /** A store to outside RAM. */
    MMIO_STORE
  }
}
