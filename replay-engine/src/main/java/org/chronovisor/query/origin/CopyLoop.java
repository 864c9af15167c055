package org.chronovisor.query.origin;

import java.util.Arrays;
import org.chronovisor.query.Effect;
import org.chronovisor.query.Executed;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.MemoryChange;
import org.chronovisor.query.Operand;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/**
 * A loop that copied a value in pieces: one instruction loads a piece, another stores it.
 *
 * @param source the whole value where it was loaded from
 * @param position before which it was there
 */
record CopyLoop(Cell source, long position) {
  /** The loop whose stores made a group of bytes, or null when it is none. */
  static CopyLoop find(
      TraceSession session, InstructionHistory history, WriterGroups.Group group, Cell cell) {
    long start = 0;
    long newest = -1;
    int first = group.firstByte();
    int length = group.length();
    for (int i = first; i < first + length; ) {
      MemoryChange change = group.of(i);
      Piece piece = piece(session, history, change);
      if (piece == null) {
        return null;
      }
      long linear = piece.address + (i - change.offset());
      if (i == first) {
        start = linear;
      } else if (linear != start + i - first) {
        return null;
      }
      newest = Math.max(newest, piece.position);
      i = Math.min(change.offset() + change.size(), first + length);
    }
    session.seek(newest);
    Cell source = Cell.memory(session, start, length);
    byte[] loaded = source.value(session).bytes();
    session.seek(group.newest().position() + 1);
    byte[] stored = cell.slice(first, length).value(session).bytes();
    return Arrays.equals(loaded, stored) ? new CopyLoop(source, newest) : null;
  }

  private record Piece(long address, long position) {}

  /** Where a store's register was loaded from, when it was by a plain load. */
  private static Piece piece(
      TraceSession session, InstructionHistory history, MemoryChange change) {
    Executed store = history.at(change.position());
    Operand register = store.shape() == null ? null : copied(store, Operand.Kind.MEMORY);
    if (register == null || register.kind() == Operand.Kind.CONSTANT) {
      return null;
    }
    if (register.kind() == Operand.Kind.MEMORY) { // movs
      session.seek(change.position());
      return new Piece(new Inputs(session, store.next()).address(register), change.position());
    }
    int bit =
        register.kind() == Operand.Kind.REGISTER
            ? 1 << register.number()
            : 1 << (16 + register.number());
    long at =
        history.lastWriter(
            bit, history.at(change.position()).cpu(), change.position(), ProgressListener.NONE);
    if (at < 0) {
      return null;
    }
    Executed load = history.at(at);
    Operand from = load.shape() == null ? null : copied(load, register.kind());
    if (from == null || from.kind() != Operand.Kind.MEMORY) {
      return null;
    }
    session.seek(at);
    return new Piece(new Inputs(session, load.next()).address(from), at);
  }

  /** What an instruction copies to a kind of place, or null. */
  private static Operand copied(Executed executed, Operand.Kind to) {
    for (Effect effect : executed.shape().effects()) {
      boolean copies = effect.how() == Effect.How.COPY || effect.how() == Effect.How.EXTEND;
      if (copies && effect.to().kind() == to) {
        return effect.from().get(0);
      }
    }
    return null;
  }
}
