package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.Watchpoint;

/** The breakpoints and watchpoints of a window. Event thread only. */
public final class Breakpoints {
  private final List<Breakpoint> all = new ArrayList<>();
  private final List<Runnable> listeners = new ArrayList<>();
  private int nextId = 1;

  public List<Breakpoint> all() {
    return List.copyOf(all);
  }

  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  public Breakpoint addBreakpoint(String label, long address) {
    return add(new Breakpoint(nextId++, label, address, null, true));
  }

  public Breakpoint addWatchpoint(String label, Watchpoint watchpoint) {
    return add(new Breakpoint(nextId++, label, watchpoint.address(), watchpoint, true));
  }

  private Breakpoint add(Breakpoint breakpoint) {
    all.add(breakpoint);
    changed();
    return breakpoint;
  }

  public void remove(int id) {
    all.removeIf(breakpoint -> breakpoint.id() == id);
    changed();
  }

  public void setEnabled(int id, boolean on) {
    all.replaceAll(breakpoint -> breakpoint.id() == id ? breakpoint.withEnabled(on) : breakpoint);
    changed();
  }

  /** Removes the breakpoint at an address, or sets one. */
  public void toggle(String label, long address) {
    boolean removed = all.removeIf(b -> !b.isWatch() && b.address() == address);
    if (removed) {
      changed();
    } else {
      addBreakpoint(label, address);
    }
  }

  public boolean isBreakpoint(long address) {
    return all.stream().anyMatch(b -> !b.isWatch() && b.enabled() && b.address() == address);
  }

  List<Long> addresses() {
    return all.stream().filter(b -> b.enabled() && !b.isWatch()).map(Breakpoint::address).toList();
  }

  List<Watchpoint> watchpoints() {
    return all.stream()
        .filter(b -> b.enabled() && b.isWatch())
        .map(Breakpoint::watchpoint)
        .toList();
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }
}
