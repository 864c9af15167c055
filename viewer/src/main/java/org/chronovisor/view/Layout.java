package org.chronovisor.view;

import io.github.andrewauclair.moderndocking.DockableTabPreference;
import io.github.andrewauclair.moderndocking.DockingRegion;
import io.github.andrewauclair.moderndocking.app.Docking;
import io.github.andrewauclair.moderndocking.app.DockingState;
import io.github.andrewauclair.moderndocking.app.LayoutPersistence;
import io.github.andrewauclair.moderndocking.app.RootDockingPanel;
import io.github.andrewauclair.moderndocking.exception.DockingLayoutException;
import io.github.andrewauclair.moderndocking.settings.Settings;
import java.awt.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.swing.JFrame;
import javax.swing.JTabbedPane;
import org.chronovisor.view.pane.ViewerPane;

/** Where the panes are: as the user left them, or as they are at first. */
final class Layout {
  /** Panes behind the console, in this order. */
  private static final List<String> LOWER =
      List.of("memory", "origin", "calls", "events", "breakpoints", "find", "bookmarks", "charts");

  private final JFrame frame;
  private final Path file;
  private final RootDockingPanel root;

  Layout(JFrame frame, Path file, List<ViewerPane> panes) {
    this.frame = frame;
    this.file = file;
    Settings.setTabLayoutPolicy(JTabbedPane.SCROLL_TAB_LAYOUT);
    Settings.setDefaultTabPreference(DockableTabPreference.TOP);
    Docking.initialize(frame);
    root = new RootDockingPanel(frame);
    panes.forEach(Docking::registerDockable);
  }

  Component component() {
    return root;
  }

  /** Puts the panes where they were; else to their first places. */
  void restore() {
    boolean restored = false;
    if (Files.isRegularFile(file)) {
      try {
        DockingState.restoreApplicationLayout(
            LayoutPersistence.loadApplicationLayoutFromFile(file.toFile()));
        restored = Docking.isDocked("timeline");
        if (restored) {
          addNew();
        }
      } catch (IOException | DockingLayoutException | RuntimeException e) {
        restored = false; // of another version, or not a layout at all
      }
    }
    if (!restored) {
      first();
    }
  }

  /** Shows panes that the version which saved the layout did not have. */
  private void addNew() throws IOException {
    String saved = Files.readString(file);
    for (var dockable : Docking.getDockables()) {
      String id = dockable.getPersistentID();
      if (!saved.contains('"' + id + '"') && !Docking.isDocked(id)) {
        show(id);
      }
    }
  }

  /** The places that the panes have at first. */
  void first() {
    for (var dockable : Docking.getDockables()) {
      if (Docking.isDocked(dockable)) {
        Docking.undock(dockable);
      }
    }
    Docking.dock("timeline", frame);
    Docking.dock("source", "timeline", DockingRegion.SOUTH, 0.67);
    Docking.dock("story", "source", DockingRegion.EAST, 0.31);
    Docking.dock("console", "source", DockingRegion.SOUTH, 0.36);
    Docking.dock("disassembly", "source", DockingRegion.EAST, 0.64);
    Docking.dock("registers", "story", DockingRegion.SOUTH, 0.36);
    Docking.dock("variables", "registers", DockingRegion.CENTER);
    Docking.dock("stack", "registers", DockingRegion.CENTER);
    for (String id : LOWER) {
      Docking.dock(id, "console", DockingRegion.CENTER);
    }
    Docking.bringToFront("registers");
    Docking.bringToFront("console");
  }

  /** Shows a pane, wherever it is. */
  void show(String id) {
    if (Docking.isDocked(id)) {
      Docking.bringToFront(id);
    } else if (Docking.isDocked("console")) {
      Docking.dock(id, "console", DockingRegion.CENTER);
    } else {
      Docking.dock(id, frame, DockingRegion.SOUTH);
    }
  }

  void close() {
    try {
      Files.createDirectories(file.getParent());
      LayoutPersistence.saveLayoutToFile(file.toFile(), DockingState.getApplicationLayout());
    } catch (IOException | DockingLayoutException e) {
      // Then the panes are in their first places again.
    }
    Docking.deregisterAllDockables();
    Docking.uninitialize();
  }
}
