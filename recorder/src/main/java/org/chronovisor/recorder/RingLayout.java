package org.chronovisor.recorder;

/**
 * Numbers of the ring file and the control socket, as docs/ring-protocol.md defines them.
 *
 * <pre>
 *   0x000 magic  0x008 data size  0x010 segment length  0x018 segment bytes
 *   0x020 flags  0x028 start      0x040 head            0x080 tail
 *   0x0c0 live position, path hash, pc                  0x100 costs
 *   0x200 RAM regions
 *   0x1000 data
 *
 *   record:  | size u32 | type u16 | aux u16 | position u64 | payload ... |
 *   message: | length u32 | type u32 | payload ... |
 * </pre>
 */
final class RingLayout {
  /** "CVRING01" as little-endian bytes. */
  static final long MAGIC = 0x3130474e49525643L;

  static final int MAGIC_AT = 0x000;
  static final int SIZE_AT = 0x008;
  static final int SEGMENT_LENGTH_AT = 0x010;
  static final int SEGMENT_BYTES_AT = 0x018;
  static final int FLAGS_AT = 0x020;
  static final int START_AT = 0x028;
  static final int HEAD_AT = 0x040;
  static final int TAIL_AT = 0x080;
  static final int LIVE_POSITION_AT = 0x0c0;
  static final int LIVE_HASH_AT = 0x0c8;
  static final int LIVE_PC_AT = 0x0d0;
  static final int COSTS_AT = 0x100;
  static final int REGIONS_AT = 0x200;
  static final int MAX_REGIONS = 16;
  static final int DATA_AT = 0x1000;

  static final long FLAG_ARMED = 1;
  static final long FLAG_CHECK = 2;
  static final long FLAG_STOP = 4;

  static final int PAD = 1;
  static final int CAPTURE = 2;
  static final int STORE = 3;
  static final int EXTERNAL = 4;
  static final int MMIO_LOAD = 5;
  static final int MMIO_STORE = 6;
  static final int NOTIFY = 7;
  static final int TRANSFER = 8;
  static final int PATH = 9;
  static final int SEGMENT_END = 10;
  static final int END = 11;
  static final int MONITOR = 12;
  static final int BLOCKS = 13;
  static final int LOAD = 14;
  static final int SWITCH = 15;
  static final int RESTART = 16;

  static final int HELLO = 1;
  static final int TRANSLATE = 2;
  static final int PLAN = 3;
  static final int STOPPED = 4;
  static final int GO = 5;
  static final int ERROR = 6;

  static final int PROTOCOL_VERSION = 2;

  private RingLayout() {}
}
