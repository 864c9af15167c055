package org.chronovisor.view;

import java.awt.EventQueue;
import java.awt.Window;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import javax.swing.SwingUtilities;
import org.chronovisor.trace.TraceReader;
import org.chronovisor.trace.Traces;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** The viewer: a window on one trace at a time, or the welcome window. */
public final class Viewer {
  private final ViewerHome home;
  private final Settings settings;
  private final CountDownLatch closed = new CountDownLatch(1);
  private MainWindow main;
  private WelcomeWindow welcome;

  public Viewer(ViewerHome home) {
    this.home = home;
    settings = new Settings(Settings.userDirectory());
  }

  /** Opens the welcome window. Event thread. */
  public void welcome() {
    Theme.install(settings.isDark());
    welcome = new WelcomeWindow(this);
    welcome.setVisible(true);
  }

  /**
   * Opens a trace.
   *
   * @param at position to show, or -1: the failure
   * @throws org.chronovisor.trace.TraceException when it is none
   */
  public void open(Path file, long at) {
    show(file, Traces.open(file), at);
  }

  /** Opens a window on a trace that is open. Any thread; returns when the window shows. */
  public void show(Path file, TraceReader trace, long at) {
    try {
      Runnable show = () -> showNow(file, trace, at);
      if (EventQueue.isDispatchThread()) {
        show.run();
      } else {
        SwingUtilities.invokeAndWait(show);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void showNow(Path file, TraceReader trace, long at) {
    Theme.install(settings.isDark());
    settings.addRecent(file);
    MainWindow before = main;
    if (before != null) {
      before.close();
    }
    ViewerModel model = new ViewerModel(file, trace, at < 0 ? Long.MAX_VALUE : at);
    main = new MainWindow(this, model, at < 0);
    main.frame().setVisible(true);
    if (welcome != null) {
      welcome.dispose();
      welcome = null;
    }
  }

  /** Opens a trace for a user who picked it: what is wrong is said in a dialog-free place. */
  void openChecked(Path file, java.util.function.Consumer<String> failed) {
    Thread opener =
        new Thread(
            () -> {
              try {
                TraceReader trace = Traces.open(file);
                EventQueue.invokeLater(() -> showNow(file, trace, -1));
              } catch (RuntimeException e) {
                String message = e.getMessage() == null ? e.toString() : e.getMessage();
                EventQueue.invokeLater(
                    () -> failed.accept(Strings.get("error.open", file, message)));
              }
            },
            "open");
    opener.setDaemon(true);
    opener.start();
  }

  ViewerHome home() {
    return home;
  }

  Settings settings() {
    return settings;
  }

  /** The window on a trace, or null. */
  public MainWindow main() {
    return main;
  }

  /** The welcome window, or null. */
  public Window welcomeWindow() {
    return welcome;
  }

  /** A window was closed by the user. */
  void windowClosed() {
    closed.countDown();
  }

  /** Closes the windows. Event thread. */
  public void close() {
    if (main != null) {
      main.close();
      main = null;
    }
    if (welcome != null) {
      welcome.dispose();
      welcome = null;
    }
    closed.countDown();
  }

  /** Waits until the user has closed the last window. */
  public void await() throws InterruptedException {
    closed.await();
  }
}
