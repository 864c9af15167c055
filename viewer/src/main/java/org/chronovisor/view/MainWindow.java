package org.chronovisor.view;

import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JFrame;
import javax.swing.JMenu;
import javax.swing.JMenuBar;
import javax.swing.JPanel;
import javax.swing.JTextField;
import javax.swing.JToggleButton;
import javax.swing.JToolBar;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Steps;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.Variables;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.pane.BookmarksPane;
import org.chronovisor.view.pane.BreakpointsPane;
import org.chronovisor.view.pane.CallsPane;
import org.chronovisor.view.pane.ChartsPane;
import org.chronovisor.view.pane.ConsolePane;
import org.chronovisor.view.pane.DisassemblyPane;
import org.chronovisor.view.pane.EventsPane;
import org.chronovisor.view.pane.FindPane;
import org.chronovisor.view.pane.MemoryPane;
import org.chronovisor.view.pane.OriginPane;
import org.chronovisor.view.pane.RegistersPane;
import org.chronovisor.view.pane.RowTable;
import org.chronovisor.view.pane.SourcePane;
import org.chronovisor.view.pane.StackPane;
import org.chronovisor.view.pane.StoryPane;
import org.chronovisor.view.pane.TimelinePane;
import org.chronovisor.view.pane.VariablesPane;
import org.chronovisor.view.pane.ViewerPane;
import org.chronovisor.view.timeline.Timeline;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** The window on a trace: tool bar, panes, status. */
public final class MainWindow {
  private static final Dimension SIZE = new Dimension(1280, 800);

  private final Viewer viewer;
  private final ViewerModel model;
  private final JFrame frame = new JFrame();
  private final Commands commands = new Commands();
  private final InfoBar info = new InfoBar();
  private final StatusBar status;
  private final List<ViewerPane> panes = new ArrayList<>();
  private final Timeline timeline;
  private final Variables variables;
  private final TimelinePane lanes;
  private final DisassemblyPane disassembly;
  private final MemoryPane memory;
  private final BreakpointsPane breakpoints;
  private final BookmarksPane bookmarks;
  private final FindPane find;
  private final ChartsPane charts;
  private final OriginPane origin;
  private final StoryPane story;
  private final Layout layout;
  private final JTextField position = new JTextField(12);
  private final JToggleButton bySource = new JToggleButton();
  private boolean closed;

  /**
   * @param toFailure go to the failure when it is found
   */
  MainWindow(Viewer viewer, ViewerModel model, boolean toFailure) {
    this.viewer = viewer;
    this.model = model;
    List<Path> roots = roots(model.file(), viewer.home().directory());
    SourceFinder sources = new SourceFinder(roots, model.trace().sources());
    variables = new Variables(model.trace(), roots);
    status = new StatusBar(model);
    timeline = new Timeline(model.trace());
    lanes = add(new TimelinePane(model, timeline));
    disassembly = add(new DisassemblyPane(model, sources));
    add(new SourcePane(model, sources, variables));
    add(new RegistersPane(model, this::askOrigin));
    memory = add(new MemoryPane(model, this::askOrigin));
    add(new StackPane(model, address -> model.runTo(address, false), this::askOrigin));
    origin = add(new OriginPane(model));
    add(new CallsPane(model, lanes::show));
    add(new VariablesPane(model, variables));
    add(new ConsolePane(model));
    add(new EventsPane(model));
    story = add(new StoryPane(model));
    breakpoints = add(new BreakpointsPane(model));
    bookmarks = add(new BookmarksPane(model));
    find = add(new FindPane(model, memory));
    charts = add(new ChartsPane(timeline, lanes.range(), breakpoints::shownHits));
    lanes.onRange(charts::changed);
    makeCommands();
    frame.setName("main");
    frame.getRootPane().putClientProperty(MainWindow.class, this);
    frame.setTitle(Strings.get("app.title", model.file().getFileName()));
    frame.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE);
    frame.setSize(SIZE);
    lanes.setHits(breakpoints::shownHits);
    breakpoints.onShown(
        () -> {
          lanes.marksChanged();
          charts.changed();
        });
    timeline.onFailure(e -> java.awt.EventQueue.invokeLater(() -> info.show(e)));
    layout = new Layout(frame, viewer.settings().layoutFile(), panes);
    JPanel north = new JPanel(new BorderLayout());
    north.add(toolBar(), BorderLayout.NORTH);
    north.add(info, BorderLayout.SOUTH);
    JPanel content = new JPanel(new BorderLayout());
    content.add(north, BorderLayout.NORTH);
    content.add(layout.component(), BorderLayout.CENTER);
    content.add(status, BorderLayout.SOUTH);
    frame.setContentPane(content);
    commands.bind(viewer.settings().keymap(), frame.getRootPane());
    frame.setJMenuBar(menuBar());
    layout.restore();
    frame.setLocationRelativeTo(null);
    frame.addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowClosing(WindowEvent e) {
            close();
            viewer.windowClosed();
          }
        });
    model.onFailure(info::show);
    model.onMoment(
        moment -> {
          position.setText(Long.toString(moment.position()));
          commands.update();
        });
    frame.addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowOpened(WindowEvent e) {
            disassembly.focus();
          }
        });
    model.findStory(found -> told(found, toFailure));
    model.refresh();
    timeline.start();
  }

  private <T extends ViewerPane> T add(T pane) {
    panes.add(pane);
    return pane;
  }

  /** Beside the trace, where the program was started, and the samples of the installation. */
  private static List<Path> roots(Path trace, Path home) {
    List<Path> roots = new ArrayList<>();
    Path parent = trace.toAbsolutePath().normalize().getParent();
    if (parent != null) {
      roots.add(parent);
    }
    roots.add(Path.of("").toAbsolutePath());
    roots.add(home.toAbsolutePath());
    return roots;
  }

  private void told(Story found, boolean toFailure) {
    story.show(found);
    if (toFailure && model.position() == model.end()) {
      model.begin(found.position());
    } else {
      model.refresh();
    }
    commands.update();
  }

  private void makeCommands() {
    commands.add("open", Icons.OPEN, this::open);
    commands.add("record", Icons.RECORD, () -> new RecordDialog(frame, viewer).setVisible(true));
    commands.add("close", null, this::closeByUser);
    commands.add("start", Icons.START, () -> model.goTo(0));
    commands.add("end", Icons.END, () -> model.goTo(model.end()));
    commands.add("failure", Icons.FAILURE, this::goToFailure, () -> model.story() != null);
    commands.add("back", Icons.BACK, model::back, () -> model.history().canGoBack());
    commands.add("forward", Icons.FORWARD, model::forward, () -> model.history().canGoForward());
    commands.add("goTo", null, this::focusPosition);
    commands.add("runBack", Icons.RUN_BACK, () -> model.run(false), this::notAtStart);
    commands.add("stepBackOut", Icons.OUT_BACK, this::backOut, this::notAtStart);
    commands.add("stepBackOver", Icons.OVER_BACK, this::backOver, this::notAtStart);
    commands.add("stepBack", Icons.INTO_BACK, this::stepBack, this::notAtStart);
    commands.add("stepInto", Icons.INTO, this::stepInto, this::notAtEnd);
    commands.add("stepOver", Icons.OVER, this::stepOver, this::notAtEnd);
    commands.add("stepOut", Icons.OUT, () -> model.move("out", Steps.out()), this::notAtEnd);
    commands.add("run", Icons.RUN, () -> model.run(true), this::notAtEnd);
    commands.add(
        "runToCursor", null, () -> model.runTo(disassembly.cursorAddress(), true), this::notAtEnd);
    commands.add(
        "runBackToCursor",
        null,
        () -> model.runTo(disassembly.cursorAddress(), false),
        this::notAtStart);
    commands.add("bySource", null, () -> setBySource(!model.isBySource()));
    commands.add("cancel", Icons.STOP, model::cancel, () -> model.running() != null);
    commands.add("find", Icons.FIND, this::find);
    commands.add("bookmark", Icons.BOOKMARK, this::bookmark);
    commands.add("exportPicture", null, this::exportPicture);
    commands.add("exportTable", null, this::exportTable);
    commands.add("exportTrace", null, this::exportTrace);
    commands.add("zoomIn", null, () -> lanes.zoom(0.5));
    commands.add("zoomOut", null, () -> lanes.zoom(2));
    commands.add("fit", Icons.FIT, lanes::fit);
    commands.add("theme", Icons.THEME, this::changeTheme);
    commands.add("keymap", null, this::changeKeymap);
    commands.add("resetLayout", null, () -> layout().first());
    commands.add(
        "palette", Icons.COMMAND, () -> new CommandPalette(frame, commands).setVisible(true));
    for (ViewerPane pane : panes) {
      commands.add("show." + pane.id(), null, () -> layout().show(pane.id()));
    }
  }

  private void askOrigin(String value) {
    layout.show("origin");
    origin.follow(value);
  }

  private Layout layout() {
    return layout;
  }

  private boolean notAtStart() {
    return model.position() > 0;
  }

  private boolean notAtEnd() {
    return model.position() < model.end();
  }

  private void stepInto() {
    model.move("step", Steps.into(model.isBySource()));
  }

  private void stepOver() {
    model.move("over", Steps.over(model.isBySource()));
  }

  private void stepBack() {
    model.move("step", Steps.back(model.isBySource()));
  }

  private void backOver() {
    model.move("backOver", Steps.backOver(model.isBySource()));
  }

  private void backOut() {
    model.move("backOut", Steps.backOut());
  }

  private void goToFailure() {
    layout.show("story");
    model.goTo(model.story().position());
  }

  private void open() {
    Path file = TraceChooser.choose(frame);
    if (file != null) {
      viewer.openChecked(file, info::show);
    }
  }

  /** The chart when it is to be seen, else the timeline. */
  private void exportPicture() {
    Path file = TraceChooser.save(frame, name("") + ".png");
    if (file != null) {
      try {
        if (charts.isShowing()) {
          Exports.chart(charts.chart(), file);
        } else {
          Exports.picture(lanes.picture(), file);
        }
      } catch (IOException e) {
        info.show(Strings.get("error.write", file, e.getMessage()));
      }
    }
  }

  /** The table that has the focus, else the first one to be seen in the lower panes. */
  private void exportTable() {
    RowTable<?> table = shownTable();
    if (table == null) {
      info.show(Strings.get("export.noTable"));
      return;
    }
    Path file = TraceChooser.save(frame, name("-" + table.getName()) + ".csv");
    if (file != null) {
      try {
        Exports.table(table, file);
      } catch (IOException e) {
        info.show(Strings.get("error.write", file, e.getMessage()));
      }
    }
  }

  private RowTable<?> shownTable() {
    if (frame.getMostRecentFocusOwner() instanceof RowTable<?> focused) {
      return focused;
    }
    for (String id : List.of("events", "breakpoints", "find", "bookmarks", "console")) {
      ViewerPane pane = pane(id);
      if (pane.isShowing()) {
        return RowTable.in(pane);
      }
    }
    return null;
  }

  private void exportTrace() {
    Path file = TraceChooser.save(frame, name("") + ".cvt");
    if (file != null) {
      Exports.trace(model, file, () -> info.tell(Strings.get("export.done", file)));
    }
  }

  private String name(String more) {
    return model.file().getFileName().toString().replaceFirst("\\.cvt$", "") + more;
  }

  private void closeByUser() {
    close();
    viewer.windowClosed();
  }

  private void focusPosition() {
    position.requestFocusInWindow();
    position.selectAll();
  }

  private void find() {
    layout.show("find");
    find.focus();
  }

  private void bookmark() {
    layout.show("bookmarks");
    bookmarks.addHere(model.moment() == null ? "" : String.valueOf(model.moment().next().symbol()));
  }

  private void setBySource(boolean on) {
    model.setBySource(on);
    bySource.setSelected(on);
    bySource.setText(Strings.get(on ? "toolbar.source" : "toolbar.instruction"));
  }

  private void changeTheme() {
    boolean dark = !Theme.isDark();
    viewer.settings().setDark(dark);
    Theme.change(dark);
  }

  private void changeKeymap() {
    Keymap next =
        viewer.settings().keymap() == Keymap.INTELLIJ ? Keymap.VISUAL_STUDIO : Keymap.INTELLIJ;
    viewer.settings().setKeymap(next);
    commands.bind(next, frame.getRootPane());
  }

  private JToolBar toolBar() {
    JToolBar bar = new JToolBar();
    bar.setFloatable(false);
    bar.setBorder(BorderFactory.createEmptyBorder(2, 8, 2, 8));
    buttons(bar, "open", "record");
    bar.addSeparator();
    buttons(bar, "start", "runBack", "stepBackOut", "stepBackOver", "stepBack");
    bar.addSeparator();
    buttons(bar, "stepInto", "stepOver", "stepOut", "run", "end");
    bar.addSeparator();
    bySource.setName("toolbar.bySource");
    bySource.setToolTipText(Strings.get("command.bySource"));
    bySource.addActionListener(e -> setBySource(bySource.isSelected()));
    setBySource(false);
    bar.add(bySource);
    bar.addSeparator();
    position.setName("toolbar.position");
    position.setFont(Theme.code());
    position.setToolTipText(Strings.get("command.goTo"));
    position.getAccessibleContext().setAccessibleName(Strings.get("command.goTo"));
    position.setMaximumSize(new Dimension(150, 28));
    position.addActionListener(e -> goTo(position.getText()));
    bar.add(position);
    buttons(bar, "back", "forward", "failure");
    bar.add(javax.swing.Box.createHorizontalGlue());
    buttons(bar, "fit", "bookmark", "find", "palette", "theme");
    return bar;
  }

  private void buttons(JToolBar bar, String... ids) {
    for (String id : ids) {
      Command command = commands.get(id);
      JButton button = bar.add(command);
      button.setName("toolbar." + id);
      button.setText(null);
      button.setFocusable(true);
      button.getAccessibleContext().setAccessibleName(command.title());
    }
  }

  /** Goes to a position as people write it, with separators or not. */
  void goTo(String text) {
    String digits = text.replaceAll("[,_ ]", "");
    if (digits.matches("\\d{1,18}") && Long.parseLong(digits) <= model.end()) {
      model.goTo(Long.parseLong(digits));
    } else {
      info.show(Strings.get("error.position", Texts.position(model.end())));
    }
  }

  private JMenuBar menuBar() {
    JMenuBar bar = new JMenuBar();
    bar.add(
        menu(
            "menu.file",
            "open",
            "record",
            "-",
            "exportPicture",
            "exportTable",
            "exportTrace",
            "-",
            "close"));
    bar.add(
        menu(
            "menu.navigate",
            "goTo",
            "find",
            "-",
            "back",
            "forward",
            "-",
            "start",
            "failure",
            "end",
            "-",
            "bookmark"));
    bar.add(
        menu(
            "menu.run",
            "stepInto",
            "stepOver",
            "stepOut",
            "run",
            "runToCursor",
            "-",
            "stepBack",
            "stepBackOver",
            "stepBackOut",
            "runBack",
            "runBackToCursor",
            "-",
            "bySource",
            "cancel"));
    JMenu view =
        menu(
            "menu.view",
            "zoomIn",
            "zoomOut",
            "fit",
            "-",
            "palette",
            "theme",
            "keymap",
            "resetLayout",
            "-");
    panes.forEach(pane -> view.add(commands.get("show." + pane.id())));
    bar.add(view);
    return bar;
  }

  private JMenu menu(String key, String... ids) {
    JMenu menu = new JMenu(Strings.get(key));
    menu.setMnemonic(menu.getText().charAt(0));
    for (String id : ids) {
      if (id.equals("-")) {
        menu.addSeparator();
      } else {
        menu.add(commands.get(id)).setToolTipText(null);
      }
    }
    return menu;
  }

  public JFrame frame() {
    return frame;
  }

  public ViewerModel model() {
    return model;
  }

  /** The whole run is on the timeline. */
  boolean isSummedUp() {
    return timeline.progress() >= 1;
  }

  /** Runs a command by its name. */
  public void execute(String id) {
    commands.get(id).actionPerformed(null);
  }

  /** A pane by its name. */
  public ViewerPane pane(String id) {
    return panes.stream().filter(pane -> pane.id().equals(id)).findFirst().orElseThrow();
  }

  /** Closes the window and the trace. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    layout.close();
    status.close();
    frame.dispose();
    timeline.close();
    variables.close();
    model.close();
  }
}
