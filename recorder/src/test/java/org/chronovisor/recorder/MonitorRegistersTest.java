package org.chronovisor.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.Segment;
import org.junit.jupiter.api.Test;

class MonitorRegistersTest {
  @Test
  void readsThe32BitFormatAtAnEntry() {
    MonitorRegisters registers = MonitorRegisters.parse(Texts.read("registers-32.txt"));
    CpuState state = registers.state();
    assertEquals(0x21e0, state.words[3]);
    assertEquals(0x100000, state.words[1]);
    assertEquals(0x6edc, state.words[4]);
    assertEquals(0, state.words[8]);
    assertEquals(0x100000, state.words[CpuState.RIP]);
    assertEquals(0x6, state.words[CpuState.RFLAGS]);
    assertEquals(0x11, state.words[CpuState.CR0]);
    assertEquals(0xc0118, state.words[CpuState.GDT_BASE]);
    assertEquals(0x27, state.words[CpuState.GDT_LIMIT]);
    assertEquals(0x3ff, state.words[CpuState.IDT_LIMIT]);
    assertEquals(new Segment(8, 0, 0xffffffffL, 0x00cf9a00), state.segments[1]);
    assertEquals(new Segment(0, 0, 0xffff, 0x8b00), state.segments[CpuState.TR]);
    assertEquals(0xffff0ff0L, state.words[CpuState.DR6]);
    assertEquals(0x37f, state.words[CpuState.FCW]);
    assertEquals(Mode.CODE32, MonitorRegisters.mode(state));
    assertFalse(registers.halted());
    assertEquals(0, registers.widest());
  }

  @Test
  void readsThe64BitFormat() {
    MonitorRegisters registers = MonitorRegisters.parse(Texts.read("registers-64.txt"));
    CpuState state = registers.state();
    assertEquals(0x107c20, state.words[0]);
    assertEquals(0xbf58476d1ce4e5b9L, state.words[3]);
    assertEquals(0x2d870cd649532c24L, state.words[8]);
    assertEquals(0x2acc969c11045e08L, state.words[15]);
    assertEquals(0x100ffd, state.words[CpuState.RIP]);
    assertEquals(0x46, state.words[CpuState.RFLAGS]);
    assertEquals(0x80010033L, state.words[CpuState.CR0]);
    assertEquals(0x110000, state.words[CpuState.CR3]);
    assertEquals(0x620, state.words[CpuState.CR4]);
    assertEquals(0x500, state.words[CpuState.EFER]);
    assertEquals(0x1fa0, state.words[CpuState.MXCSR]);
    assertEquals(0xf64f47daf64f47daL, state.xmmHigh[0]);
    assertEquals(0xfdbf4d8ef64f47daL, state.xmmLow[0]);
    assertEquals(0x000000100000000fL, state.xmmHigh[15]);
    assertEquals(new Segment(8, 0, 0xffffffffL, 0x00af9b00), state.segments[1]);
    assertEquals(Segment.NULL, state.segments[4]);
    assertEquals(Mode.CODE64, MonitorRegisters.mode(state));
  }

  @Test
  void readsWholeYmmRegisters() {
    String text =
        Texts.read("registers-64.txt")
            .replaceAll("(?m)^XMM.*\\R?", "")
            .concat("YMM00=0000000000000001 0000000000000002 0000000000000003 0000000000000004\n")
            .concat("YMM01=0000000000000000 0000000000000000 0000000000000003 0000000000000004\n")
            .concat("YMM02=0000000000000000 0000000000000002 0000000000000003 0000000000000004\n");
    MonitorRegisters registers = MonitorRegisters.parse(text);
    assertEquals(256, registers.widest());
    assertEquals(1, registers.state().ymmhHigh[0]);
    assertEquals(2, registers.state().ymmhLow[0]);
    assertEquals(0, registers.state().ymmhHigh[2]);
    assertEquals(2, registers.state().ymmhLow[2]);
    assertEquals(3, registers.state().xmmHigh[0]);
    assertEquals(4, registers.state().xmmLow[0]);
  }

  @Test
  void saysWhatIsMissing() {
    RecordException e =
        assertThrows(RecordException.class, () -> MonitorRegisters.parse("EAX=00000000"));
    assertTrue(e.getMessage().contains("info registers"), e.getMessage());
  }
}
