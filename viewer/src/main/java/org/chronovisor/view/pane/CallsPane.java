package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.event.HierarchyEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextField;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.calls.Call;
import org.chronovisor.query.calls.CallIndex;
import org.chronovisor.view.model.JobControl;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Keys;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** All calls of the run as a tree; one pass over the run finds them when they are first wanted. */
public final class CallsPane extends ViewerPane {
  private static final long serialVersionUID = 1;

  /** Calls kept; of a longer run the shortest calls are left out. */
  private static final int MOST = 400_000;

  /** Rows of a search. */
  private static final int MOST_FOUND = 10_000;

  private static final int STEP = 16;

  /**
   * A row.
   *
   * @param index in the tree; -1 when a search found it in a pass of its own
   */
  record Row(Call call, int index, int level, boolean opens, boolean open) {}

  private final transient ViewerModel model;
  private final JTextField field = new JTextField(18);
  private final JButton here = new JButton(Strings.get("calls.here"));
  private final JButton walk = new JButton(Strings.get("calls.walk"));
  private final JLabel count = new JLabel(" ");
  private final Set<Integer> expanded = new HashSet<>();
  private final RowTable<Row> table =
      new RowTable<>(
          Strings.get("pane.calls"),
          List.of(
              new RowTable.Column<>("column.function", 330, true, CallsPane::function),
              new RowTable.Column<>("column.entry", 110, true, r -> Texts.position(r.call.entry())),
              new RowTable.Column<>("column.exit", 110, true, CallsPane::exit),
              new RowTable.Column<>(
                  "column.instructions", 110, true, r -> Texts.position(r.call.instructions())),
              new RowTable.Column<>("column.self", 110, true, r -> Texts.position(r.call.self()))));
  private transient CallIndex index;
  private transient JobControl running;
  private boolean asked;

  /**
   * @param zoom hears the first position of a call and the one behind it, to be seen on the
   *     timeline
   */
  public CallsPane(ViewerModel model, BiConsumer<Long, Long> zoom) {
    super("calls");
    this.model = model;
    table.placeholder("calls.none");
    table.marked(row -> CallIndex.isActive(row.call, model.position()));
    table.onOpen(row -> model.goTo(row.call.entry()));
    table.action("calls.goEntry", row -> model.goTo(row.call.entry()));
    table.action("calls.goExit", row -> model.goTo(end(row.call)));
    table.action("calls.zoom", row -> zoom.accept(row.call.entry(), end(row.call)));
    table.action("calls.onlyThis", row -> search(row.call.function()));
    keys();
    add(top(), BorderLayout.NORTH);
    add(table.inScrollPane(), BorderLayout.CENTER);
    model.onMoment(moment -> table.repaint());
    addHierarchyListener(
        e -> {
          boolean shown = (e.getChangeFlags() & HierarchyEvent.SHOWING_CHANGED) != 0;
          if (shown && isShowing() && !asked) {
            walk();
          }
        });
  }

  private JPanel top() {
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8, hidemode 3", "[][][]push[]"));
    field.setName("calls.field");
    field.putClientProperty("JTextField.placeholderText", Strings.get("calls.help"));
    field.putClientProperty("JTextField.showClearButton", true);
    field.getAccessibleContext().setAccessibleName(Strings.get("calls.help"));
    field.addActionListener(e -> search(field.getText()));
    here.setName("calls.here");
    here.setEnabled(false);
    here.addActionListener(e -> showHere());
    walk.setName("calls.walk");
    walk.addActionListener(e -> walk());
    top.add(field);
    top.add(here);
    top.add(walk);
    top.add(count);
    return top;
  }

  private void keys() {
    Keys.bind(
        table,
        WHEN_ANCESTOR_OF_FOCUSED_COMPONENT,
        "RIGHT",
        "expand",
        () -> open(table.selected(), true));
    Keys.bind(
        table,
        WHEN_ANCESTOR_OF_FOCUSED_COMPONENT,
        "LEFT",
        "collapse",
        () -> open(table.selected(), false));
    table.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent e) {
            int at = table.rowAtPoint(e.getPoint());
            if (at >= 0 && e.getButton() == MouseEvent.BUTTON1) {
              Row row = table.rows().get(at);
              int triangle =
                  table.getFontMetrics(Theme.code()).charWidth('0') * 2 * Math.min(40, row.level);
              if (row.opens && e.getX() >= triangle && e.getX() < triangle + STEP + 8) {
                open(row, !row.open);
              }
            }
          }
        });
  }

  private static String function(Row row) {
    String sign = row.opens ? row.open ? "\u25be " : "\u25b8 " : "  ";
    return "  ".repeat(Math.min(40, row.level)) + sign + row.call.function() + kind(row.call);
  }

  private static String kind(Call call) {
    return switch (call.kind()) {
      case INTERRUPT -> "  " + Strings.get("calls.interrupt");
      case TAIL_CALL -> "  " + Strings.get("calls.tail");
      case SYSTEM -> "  " + Strings.get("calls.system");
      default -> "";
    };
  }

  private static String exit(Row row) {
    return row.call.exit() < 0 ? Strings.get("calls.active") : Texts.position(row.call.exit());
  }

  private long end(Call call) {
    return call.exit() < 0 ? model.end() : call.exit();
  }

  /** Walks the run, which may take some seconds; the status bar can stop it. */
  public void walk() {
    asked = true;
    walk.setVisible(false);
    table.setPlaceholder(Strings.get("calls.walking"));
    running =
        model.gather(
            "calls",
            (session, control) -> CallIndex.of(session, MOST, control),
            this::found,
            () -> {
              walk.setVisible(true);
              table.setPlaceholder(Strings.get("calls.stopped"));
            });
  }

  private void found(CallIndex calls) {
    index = calls;
    here.setEnabled(true);
    // Down to where there is a choice.
    List<Integer> level = index.calls(-1);
    while (level.size() == 1) {
      expanded.add(level.get(0));
      level = index.calls(level.get(0));
    }
    showTree();
    showHere();
  }

  private void showTree() {
    table.setRows(visible());
    count.setText(
        index.leftOut() == 0
            ? Strings.get("calls.count", index.size())
            : Strings.get("calls.leftOut", index.size(), index.leftOut(), index.shortest()));
  }

  /** The rows of the tree that are not hidden; a guest's recursion may be deep, so ours is not. */
  private List<Row> visible() {
    List<Row> rows = new ArrayList<>();
    Deque<Iterator<Integer>> levels = new ArrayDeque<>();
    levels.push(index.calls(-1).iterator());
    while (!levels.isEmpty()) {
      if (!levels.peek().hasNext()) {
        levels.pop();
        continue;
      }
      int call = levels.peek().next();
      boolean open = expanded.contains(call);
      rows.add(new Row(index.call(call), call, levels.size() - 1, index.hasCalls(call), open));
      if (open) {
        levels.push(index.calls(call).iterator());
      }
    }
    return rows;
  }

  private void open(Row row, boolean open) {
    if (row == null || row.index < 0) {
      return;
    }
    if (open && row.opens && expanded.add(row.index) || !open && expanded.remove(row.index)) {
      showTree();
      select(row.index);
    } else if (!open && index.caller(row.index) >= 0) {
      select(index.caller(row.index));
    }
  }

  private void select(int call) {
    List<Row> rows = table.rows();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).index == call) {
        table.select(i);
        return;
      }
    }
  }

  /** Opens the tree down to the innermost function active at the present position. */
  public void showHere() {
    if (index == null) {
      return;
    }
    field.setText("");
    int innermost = index.activeAt(model.position());
    for (int i = innermost; i >= 0; i = index.caller(i)) {
      if (i != innermost) {
        expanded.add(i);
      }
    }
    showTree();
    if (innermost >= 0) {
      select(innermost);
    }
  }

  /** Lists the calls of the functions whose name contains a text; all calls as a tree for none. */
  public void search(String text) {
    field.setText(text);
    String wanted = text.strip().toLowerCase(Locale.ROOT);
    if (index == null) {
      return;
    }
    if (wanted.isEmpty()) {
      showTree();
      return;
    }
    if (index.leftOut() == 0) {
      list(index, wanted);
      return;
    }
    if (running != null) {
      running.cancel();
    }
    table.setRows(List.of());
    table.setPlaceholder(Strings.get("calls.walking"));
    running =
        model.gather(
            "calls",
            (session, control) ->
                CallIndex.of(
                    session,
                    MOST_FOUND,
                    name -> name.toLowerCase(Locale.ROOT).contains(wanted),
                    control),
            found -> list(found, wanted),
            this::showTree);
  }

  private void list(CallIndex from, String wanted) {
    List<Row> rows = new ArrayList<>();
    int all = 0;
    for (int i = 0; i < from.size(); i++) {
      if (from.call(i).function().toLowerCase(Locale.ROOT).contains(wanted)) {
        all++;
        if (rows.size() < MOST_FOUND) {
          rows.add(new Row(from.call(i), -1, 0, false, false));
        }
      }
    }
    table.setPlaceholder(Strings.get("calls.notFound", wanted));
    table.setRows(rows);
    count.setText(
        from != index && from.leftOut() > 0
            ? Strings.get("calls.leftOut", all, from.leftOut(), from.shortest())
            : all > rows.size()
                ? Strings.get("calls.first", rows.size(), all)
                : Strings.get("calls.count", all));
  }

  /** The rows shown, for tests. */
  List<Row> rows() {
    return table.rows();
  }

  /** The calls have been walked. */
  public boolean isReady() {
    return index != null;
  }
}
