package org.chronovisor.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.trace.MemoryEvent;
import org.chronovisor.trace.PortOutput;
import org.chronovisor.trace.Symbol;
import org.junit.jupiter.api.Test;

class QueryTest {
  // The comments number the instructions.
  private static final String PROGRAM =
      "c7 05 00200000 11223344" // 0  movl $0x44332211,0x2000
          + "c7 05 00300000 22000000" // 1  movl $0x22,0x3000
          + "c6 05 01200000 33" // 2  movb $0x33,0x2001
          + "90 90 90 90 90" // 3-7
          + "a1 00200000" // 8  mov 0x2000,%eax
          + "e8 02000000" // 9  call f
          + "90" // 13 back here
          + "90" // 14
          // f:
          + "55" // 10 push %ebp
          + "5d" // 11 pop %ebp
          + "c3"; // 12 ret

  private static final int INSTRUCTIONS = 15;
  private static final int SEGMENT = 4;
  private static final long FUNCTION = 0x1000 + 0x1b + 5 + 10 + 2;

  private static TestTrace trace(MemoryEvent... events) {
    return new TestTrace(
        PROGRAM,
        INSTRUCTIONS,
        SEGMENT,
        List.of(events),
        List.of(),
        List.of(
            new Symbol("main", 0x1000, FUNCTION - 0x1000, true),
            new Symbol("f", FUNCTION, 3, true),
            new Symbol("variable", 0x2000, 4, false)));
  }

  private static Optional<MemoryWrite> lastWrite(
      TraceSession session, long before, String address, int length) {
    return LastWriter.find(
        session, before, AddressExpression.parse(address), length, ProgressListener.NONE);
  }

  @Test
  void stateIsThatBeforeTheInstruction() {
    TraceSession session = new TraceSession(trace());
    assertEquals(0, StateQuery.at(session, 8).cpu().words[0]);
    StateQuery.State state = StateQuery.at(session, 9);
    assertEquals(0x44333311, state.cpu().words[0]);
    assertEquals("main", StateQuery.at(session, 0).instruction().symbol());
    assertEquals("f", StateQuery.at(session, 10).instruction().symbol());
    assertEquals("guest.s:1", StateQuery.at(session, 0).source());
    assertNull(StateQuery.at(session, 10).source());
  }

  @Test
  void thereIsNoPositionBehindTheEnd() {
    TraceSession session = new TraceSession(trace());
    QueryException e = assertThrows(QueryException.class, () -> session.seek(INSTRUCTIONS + 1));
    assertEquals("no position 16: the trace has positions 0 to 15", e.getMessage());
  }

  @Test
  void memoryFollowsStores() {
    TraceSession session = new TraceSession(trace());
    AddressExpression variable = AddressExpression.parse("variable");
    assertEquals(0, MemoryQuery.read(session, 0, variable, 4).value(0, 4));
    assertEquals(0x44332211, MemoryQuery.read(session, 1, variable, 4).value(0, 4));
    assertEquals(0x44333311, MemoryQuery.read(session, 3, variable, 4).value(0, 4));
  }

  @Test
  void memoryOutsideRamIsUnknown() {
    TraceSession session = new TraceSession(trace());
    MemoryBytes memory = MemoryQuery.read(session, 0, AddressExpression.parse("0xfffe"), 4);
    assertTrue(memory.isKnown(1));
    assertFalse(memory.isKnown(2));
  }

  @Test
  void aDeviceMakesBytesUnknownUntilTheyAreSeen() {
    MemoryEvent event = new MemoryEvent(6, MemoryEvent.Kind.EXTERNAL, 0, 0x2002, new byte[] {0x55});
    TraceSession session = new TraceSession(trace(event));
    AddressExpression address = AddressExpression.parse("0x2002");
    assertFalse(MemoryQuery.read(session, 5, address, 1).isKnown(0));
    assertTrue(MemoryQuery.read(session, 5, address, 2).isKnown(1));
    assertEquals(0x55, MemoryQuery.read(session, 6, address, 1).value(0, 1));
  }

  @Test
  void findsTheLastStoreBeforeAPosition() {
    TraceSession session = new TraceSession(trace());
    MemoryWrite write = lastWrite(session, 15, "variable", 4).orElseThrow();
    assertEquals(2, write.position());
    assertEquals(0x1014, write.pc());
    assertEquals("main+0x14", write.instruction().symbol());
    assertEquals("guest.s:2", write.source());
    assertEquals(0x44333311, write.value().value(0, 4));
    assertEquals(1, write.storeOffset());
    assertEquals(1, write.storeSize());
    assertTrue(write.isPartial());
  }

  @Test
  void aStoreBesideTheRangeIsNotItsWriter() {
    TraceSession session = new TraceSession(trace());
    assertEquals(0, lastWrite(session, 15, "0x2002", 2).orElseThrow().position());
    assertEquals(0, lastWrite(session, 2, "variable", 4).orElseThrow().position());
  }

  @Test
  void theStoreItselfIsNotBeforeItsOwnPosition() {
    TraceSession session = new TraceSession(trace());
    assertTrue(lastWrite(session, 0, "variable", 4).isEmpty());
    assertEquals(0, lastWrite(session, 1, "variable", 4).orElseThrow().position());
  }

  @Test
  void initialContentHasNoWriter() {
    TraceSession session = new TraceSession(trace());
    assertTrue(lastWrite(session, 15, "0x4000", 8).isEmpty());
    assertTrue(lastWrite(session, 15, "main", 4).isEmpty());
  }

  @Test
  void segmentsThatDidNotWriteThePageAreNotReplayed() {
    TestTrace trace = trace();
    TraceSession session = new TraceSession(trace);
    session.seek(15);
    int[] before = trace.reads.clone();
    lastWrite(session, 15, "variable", 4);
    assertEquals(before[1], trace.reads[1]);
    assertEquals(before[2], trace.reads[2]);
  }

  @Test
  void aDeviceIsAWriterToo() {
    MemoryEvent event = new MemoryEvent(6, MemoryEvent.Kind.EXTERNAL, 0, 0x2002, new byte[] {0x55});
    TraceSession session = new TraceSession(trace(event));
    MemoryWrite write = lastWrite(session, 15, "variable", 4).orElseThrow();
    assertEquals(MemoryWrite.Kind.EXTERNAL, write.kind());
    assertEquals(6, write.position());
    assertEquals(0x44553311, write.value().value(0, 4));
    assertEquals(MemoryWrite.Kind.STORE, lastWrite(session, 5, "variable", 4).get().kind());
  }

  @Test
  void stepsOverACallInBothDirections() {
    TraceSession session = new TraceSession(trace());
    Stepper stepper = new Stepper(session);
    stepper.goTo(9);
    assertTrue(stepper.over(ProgressListener.NONE));
    assertEquals(13, stepper.position());
    stepper.reverseOver(ProgressListener.NONE);
    assertEquals(9, stepper.position());
    stepper.step(1);
    assertEquals(10, stepper.position());
    stepper.step(100);
    assertTrue(stepper.atEnd());
    stepper.back(100);
    assertTrue(stepper.atStart());
  }

  @Test
  void backtraceNamesTheCaller() {
    TraceSession session = new TraceSession(trace());
    List<Backtrace.Frame> frames = Backtrace.at(session, 10);
    assertEquals(2, frames.size());
    assertEquals("f", frames.get(0).symbol());
    assertEquals(0x1025 + 5, frames.get(1).pc());
  }

  @Test
  void consoleLinesHaveThePositionOfTheirFirstCharacter() {
    List<PortOutput> outputs =
        List.of(
            new PortOutput(0, 0x3fb, 1, 0x80), // divisor latch
            new PortOutput(1, 0x3f8, 1, 'X'), // a divisor, not a character
            new PortOutput(2, 0x3fb, 1, 3),
            new PortOutput(3, 0x3f8, 1, 'a'),
            new PortOutput(4, 0xe9, 1, 'd'),
            new PortOutput(5, 0x3f8, 1, 'b'),
            new PortOutput(6, 0x3f8, 1, '\r'),
            new PortOutput(7, 0x3f8, 1, '\n'),
            new PortOutput(8, 0x80, 1, 'z'),
            new PortOutput(9, 0x3f8, 1, 27));
    TestTrace trace = new TestTrace(PROGRAM, INSTRUCTIONS, SEGMENT, List.of(), outputs, List.of());
    List<ConsoleLine> lines = ConsoleQuery.lines(trace, ProgressListener.NONE);
    assertEquals(List.of(3L, 4L, 9L), lines.stream().map(ConsoleLine::position).toList());
    assertEquals(List.of("ab", "d", "\\x1b"), lines.stream().map(ConsoleLine::text).toList());
    assertEquals(2, ConsoleQuery.lines(trace, 5, ProgressListener.NONE).size());
  }
}
