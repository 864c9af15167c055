package org.chronovisor.view.pane;

import java.awt.Component;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import javax.swing.ListSelectionModel;
import javax.swing.SwingConstants;
import javax.swing.table.AbstractTableModel;
import javax.swing.table.DefaultTableCellRenderer;
import javax.swing.table.TableColumn;
import org.chronovisor.view.ui.Keys;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** A table of values of one kind, a row each; Enter or a double click opens a row. */
public final class RowTable<T> extends JTable {
  private static final long serialVersionUID = 1;

  /**
   * A column.
   *
   * @param key of its title
   * @param width in pixels
   * @param code shown in the font of code
   */
  public record Column<T>(String key, int width, boolean code, Function<T, ?> value) {}

  private final transient List<Column<T>> columns;
  private transient List<T> rows = List.of();
  private transient Predicate<T> muted = row -> false;
  private transient Predicate<T> marked = row -> false;
  private transient Consumer<T> opener = row -> {};
  private String placeholder = "";
  private boolean tinted;

  public RowTable(String accessibleName, List<Column<T>> columns) {
    this.columns = columns;
    setModel(new Model());
    setName(accessibleName);
    getAccessibleContext().setAccessibleName(accessibleName);
    setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    setFillsViewportHeight(true);
    setAutoResizeMode(AUTO_RESIZE_LAST_COLUMN);
    setDefaultRenderer(Object.class, new Renderer());
    getTableHeader().setReorderingAllowed(false);
    ((javax.swing.JLabel) getTableHeader().getDefaultRenderer())
        .setHorizontalAlignment(SwingConstants.LEFT);
    for (int i = 0; i < columns.size(); i++) {
      TableColumn column = getColumnModel().getColumn(i);
      column.setPreferredWidth(columns.get(i).width);
      column.setMinWidth(Math.min(40, columns.get(i).width));
    }
    Keys.bind(this, WHEN_ANCESTOR_OF_FOCUSED_COMPONENT, "ENTER", "open", this::openSelected);
    addMouseListener(
        new MouseAdapter() {
          @Override
          public void mouseClicked(MouseEvent e) {
            if (e.getClickCount() == 2 && rowAtPoint(e.getPoint()) >= 0) {
              openSelected();
            }
          }
        });
  }

  /** What happens when a row is opened. */
  public RowTable<T> onOpen(Consumer<T> action) {
    opener = action;
    return this;
  }

  /** One more entry of the context menu: what it does with the selected row. */
  public RowTable<T> action(String key, Consumer<T> action) {
    javax.swing.JPopupMenu menu = getComponentPopupMenu();
    if (menu == null) {
      menu = new javax.swing.JPopupMenu();
      setComponentPopupMenu(menu);
    }
    menu.add(Strings.get(key))
        .addActionListener(
            e -> {
              T row = selected();
              if (row != null) {
                action.accept(row);
              }
            });
    return this;
  }

  /** The row that a context menu is for is the selected one. */
  @Override
  public java.awt.Point getPopupLocation(MouseEvent event) {
    if (event != null) {
      int row = rowAtPoint(event.getPoint());
      if (row >= 0) {
        setRowSelectionInterval(row, row);
      }
    } else if (getSelectedRow() >= 0) {
      java.awt.Rectangle cell = getCellRect(getSelectedRow(), 0, true);
      return new java.awt.Point(cell.x + 20, cell.y + cell.height);
    }
    return super.getPopupLocation(event);
  }

  /** What is said when there is no row. */
  public RowTable<T> placeholder(String key) {
    placeholder = Strings.get(key);
    return this;
  }

  /** Rows that stand back. */
  public RowTable<T> muted(Predicate<T> which) {
    muted = which;
    return this;
  }

  /** Rows that stand out. */
  public RowTable<T> marked(Predicate<T> which) {
    marked = which;
    return this;
  }

  /** Rows that stand out do so by the colour of changes, not by the one of the position. */
  public RowTable<T> tinted() {
    tinted = true;
    return this;
  }

  void setPlaceholder(String text) {
    placeholder = text;
    repaint();
  }

  /** Shows other rows; the selection stays at its index where it can. */
  public void setRows(List<T> newRows) {
    int selected = getSelectedRow();
    rows = newRows;
    ((AbstractTableModel) getModel()).fireTableDataChanged();
    if (selected >= 0 && selected < rows.size()) {
      setRowSelectionInterval(selected, selected);
    }
  }

  public List<T> rows() {
    return rows;
  }

  /** The selected row, or null. */
  public T selected() {
    int row = getSelectedRow();
    return row < 0 || row >= rows.size() ? null : rows.get(row);
  }

  /** Selects a row and scrolls to it. */
  public void select(int row) {
    if (row >= 0 && row < rows.size()) {
      setRowSelectionInterval(row, row);
      scrollRectToVisible(getCellRect(row, 0, true));
    }
  }

  private void openSelected() {
    T row = selected();
    if (row != null) {
      opener.accept(row);
    }
  }

  /** The table in a scroll pane without a border of its own. */
  public JComponent inScrollPane() {
    JScrollPane pane = new JScrollPane(this);
    pane.setBorder(BorderFactory.createEmptyBorder());
    return pane;
  }

  /** The first table inside a component, or null. */
  public static RowTable<?> in(java.awt.Container container) {
    for (Component child : container.getComponents()) {
      if (child instanceof RowTable<?> table) {
        return table;
      }
      RowTable<?> inside = child instanceof java.awt.Container deeper ? in(deeper) : null;
      if (inside != null) {
        return inside;
      }
    }
    return null;
  }

  /** The rows as comma-separated values (RFC 4180). */
  public String csv() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      text.append(i == 0 ? "" : ",").append(quoted(Strings.get(columns.get(i).key)));
    }
    text.append("\r\n");
    for (T row : rows) {
      for (int i = 0; i < columns.size(); i++) {
        Object value = columns.get(i).value.apply(row);
        text.append(i == 0 ? "" : ",").append(quoted(value == null ? "" : value.toString()));
      }
      text.append("\r\n");
    }
    return text.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    super.paintComponent(graphics);
    if (rows.isEmpty() && !placeholder.isEmpty()) {
      Placeholder.paint((Graphics2D) graphics, this, placeholder);
    }
  }

  private final class Model extends AbstractTableModel {
    private static final long serialVersionUID = 1;

    @Override
    public int getRowCount() {
      return rows == null ? 0 : rows.size();
    }

    @Override
    public int getColumnCount() {
      return columns.size();
    }

    @Override
    public String getColumnName(int column) {
      return Strings.get(columns.get(column).key);
    }

    @Override
    public Object getValueAt(int row, int column) {
      return columns.get(column).value.apply(rows.get(row));
    }
  }

  private final class Renderer extends DefaultTableCellRenderer {
    private static final long serialVersionUID = 1;

    Renderer() {
      putClientProperty("html.disable", true); // texts come from the guest
    }

    @Override
    public Component getTableCellRendererComponent(
        JTable table, Object value, boolean selected, boolean focus, int row, int column) {
      super.getTableCellRendererComponent(table, value, selected, false, row, column);
      Column<T> shown = columns.get(convertColumnIndexToModel(column));
      setHorizontalAlignment(value instanceof Number ? SwingConstants.RIGHT : SwingConstants.LEFT);
      boolean stands = marked.test(rows.get(row));
      setFont(shown.code ? (stands ? Theme.codeBold() : Theme.code()) : table.getFont());
      if (!selected) {
        boolean back = muted.test(rows.get(row));
        setForeground(Theme.color(stands && tinted ? "changed" : back ? "muted" : "foreground"));
        setBackground(
            stands && !tinted ? Theme.color("current.background") : table.getBackground());
      }
      // Swing takes a text for HTML by its first character.
      setToolTipText(value == null || value.toString().isEmpty() ? null : " " + value);
      return this;
    }
  }
}
