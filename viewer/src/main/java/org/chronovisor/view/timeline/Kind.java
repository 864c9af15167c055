package org.chronovisor.view.timeline;

/** What is counted along a run. */
public enum Kind {
  INTERRUPT,
  IO,
  DEVICE,
  CONSOLE
}
