package org.chronovisor.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.memory.PhysicalMemory;
import org.chronovisor.memory.RamRegion;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mmu;

/** The guest's RAM itself, seen through the page tables of one of its vCPUs. Not thread-safe. */
final class StackReader implements Closeable {
  private final FileChannel file;
  private List<RamRegion> regions = List.of();
  private PhysicalMemory memory;
  private Mmu mmu;

  StackReader(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.READ);
  }

  /** Where the RAM lies; to be called before anything is read. */
  void place(List<RamRegion> regions) {
    this.regions = regions;
    memory = new PhysicalMemory(regions);
    mmu = new Mmu(memory);
  }

  /** Physical address behind a linear one, or -1. */
  long physical(CpuState state, long linear) {
    look(state);
    return mmu.find(linear);
  }

  /** Bytes at a linear address, as far as they are in RAM. */
  byte[] read(CpuState state, long linear, int length) {
    look(state);
    return mmu.peek(linear, length);
  }

  /** At the RAM as it is now. */
  private void look(CpuState state) {
    memory.reset(this::page);
    mmu.configure(state);
  }

  private byte[] page(long frame) {
    byte[] bytes = new byte[Page.SIZE];
    long physical = frame * Page.SIZE;
    for (RamRegion region : regions) {
      if (region.contains(physical)) {
        ByteBuffer to = ByteBuffer.wrap(bytes);
        try {
          long at = region.offset() + physical - region.start();
          while (to.hasRemaining() && file.read(to, at + to.position()) > 0) {
            // A page is read in one piece but for signals.
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
