package org.chronovisor.view;

import io.github.andrewauclair.moderndocking.DockingRegion;
import io.github.andrewauclair.moderndocking.app.Docking;
import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.Window;
import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.imageio.ImageIO;
import javax.swing.JTable;
import javax.swing.text.JTextComponent;
import org.chronovisor.cli.Main;
import org.chronovisor.query.ConsoleLine;
import org.chronovisor.query.ConsoleQuery;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;
import org.chronovisor.view.model.Hit;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.pane.BookmarksPane;
import org.chronovisor.view.pane.BreakpointsPane;
import org.chronovisor.view.pane.CallsPane;
import org.chronovisor.view.pane.ChartsPane;
import org.chronovisor.view.pane.OriginPane;
import org.chronovisor.view.pane.RowTable;
import org.chronovisor.view.pane.TimelinePane;
import org.chronovisor.view.pane.VariablesPane;

/**
 * A person at a real window: starts the viewer from the command line, clicks and types, and looks
 * at the models. Runs in a process of its own, which has a display; ends with exit code 0 when all
 * was as it should be.
 */
final class WindowScript {
  private static final int PATIENCE_SECONDS = 240;

  private final Path pictures;
  private final Robot robot;
  private final FutureTask<Integer> command;

  private WindowScript(Path pictures, String... arguments) throws Exception {
    this.pictures = Files.createDirectories(pictures);
    robot = new Robot();
    robot.setAutoDelay(10);
    command = new FutureTask<>(() -> Main.execute(arguments));
    Thread thread = new Thread(command, "command line");
    thread.setDaemon(true);
    thread.start();
  }

  @SuppressWarnings("CatchAndPrintStackTrace") // the test that started this JVM reads it
  public static void main(String[] args) {
    int code = 1;
    try {
      Path pictures = Path.of(args[1]);
      switch (args[0]) {
        case "walk" -> new WindowScript(pictures, "view", args[2]).walk();
        case "picture" -> new WindowScript(pictures, "view", args[2]).picture(args[3]);
        case "welcome" -> new WindowScript(pictures, "view").welcome();
        case "record" -> new WindowScript(pictures, "view", args[2]).record(args[3], args[4]);
        default -> throw new IllegalArgumentException(args[0]);
      }
      code = 0;
    } catch (Throwable e) {
      e.printStackTrace();
    }
    Runtime.getRuntime().halt(code);
  }

  /** The failure, a step back, the console, the timeline, a watched value, both looks. */
  private void walk() throws Exception {
    MainWindow window = mainWindow(null);
    ViewerModel model = window.model();
    Story story = model.story();
    check(story.position() == model.position(), "it opens on the failure");
    save("failure-light", window.frame());

    click(named(window.frame(), "disassembly.list"), 200, 60);
    key(KeyEvent.VK_F7, KeyEvent.VK_CONTROL);
    settle(window);
    check(model.position() == story.position() - 1, "Ctrl+F7 takes one instruction back");
    key(KeyEvent.VK_F7);
    settle(window);
    check(model.position() == story.position(), "F7 goes one instruction on");

    clickConsole(window);
    zoom(window);
    watch(window);

    act(() -> window.execute("theme"));
    act(() -> model.goTo(story.culprit().position()));
    settle(window);
    act(() -> window.execute("show.breakpoints"));
    settle(window);
    save("culprit-dark", window.frame());
    origin(window);
    calls(window);
    for (String pane : List.of("memory", "charts", "events", "find", "stack")) {
      act(() -> window.execute("show." + pane));
      settle(window);
      save("pane-" + pane, window.frame());
    }
    variables(window);
    exports(window);
    dock(window);
    accessible(window.frame());
    act(() -> window.execute("close"));
    check(command.get(PATIENCE_SECONDS, TimeUnit.SECONDS) == 0, "the command ends with 0");
  }

  private void clickConsole(MainWindow window) throws Exception {
    act(() -> window.execute("show.console"));
    List<ConsoleLine> lines;
    try (TraceSession session = TraceSession.open(ExampleTrace.file())) {
      lines = ConsoleQuery.lines(session.trace(), ProgressListener.NONE);
    }
    JTable table = RowTable.in(window.pane("console"));
    act(() -> table.scrollRectToVisible(table.getCellRect(0, 0, true)));
    Rectangle cell = ask(() -> table.getCellRect(1, 2, true));
    int character =
        ask(() -> table.getFontMetrics(org.chronovisor.view.ui.Theme.code()).charWidth('0'));
    click(table, cell.x + 6 + 4 * character + character / 2, cell.y + cell.height / 2);
    settle(window);
    check(
        window.model().position() == lines.get(1).positions()[4],
        "a click on a character goes to the instruction that sent it");
  }

  private void zoom(MainWindow window) throws Exception {
    TimelinePane timeline = (TimelinePane) window.pane("timeline");
    Component lanes = named(window.frame(), "timeline.lanes");
    double whole = timeline.range().length();
    Point at = onScreen(lanes, 400, 60);
    robot.mouseMove(at.x, at.y);
    robot.mouseWheel(-6);
    settle(window);
    check(timeline.range().length() < whole / 2, "the wheel zooms into the timeline");
    click(lanes, 600, 60);
    settle(window);
    double part = (600.0 - 118) / (lanes.getWidth() - 118 - 8);
    double clicked = timeline.range().from() + part * timeline.range().length();
    check(
        Math.abs(window.model().position() - clicked) < timeline.range().length() / 100,
        "a click on the timeline goes there");
    act(() -> window.execute("fit"));
    check(timeline.range().isWhole(), "the whole run is shown again");
  }

  private void watch(MainWindow window) throws Exception {
    act(() -> window.execute("show.breakpoints"));
    type(named(window.frame(), "breakpoints.field"), "log_checksum");
    act(() -> window.execute("start"));
    settle(window);
    Component button = named(window.frame(), "breakpoints.watch");
    click(button, button.getWidth() / 2, button.getHeight() / 2);
    settle(window);
    List<Hit> hits = ask(() -> ((BreakpointsPane) window.pane("breakpoints")).shownHits());
    check(hits.size() > 1000, "a watched variable's changes are listed: " + hits.size());
    act(() -> window.execute("run"));
    settle(window);
    check(window.model().position() == hits.get(0).position(), "run stops at the first change");
  }

  /** From a register to where its value came from, and along the chain. */
  private void origin(MainWindow window) throws Exception {
    act(() -> window.execute("failure"));
    settle(window);
    OriginPane pane = (OriginPane) window.pane("origin");
    RowTable<?> registers = RowTable.in(window.pane("registers"));
    act(
        () -> {
          window.execute("show.registers");
          registers.setRowSelectionInterval(0, 0);
          registers.getActionMap().get("open").actionPerformed(null);
        });
    settle(window);
    check(pane.graph() != null, "the origin of rax is shown");
    check(pane.graph().nodes().size() > 2, "it has steps");
    var first = pane.graph().question().below();
    click(named(window.frame(), "origin.graph"), 40, 30);
    key(KeyEvent.VK_DOWN);
    save("pane-origin", window.frame());
    key(KeyEvent.VK_ENTER);
    settle(window);
    check(window.model().position() == first.position(), "Enter on a box goes to its instruction");
  }

  /** The calls of the run; where we are in them. */
  private void calls(MainWindow window) throws Exception {
    CallsPane pane = (CallsPane) window.pane("calls");
    act(() -> window.execute("show.calls"));
    await("calls", pane::isReady);
    act(pane::showHere);
    settle(window);
    save("pane-calls", window.frame());
    act(() -> pane.search("heap"));
    settle(window);
    RowTable<?> table = RowTable.in(pane);
    check(table.rows().size() > 1, "calls are found by a part of a name");
    act(
        () -> {
          table.select(1);
          table.getActionMap().get("open").actionPerformed(null);
        });
    settle(window);
    check(
        String.valueOf(window.model().moment().next().symbol()).contains("heap"),
        "opening a call goes to where it was entered");
  }

  /** Variables, or the reason why there are none: the shipped trace is of another build. */
  private void variables(MainWindow window) throws Exception {
    VariablesPane pane = (VariablesPane) window.pane("variables");
    act(() -> window.execute("show.variables"));
    await("variables", () -> pane.answer() != null);
    var answer = ask(pane::answer);
    check(!answer.values().isEmpty() || answer.reason() != null, "empty without a word");
    settle(window);
    save("pane-variables", window.frame());
  }

  /** Charts as PNG and SVG, a table as CSV, the trace with its bookmarks. */
  private void exports(MainWindow window) throws Exception {
    Path directory = Files.createTempDirectory("chronovisor-export");
    act(() -> window.execute("show.charts"));
    settle(window);
    ChartsPane charts = (ChartsPane) window.pane("charts");
    await("a chart", () -> charts.chart() != null);
    for (ChartsPane.Which which : ChartsPane.Which.values()) {
      act(() -> charts.choose(which));
      Path png = directory.resolve(which + ".png");
      Path svg = directory.resolve(which + ".svg");
      Exports.chart(ask(charts::chart), png);
      Exports.chart(ask(charts::chart), svg);
      check(ImageIO.read(png.toFile()).getWidth() >= 960, "a chart as PNG: " + which);
      var factory = javax.xml.parsers.DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      var drawing = factory.newDocumentBuilder().parse(svg.toFile()).getDocumentElement();
      check(drawing.getTagName().equals("svg"), "a chart as SVG: " + which);
      check(drawing.getElementsByTagName("text").getLength() > 0, "it has words: " + which);
    }
    RowTable<?> table = RowTable.in(window.pane("events"));
    Path csv = directory.resolve("events.csv");
    Exports.table(table, csv);
    check(Files.readAllLines(csv).size() == ask(() -> table.rows().size()) + 1, "a table as CSV");
    act(() -> ((BookmarksPane) window.pane("bookmarks")).addHere("for the report"));
    Path packed = directory.resolve("packed.cvt");
    act(() -> Exports.trace(window.model(), packed, () -> {}));
    settle(window);
    try (var trace = org.chronovisor.trace.Traces.open(packed)) {
      check(trace.bookmarks().contains("for the report"), "bookmarks go with the trace");
    }
  }

  /** A pane somewhere else, closed, shown again, and all back in their places. */
  private void dock(MainWindow window) throws Exception {
    act(() -> Docking.dock("memory", "story", DockingRegion.CENTER));
    settle(window);
    check(ask(() -> window.pane("memory").isShowing()), "a pane is docked elsewhere");
    act(() -> Docking.undock("memory"));
    settle(window);
    check(!ask(() -> window.pane("memory").isShowing()), "a pane is closed");
    act(() -> window.execute("show.memory"));
    settle(window);
    check(ask(() -> window.pane("memory").isShowing()), "it is shown again");
    act(() -> window.execute("resetLayout"));
    settle(window);
    check(ask(() -> window.pane("console").isShowing()), "panes are in their first places");
  }

  /** Everything that takes the focus says what it is. */
  private static void accessible(Container window) throws Exception {
    List<String> missing = new java.util.ArrayList<>();
    act(() -> collectUnnamed(window, missing));
    check(missing.isEmpty(), "all controls have accessible names: " + missing);
  }

  private static void collectUnnamed(Container container, List<String> missing) {
    for (Component child : container.getComponents()) {
      boolean control =
          child instanceof javax.swing.AbstractButton
              || child instanceof JTable
              || child instanceof javax.swing.JList
              || child instanceof javax.swing.JComboBox
              || child instanceof JTextComponent && child.isFocusable();
      if (control && child.isFocusable()) {
        String name = child.getAccessibleContext().getAccessibleName();
        String tip = child.getAccessibleContext().getAccessibleDescription();
        if ((name == null || name.isBlank()) && (tip == null || tip.isBlank())) {
          missing.add(
              child.getClass().getName()
                  + " "
                  + child.getName()
                  + " in "
                  + child.getParent().getClass().getSimpleName());
        }
      }
      boolean closed = child instanceof javax.swing.JScrollBar;
      if (child instanceof Container inner
          && !closed
          && !(child instanceof javax.swing.JComboBox)) {
        collectUnnamed(inner, missing);
      }
    }
  }

  /** One picture of the window at the failure. */
  private void picture(String name) throws Exception {
    MainWindow window = mainWindow(null);
    save(name, window.frame());
  }

  private void welcome() throws Exception {
    await("welcome window", () -> frame("welcome") != null);
    Window welcome = frame("welcome");
    EventQueue.invokeAndWait(() -> {});
    save("welcome", welcome);
    Component button = named(welcome, "welcome.example");
    click(button, button.getWidth() / 2, button.getHeight() / 2);
    MainWindow window = mainWindow(null);
    check(window.model().story().culprit() != null, "the example opens with its story");
  }

  /** Records a sample from the dialog. */
  private void record(String qemu, String directory) throws Exception {
    MainWindow first = mainWindow(null);
    act(() -> first.execute("record"));
    await("record dialog", () -> frame("record") != null);
    Window dialog = frame("record");
    type(named(dialog, "record.command"), qemu);
    type(named(dialog, "record.output"), directory);
    save("record", dialog);
    Component button = named(dialog, "record.start");
    click(button, button.getWidth() / 2, button.getHeight() / 2);
    MainWindow second = mainWindow(first);
    check(second.model().file().equals(Path.of(directory)), "the recorded trace is open");
    check(second.model().end() > 0, "it has instructions");
  }

  /** The window on a trace that is not the old one, with its story told. */
  private MainWindow mainWindow(MainWindow old) throws Exception {
    await("window", () -> window(old) != null && window(old).frame().isShowing());
    MainWindow window = window(old);
    await("story", () -> window.model().story() != null);
    await("timeline", window::isSummedUp);
    settle(window);
    return window;
  }

  private static MainWindow window(MainWindow old) {
    for (Window window : Window.getWindows()) {
      if (window instanceof javax.swing.JFrame frame && window.isDisplayable()) {
        Object main = frame.getRootPane().getClientProperty(MainWindow.class);
        if (main != null && main != old) {
          return (MainWindow) main;
        }
      }
    }
    return null;
  }

  private static Window frame(String name) {
    for (Window window : Window.getWindows()) {
      if (name.equals(window.getName()) && window.isShowing()) {
        return window;
      }
    }
    return null;
  }

  private static Component named(Container container, String name) {
    Component found = find(container, name);
    if (found == null) {
      throw new AssertionError("no component " + name);
    }
    return found;
  }

  private static Component find(Container container, String name) {
    for (Component child : container.getComponents()) {
      if (name.equals(child.getName())) {
        return child;
      }
      Component deeper = child instanceof Container inner ? find(inner, name) : null;
      if (deeper != null) {
        return deeper;
      }
    }
    return null;
  }

  private Point onScreen(Component component, int x, int y) throws Exception {
    Point origin = ask(component::getLocationOnScreen);
    return new Point(origin.x + x, origin.y + y);
  }

  private void click(Component component, int x, int y) throws Exception {
    Point at = onScreen(component, x, y);
    robot.mouseMove(at.x, at.y);
    robot.mousePress(InputEvent.BUTTON1_DOWN_MASK);
    robot.mouseRelease(InputEvent.BUTTON1_DOWN_MASK);
    rest();
  }

  private void key(int key, int... modifiers) throws Exception {
    for (int modifier : modifiers) {
      robot.keyPress(modifier);
    }
    robot.keyPress(key);
    robot.keyRelease(key);
    for (int modifier : modifiers) {
      robot.keyRelease(modifier);
    }
    rest();
  }

  private static void type(Component field, String text) throws Exception {
    act(() -> ((JTextComponent) field).setText(text));
  }

  private static void act(Runnable action) throws Exception {
    EventQueue.invokeAndWait(action);
  }

  private static <T> T ask(Callable<T> question) throws Exception {
    FutureTask<T> task = new FutureTask<>(question);
    EventQueue.invokeAndWait(task);
    return task.get();
  }

  /** Lets the display's events arrive; Robot.waitForIdle takes seconds without a window manager. */
  private static void rest() throws Exception {
    for (int i = 0; i < 4; i++) {
      Thread.sleep(40);
      EventQueue.invokeAndWait(() -> {});
    }
  }

  /** Waits until nothing runs and everything is painted. */
  private void settle(MainWindow window) throws Exception {
    Thread.sleep(150);
    await("idle", window.model()::isIdle);
    rest();
  }

  private void await(String what, BooleanSupplier condition) throws Exception {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      check(System.nanoTime() < limit, "it comes in time: " + what);
      check(!command.isDone() || frame("main") != null, "the command still runs: " + what);
      Thread.sleep(20);
    }
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError("not so: " + what);
    }
  }

  /** A picture of a window as the screen shows it, with all its pixels. */
  private void save(String name, Window window) throws Exception {
    rest();
    Thread.sleep(300);
    var images =
        robot.createMultiResolutionScreenCapture(window.getBounds()).getResolutionVariants();
    BufferedImage image = (BufferedImage) images.get(images.size() - 1);
    try {
      ImageIO.write(image, "png", pictures.resolve(name + ".png").toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
