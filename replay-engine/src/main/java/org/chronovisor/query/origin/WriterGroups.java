package org.chronovisor.query.origin;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.memory.Page;
import org.chronovisor.query.InstructionHistory;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryChange;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.TraceSession;

/** The writers of a value's bytes, those by the same instruction together. */
final class WriterGroups {
  private final TraceSession session;
  private final Cell cell;
  private final MemoryBytes value;
  private final List<Group> groups = new ArrayList<>();
  private final boolean isPartlyInitial;

  /** Bytes that one instruction wrote. */
  static final class Group {
    private final long pc;
    private final List<MemoryChange> changes = new ArrayList<>();
    private final List<Integer> bytes = new ArrayList<>();
    private final MemoryChange[] each;

    Group(long pc, MemoryChange[] each) {
      this.pc = pc;
      this.each = each;
    }

    long pc() {
      return pc;
    }

    List<MemoryChange> changes() {
      return changes;
    }

    int firstByte() {
      return bytes.get(0);
    }

    /** Length of the first run of bytes. */
    int length() {
      int length = 1;
      while (length < bytes.size() && bytes.get(length) == bytes.get(0) + length) {
        length++;
      }
      return length;
    }

    MemoryChange of(int offset) {
      return each[offset];
    }

    MemoryChange newest() {
      MemoryChange newest = changes.get(0);
      for (MemoryChange change : changes) {
        newest = change.position() > newest.position() ? change : newest;
      }
      return newest;
    }
  }

  WriterGroups(
      TraceSession session,
      InstructionHistory history,
      MemoryChange[] each,
      Cell cell,
      MemoryBytes value) {
    this.session = session;
    this.cell = cell;
    this.value = value;
    boolean initial = false;
    for (int i = 0; i < each.length; i++) {
      if (each[i] == null) {
        initial = true;
        continue;
      }
      MemoryChange change = each[i];
      boolean store = change.kind() == MemoryWrite.Kind.STORE && change.interrupted() == null;
      long pc = store ? history.at(change.position()).pc() : -1 - change.position();
      Group group = group(pc, each);
      group.bytes.add(i);
      if (!group.changes.contains(change)) {
        group.changes.add(change);
      }
    }
    isPartlyInitial = initial;
  }

  private Group group(long pc, MemoryChange[] each) {
    for (Group group : groups) {
      if (group.pc == pc) {
        return group;
      }
    }
    Group group = new Group(pc, each);
    groups.add(group);
    return group;
  }

  /**
   * The group to follow: one that wrote over a part of a value that had been stored whole, and of
   * those the one with the most bytes that are not zero.
   */
  Group toFollow() {
    Group best = null;
    for (Group group : groups) {
      if (best == null || better(group, best)) {
        best = group;
      }
    }
    return best;
  }

  private boolean better(Group a, Group b) {
    if (isOriginal(a) != isOriginal(b)) {
      return !isOriginal(a);
    }
    int order = Integer.compare(weight(a), weight(b));
    order = order == 0 ? Integer.compare(a.bytes.size(), b.bytes.size()) : order;
    return order == 0 ? a.newest().position() > b.newest().position() : order > 0;
  }

  /** Whether a group's store covers all of the value, parts of which were written later. */
  private boolean isOriginal(Group group) {
    MemoryChange change = group.newest();
    boolean whole = change.offset() <= 0 && change.offset() + change.size() >= cell.size();
    return whole && (groups.size() > 1 || isPartlyInitial);
  }

  private int weight(Group group) {
    int weight = 0;
    for (int at : group.bytes) {
      weight += value.bytes()[at] != 0 ? 1 : 0;
    }
    return weight;
  }

  /** The other groups, to ask about. */
  List<Step.Alternative> others(Group followed, long position) {
    List<Step.Alternative> others = new ArrayList<>();
    for (Group group : groups) {
      if (group != followed) {
        Cell part = cell.slice(group.firstByte(), group.length());
        String place =
            part.linear() == 0
                ? "phys:0x" + Long.toHexString(part.parts().get(0).physical())
                : "0x" + Long.toHexString(part.linear());
        String name =
            group.length() == 1
                ? "byte " + group.firstByte()
                : "bytes " + group.firstByte() + " to " + (group.firstByte() + group.length() - 1);
        session.seek(position);
        others.add(
            new Step.Alternative(
                name + ", written at " + group.newest().position(),
                place + "," + part.size(),
                position,
                Values.hex(part.value(session)),
                isOriginal(group) ? group.newest().position() : -1));
      }
    }
    return others;
  }

  /** Offset of a value's first byte in the store that wrote it. */
  static int offsetInStore(TraceSession session, long storeLinear, MemoryChange change, Cell cell) {
    long byteAt = cell.parts().get(0).physical();
    long start = session.replayer().cpu().mmu.find(storeLinear);
    if (start >= 0 && start >>> 12 == byteAt >>> 12) {
      return (int) (byteAt - start);
    }
    // The second page of a store over two.
    return Page.SIZE - (int) (storeLinear & (Page.SIZE - 1)) + (int) (byteAt - change.physical());
  }
}
