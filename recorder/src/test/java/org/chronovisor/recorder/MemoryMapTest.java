package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.chronovisor.memory.RamRegion;
import org.junit.jupiter.api.Test;

class MemoryMapTest {
  @Test
  void takesPlainRamOnlyAndNotWriteProtectedShadow() {
    assertEquals(
        List.of(
            new RamRegion(0, 0xc3000, 0),
            new RamRegion(0xe8000, 0x8000, 0xe8000),
            new RamRegion(0x100000, 0x3f00000, 0x100000)),
        MemoryMap.parse(Texts.read("mtree-pc.txt"), Map.of("chronovisor-ram", 0L)));
  }

  @Test
  void takesTheCpusViewAndRamAboveFourGigabytes() {
    assertEquals(
        List.of(
            new RamRegion(0, 0xa0000, 0),
            new RamRegion(0xcb000, 0x3000, 0xcb000),
            new RamRegion(0xe4000, 0xc000, 0xe4000),
            new RamRegion(0x100000, 0x7ff00000L, 0x100000),
            new RamRegion(0x100000000L, 0x40000000L, 0x80000000L)),
        MemoryMap.parse(Texts.read("mtree-q35.txt"), Map.of("chronovisor-ram", 0L)));
  }

  @Test
  void refusesAMapWithoutOurRam() {
    assertThrows(
        RecordException.class,
        () -> MemoryMap.parse(Texts.read("mtree-pc.txt"), Map.of("other", 0L)));
  }
}
