package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Component;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import javax.swing.JTextField;
import javax.swing.SwingConstants;
import javax.swing.Timer;
import javax.swing.table.AbstractTableModel;
import javax.swing.table.DefaultTableCellRenderer;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.query.LastWriter;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.NotMappedException;
import org.chronovisor.query.Stop;
import org.chronovisor.query.StopSearch;
import org.chronovisor.query.TraceSession;
import org.chronovisor.query.Watchpoint;
import org.chronovisor.symbols.AddressExpression;
import org.chronovisor.view.model.JobControl;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.Probe;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Memory in hexadecimal digits; a byte can be followed to its last and next write. */
public final class MemoryPane extends ViewerPane {
  private static final long serialVersionUID = 1;
  static final int ROW = 16;
  private static final int ROWS = 4096;
  private static final int ASCII = ROW + 1;
  private static final int WORD = 8;

  private final transient ViewerModel model;
  private final transient Consumer<String> origin;
  private final JTextField field = new JTextField("$rsp", 18);
  private final JLabel status = new JLabel(" ");
  private final Bytes bytes = new Bytes();
  private final JTable table = new JTable(bytes);
  private final Timer scrolled = new Timer(60, e -> refresh());
  private final transient Probe<HexPage> probe = this::read;

  /** What the view wants: read on the worker's thread. */
  private volatile long wantedBase;

  private volatile boolean physical;
  private volatile int wantedFrom;
  private volatile int wantedLength = 64 * ROW;
  private transient HexPage page;
  private transient HexPage previous;

  /**
   * @param origin hears the bytes whose origin is asked for
   */
  public MemoryPane(ViewerModel model, Consumer<String> origin) {
    super("memory");
    this.model = model;
    this.origin = origin;
    add(top(), BorderLayout.NORTH);
    JScrollPane scroll = new JScrollPane(table);
    scroll.setBorder(BorderFactory.createEmptyBorder());
    add(scroll, BorderLayout.CENTER);
    style();
    scrolled.setRepeats(false);
    scroll.getViewport().addChangeListener(e -> wantVisible());
    model.addProbe(probe);
    model.onMoment(this::show);
  }

  private JPanel top() {
    JPanel top = new JPanel(new MigLayout("insets 4 8 4 8", "[][grow 0][][][]push[]"));
    JLabel label = new JLabel(Strings.get("memory.address"));
    label.setLabelFor(field);
    field.setName("memory.address");
    field.setFont(Theme.code());
    field.setToolTipText(Strings.get("memory.address.help"));
    field.addActionListener(e -> goTo(field.getText()));
    JButton last = new JButton(Strings.get("memory.lastWrite"));
    last.setName("memory.lastWrite");
    last.addActionListener(e -> lastWrite());
    JButton next = new JButton(Strings.get("memory.nextWrite"));
    next.setName("memory.nextWrite");
    next.addActionListener(e -> nextWrite());
    top.add(label);
    top.add(field);
    top.add(last);
    top.add(next);
    JButton from = new JButton(Strings.get("memory.origin"));
    from.setName("memory.origin");
    from.addActionListener(e -> origin());
    top.add(from);
    top.add(status);
    return top;
  }

  private void style() {
    table.setName("memory.table");
    table.getAccessibleContext().setAccessibleName(title());
    table.setCellSelectionEnabled(true);
    table.setAutoResizeMode(JTable.AUTO_RESIZE_OFF);
    table.setRowHeight(19);
    table.setTableHeader(null);
    table.setFillsViewportHeight(true);
    table.setDefaultRenderer(Object.class, new Cell());
    int character = table.getFontMetrics(Theme.code()).charWidth('0');
    for (int i = 0; i <= ASCII; i++) {
      int characters = i == 0 ? 21 : i == ASCII ? ROW + 3 : 2;
      int gap = i == 0 || i == ASCII ? 8 : (i - 1) % WORD == 0 ? 14 : 8;
      table.getColumnModel().getColumn(i).setPreferredWidth(characters * character + gap);
      table.getColumnModel().getColumn(i).setMinWidth(8);
    }
    table.setIntercellSpacing(new java.awt.Dimension(0, 0));
    status.setFont(Theme.small());
    table.addMouseListener(
        new MouseAdapter() {
          @Override
          public void mousePressed(MouseEvent e) {
            popup(e);
          }

          @Override
          public void mouseReleased(MouseEvent e) {
            popup(e);
          }
        });
  }

  private void popup(MouseEvent e) {
    if (!e.isPopupTrigger()) {
      return;
    }
    int row = table.rowAtPoint(e.getPoint());
    int column = table.columnAtPoint(e.getPoint());
    if (!table.isCellSelected(row, column)) {
      table.changeSelection(row, column, false, false);
    }
    JPopupMenu menu = new JPopupMenu();
    menu.add(Strings.get("memory.lastWrite")).addActionListener(a -> lastWrite());
    menu.add(Strings.get("memory.nextWrite")).addActionListener(a -> nextWrite());
    menu.add(Strings.get("origin.menu")).addActionListener(a -> origin());
    menu.add(Strings.get("memory.follow")).addActionListener(a -> followPointer());
    menu.add(Strings.get("memory.watch")).addActionListener(a -> watch());
    menu.show(table, e.getX(), e.getY());
  }

  /** Shows memory at an address expression, evaluated at the present position. */
  public void goTo(String expression) {
    field.setText(expression);
    model.move(
        "memory",
        (session, control) -> {
          AddressExpression parsed = AddressExpression.parse(expression);
          wantedBase = session.evaluate(parsed) & -ROW;
          physical = parsed.physical();
          wantedFrom = 0;
          return session.replayer().position();
        });
    table.scrollRectToVisible(table.getCellRect(0, 0, true));
  }

  private void wantVisible() {
    var visible = table.getVisibleRect();
    int first = Math.max(0, table.rowAtPoint(visible.getLocation()));
    int count = visible.height / table.getRowHeight() + 2;
    if (page == null) {
      return;
    }
    long from = wantedBase + (long) first * ROW;
    boolean inside =
        page.index(from) >= 0
            && page.index(Math.min(from + (long) count * ROW, wantedBase + (long) ROWS * ROW) - 1)
                >= 0;
    if (!inside) {
      wantedFrom = Math.max(0, first - 32) * ROW;
      wantedLength = (count + 64) * ROW;
      scrolled.restart();
    }
  }

  private void refresh() {
    model.refresh();
  }

  private HexPage read(TraceSession session) {
    long position = session.replayer().position();
    if (wantedBase == 0) {
      wantedBase = session.replayer().cpu().r[4] & -ROW;
    }
    long base = wantedBase;
    long from = base + wantedFrom;
    AddressExpression address = expression(from);
    try {
      return new HexPage(
          base, position, MemoryQuery.read(session, position, address, wantedLength));
    } catch (NotMappedException e) {
      byte[] states = new byte[wantedLength];
      Arrays.fill(states, MemoryBytes.UNMAPPED);
      return new HexPage(
          base, position, new MemoryBytes(from, false, new byte[wantedLength], states));
    }
  }

  private AddressExpression expression(long address) {
    return AddressExpression.parse((physical ? "phys:" : "") + Texts.hex(address));
  }

  private void show(Moment moment) {
    HexPage now = moment.answer(probe);
    if (now == null) {
      return;
    }
    if (page == null || page.position() != now.position()) {
      previous = page;
    }
    page = now;
    table.repaint();
    wantVisible();
    String symbol = model.names().symbols().name(now.base());
    status.setText(symbol == null ? " " : symbol);
  }

  /** The selected bytes as an address and a length; the first byte shown when none is. */
  private Selection selection() {
    int[] rows = table.getSelectedRows();
    int[] columns = table.getSelectedColumns();
    if (rows.length == 0 || columns.length == 0) {
      return new Selection(wantedBase, 1);
    }
    int from = Math.max(1, Math.min(columns[0], ROW));
    int to = Math.max(1, Math.min(columns[columns.length - 1], ROW));
    long start = wantedBase + (long) rows[0] * ROW + from - 1;
    long end = wantedBase + (long) rows[rows.length - 1] * ROW + to;
    return new Selection(start, (int) Math.max(1, Math.min(end - start, 4096)));
  }

  private record Selection(long address, int length) {}

  /** Goes to the last write of the selected bytes. */
  public void lastWrite() {
    Selection selection = selection();
    long before = model.position();
    model.ask(
        "lastWrite",
        (session, control) ->
            LastWriter.find(
                session, before, expression(selection.address), selection.length, control),
        this::written);
  }

  private void written(Optional<MemoryWrite> write) {
    if (write.isPresent()) {
      model.goTo(write.get().position());
      status.setText(
          write.get().kind() == MemoryWrite.Kind.STORE
              ? Strings.get("memory.wrote", write.get().value().hex())
              : write.get().kind().description());
    } else {
      status.setText(Strings.get("memory.neverWritten"));
    }
  }

  /** Goes behind the next change of the selected bytes. */
  public void nextWrite() {
    Selection selection = selection();
    long from = model.position();
    model.ask(
        "nextWrite",
        (session, control) -> nextChange(session, control, from, selection),
        stop -> {
          if (stop.reason() == Stop.Reason.WATCHPOINT) {
            model.goTo(stop.position());
          } else {
            status.setText(Strings.get("memory.neverChanged"));
          }
        });
  }

  private static Stop nextChange(
      TraceSession session, JobControl control, long from, Selection selection) {
    session.seek(from);
    StopSearch search = new StopSearch(session);
    search.setCancelled(control::isCancelled);
    search.stopAt(
        java.util.List.of(),
        java.util.List.of(Watchpoint.at(session, selection.address, selection.length)));
    return search.forwards();
  }

  /** Asks where the selected bytes came from. */
  public void origin() {
    Selection selection = selection();
    String bytes = OriginPane.expression(selection.address, selection.length);
    origin.accept((physical ? "phys:" : "") + bytes);
  }

  /** Shows the memory that the eight bytes at the selection point to. */
  public void followPointer() {
    int at = page == null ? -1 : page.index(selection().address);
    if (at < 0 || at + WORD > page.bytes().length() || !page.bytes().isKnown(at, WORD)) {
      status.setText(Strings.get("memory.noPointer"));
      return;
    }
    goTo(Texts.hex(page.bytes().value(at, WORD)));
  }

  /** Sets a watchpoint on the selected bytes. */
  public void watch() {
    Selection selection = selection();
    long position = model.position();
    model.ask(
        "watch",
        (session, control) -> {
          session.seek(position);
          return Watchpoint.at(session, selection.address, selection.length);
        },
        watchpoint -> {
          String symbol = model.names().symbols().name(selection.address);
          String name = symbol == null ? Texts.hex(selection.address) : symbol;
          model.breakpoints().addWatchpoint(name + "," + selection.length, watchpoint);
        });
  }

  /** Selects bytes of one row. */
  void select(long address, int length) {
    int row = (int) ((address - wantedBase) / ROW);
    int column = 1 + (int) ((address - wantedBase) % ROW);
    table.changeSelection(row, column, false, false);
    table.setColumnSelectionInterval(column, Math.min(ROW, column + length - 1));
  }

  HexPage page() {
    return page;
  }

  private final class Bytes extends AbstractTableModel {
    private static final long serialVersionUID = 1;

    @Override
    public int getRowCount() {
      return ROWS;
    }

    @Override
    public int getColumnCount() {
      return ROW + 2;
    }

    @Override
    public Object getValueAt(int row, int column) {
      long address = wantedBase + (long) row * ROW;
      if (column == 0) {
        return "0x" + Texts.hex16(address);
      }
      if (column == ASCII) {
        return ascii(address);
      }
      int index = page == null ? -1 : page.index(address + column - 1);
      return index < 0 ? "\u00b7\u00b7" : page.bytes().cell(index);
    }

    private String ascii(long address) {
      StringBuilder text = new StringBuilder(" ");
      for (int i = 0; i < ROW; i++) {
        int index = page == null ? -1 : page.index(address + i);
        text.append(index < 0 ? ' ' : page.bytes().character(index));
      }
      return text.toString();
    }
  }

  private final class Cell extends DefaultTableCellRenderer {
    private static final long serialVersionUID = 1;

    @Override
    public Component getTableCellRendererComponent(
        JTable owner, Object value, boolean selected, boolean focus, int row, int column) {
      super.getTableCellRendererComponent(owner, value, selected, false, row, column);
      setFont(Theme.code());
      setHorizontalAlignment(
          column == 0 || column == ASCII ? SwingConstants.LEFT : SwingConstants.RIGHT);
      int left = column == 0 ? 8 : 0;
      setBorder(BorderFactory.createEmptyBorder(0, left, 0, column == ASCII ? 0 : 4));
      setToolTipText(null);
      if (!selected) {
        colour(row, column, owner.getBackground());
      }
      return this;
    }

    private void colour(int row, int column, Color plain) {
      setBackground(plain);
      setForeground(Theme.color(column == 0 ? "address" : "foreground"));
      if (column == 0 || column == ASCII || page == null) {
        return;
      }
      long address = wantedBase + (long) row * ROW + column - 1;
      int index = page.index(address);
      if (index < 0) {
        setForeground(Theme.color("muted"));
      } else if (!page.bytes().isKnown(index)) {
        setForeground(Theme.color("unknown"));
        setBackground(Theme.color("unknown.background"));
        setToolTipText(
            Strings.get(page.bytes().isMapped(index) ? "memory.unknown" : "memory.unmapped"));
      } else if (changed(address, index)) {
        setForeground(Theme.color("changed"));
        setBackground(Theme.color("changed.background"));
        setFont(Theme.codeBold());
      }
    }

    private boolean changed(long address, int index) {
      int old = previous == null ? -1 : previous.index(address);
      return old >= 0
          && previous.bytes().isKnown(old)
          && previous.bytes().bytes()[old] != page.bytes().bytes()[index];
    }
  }
}
