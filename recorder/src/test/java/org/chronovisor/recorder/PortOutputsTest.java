package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.x86.Mode;
import org.junit.jupiter.api.Test;

class PortOutputsTest {
  private static PortOutput of(String hex, Mode mode) {
    return PortOutputs.of(7, HexFormat.of().parseHex(hex), mode, 0x1122334455667788L, 0x9903f8L);
  }

  @Test
  void readsPortSizeAndValue() {
    assertEquals(new PortOutput(7, 0x3f8, 1, 0x88), of("ee", Mode.CODE64));
    assertEquals(new PortOutput(7, 0x3f8, 4, 0x55667788L), of("ef", Mode.CODE64));
    assertEquals(new PortOutput(7, 0x3f8, 2, 0x7788), of("66ef", Mode.CODE32));
    assertEquals(new PortOutput(7, 0x3f8, 2, 0x7788), of("ef", Mode.CODE16));
    assertEquals(new PortOutput(7, 0xf4, 4, 0x55667788L), of("e7f4", Mode.CODE64));
    assertEquals(new PortOutput(7, 0xe9, 1, 0x88), of("e6e9", Mode.CODE32));
  }

  @Test
  void knowsWhatIsNoOutput() {
    assertNull(of("0f30", Mode.CODE64));
    assertNull(of("66", Mode.CODE64));
    assertNull(of("e7", Mode.CODE64));
  }
}
