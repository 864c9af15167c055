package org.chronovisor.trace.internal.v1;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.trace.TraceHeader;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/**
 * The section of a HEADER record.
 *
 * <pre>
 * string qemu, string arch, varint cpus, varint n, n x string (command line),
 * varint n, n x { u64 start, u64 length, u64 offset } (RAM),
 * varint n, n x string (CPU features),
 * u64 start address, u64 recorded at, u8 deterministic, u8 check
 * </pre>
 */
final class HeaderCodec {
  private static final long PAGE_MASK = 4095;
  private static final int MAX_CPUS = 4096;

  private HeaderCodec() {}

  static byte[] encode(TraceHeader header) {
    BytesOut out = new BytesOut();
    out.string(header.qemu());
    out.string(header.arch());
    Limits.check(header.cpus() >= 0 && header.cpus() <= MAX_CPUS, "number of CPUs");
    out.varint(header.cpus());
    Strings.encode(header.commandLine(), out);
    Limits.check(header.ram().size() <= Limits.RAM_REGIONS, "too many RAM regions");
    out.varint(header.ram().size());
    long total = 0;
    for (RamRegion region : header.ram()) {
      Limits.check(isSound(region), "not a RAM region: " + region);
      total += region.length();
      out.u64(region.start());
      out.u64(region.length());
      out.u64(region.offset());
    }
    Limits.check(total <= Limits.RAM_BYTES, "too much RAM: " + total);
    Strings.encode(header.cpuFeatures(), out);
    out.u64(header.startAddress());
    out.u64(header.recordedAt());
    out.u8(header.deterministic() ? 1 : 0);
    out.u8(header.check() ? 1 : 0);
    return out.toByteArray();
  }

  static TraceHeader decode(BytesIn in) {
    String qemu = in.string(Limits.STRING_BYTES);
    String arch = in.string(Limits.STRING_BYTES);
    int cpus = in.number(MAX_CPUS);
    List<String> commandLine = Strings.decode(in);
    int regions = in.count(Limits.RAM_REGIONS);
    List<RamRegion> ram = new ArrayList<>();
    long total = 0;
    for (int i = 0; i < regions; i++) {
      RamRegion region = new RamRegion(in.u64(), in.u64(), in.u64());
      if (!isSound(region)) {
        throw in.damaged("not a RAM region: " + region);
      }
      total += region.length();
      ram.add(region);
    }
    if (total > Limits.RAM_BYTES) {
      throw in.damaged("too much RAM");
    }
    List<String> features = Strings.decode(in);
    TraceHeader header =
        new TraceHeader(
            qemu,
            arch,
            cpus,
            commandLine,
            List.copyOf(ram),
            features,
            in.u64(),
            in.u64(),
            in.flag(),
            in.flag());
    in.end();
    return header;
  }

  private static boolean isSound(RamRegion region) {
    return (region.start() & PAGE_MASK) == 0
        && (region.length() & PAGE_MASK) == 0
        && region.start() >>> 12 < Limits.FRAMES
        && region.length() > 0
        && region.length() <= Limits.RAM_BYTES
        && region.offset() >= 0;
  }
}
