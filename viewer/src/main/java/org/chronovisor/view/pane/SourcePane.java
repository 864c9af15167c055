package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.event.MouseEvent;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JFileChooser;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.Timer;
import javax.swing.ToolTipManager;
import javax.swing.text.BadLocationException;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.view.model.CallScope;
import org.chronovisor.view.model.ExecutedInstruction;
import org.chronovisor.view.model.JobControl;
import org.chronovisor.view.model.LineCounts;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.Variables;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;
import org.fife.ui.rsyntaxtextarea.RSyntaxTextArea;
import org.fife.ui.rsyntaxtextarea.SyntaxConstants;
import org.fife.ui.rtextarea.RTextScrollPane;

/** The source file of the position, its line marked, the lines just executed shaded. */
public final class SourcePane extends ViewerPane {
  private static final long serialVersionUID = 1;

  /** Runs up to this length are counted without being asked. */
  private static final long COUNTED = 100_000_000;

  private static final int SETTLED_MILLIS = 150;

  private final transient ViewerModel model;
  private final transient SourceFinder sources;
  private final Area area = new Area();
  private final RTextScrollPane scroll = new RTextScrollPane(area);
  private final JLabel caption = new JLabel(" ");
  private String shownFile;
  private transient SourceLine shownLine;
  private final transient Variables variables;
  private final CountGutter gutter = new CountGutter(area);
  private final JButton count = new JButton(Strings.get("source.countLines"));
  private final Timer settled = new Timer(SETTLED_MILLIS, e -> look());
  private transient LineCounts counts;
  private transient CallScope scope;
  private transient JobControl looking;
  private boolean counting;

  public SourcePane(ViewerModel model, SourceFinder sources, Variables variables) {
    super("source");
    this.model = model;
    this.sources = sources;
    this.variables = variables;
    area.setName("source.text");
    area.getAccessibleContext().setAccessibleName(title());
    area.setEditable(false);
    area.setCodeFoldingEnabled(false);
    area.setHighlightCurrentLine(false);
    area.setTabSize(4);
    area.setPopupMenu(null);
    area.setComponentPopupMenu(menu());
    scroll.setBorder(BorderFactory.createEmptyBorder());
    scroll.setIconRowHeaderEnabled(true);
    caption.setBorder(BorderFactory.createEmptyBorder(3, 8, 3, 8));
    caption.putClientProperty("html.disable", true); // a name from the guest's file
    count.setName("source.count");
    count.putClientProperty("JButton.buttonType", "borderless");
    count.setToolTipText(Strings.get("source.countLines.help"));
    count.addActionListener(e -> countLines());
    JPanel top = new JPanel(new BorderLayout());
    top.add(caption, BorderLayout.CENTER);
    top.add(count, BorderLayout.EAST);
    add(top, BorderLayout.NORTH);
    JPanel rows = new JPanel(new BorderLayout());
    rows.add(gutter, BorderLayout.WEST);
    rows.add(scroll.getGutter(), BorderLayout.CENTER);
    scroll.setRowHeaderView(rows);
    settled.setRepeats(false);
    ToolTipManager.sharedInstance().registerComponent(area);
    add(scroll, BorderLayout.CENTER);
    style();
    Theme.onChange(this, this::restyle);
    model.onMoment(this::show);
  }

  private JPopupMenu menu() {
    JPopupMenu menu = new JPopupMenu();
    menu.add(Strings.get("menu.runTo")).addActionListener(e -> runTo(true));
    menu.add(Strings.get("menu.runBackTo")).addActionListener(e -> runTo(false));
    menu.add(Strings.get("menu.toggleBreakpoint")).addActionListener(e -> toggleBreakpoint());
    menu.addSeparator();
    menu.add(Strings.get("menu.sourceRoot")).addActionListener(e -> chooseRoot());
    return menu;
  }

  private List<Long> addresses() {
    return shownFile == null
        ? List.of()
        : model.names().lines().addresses(shownFile, area.getCaretLineNumber() + 1);
  }

  /** Runs to the line of the caret, the nearest time it is executed. */
  public void runTo(boolean forwards) {
    List<Long> addresses = addresses();
    if (!addresses.isEmpty()) {
      model.runTo(addresses.get(0), forwards);
    }
  }

  private void toggleBreakpoint() {
    List<Long> addresses = addresses();
    if (!addresses.isEmpty()) {
      String label = Texts.fileName(shownFile) + ":" + (area.getCaretLineNumber() + 1);
      model.breakpoints().toggle(label, addresses.get(0));
    }
  }

  /** Counts how often each line was executed. */
  public void countLines() {
    counting = true;
    count.setVisible(false);
    model.countLines(
        found -> {
          counts = found;
          showCounts();
        },
        () -> count.setVisible(true));
  }

  private void showCounts() {
    gutter.show(counts());
  }

  /** Executions of the lines of the file shown. */
  Map<Integer, Long> counts() {
    return counts == null || shownFile == null ? Map.of() : counts.of(shownFile);
  }

  /** What the present call has executed; null while it is not known. */
  CallScope scope() {
    return scope;
  }

  /** The position has been the same for a while. */
  private void look() {
    Moment moment = model.moment();
    if (moment == null || shownFile == null || !isShowing()) {
      return;
    }
    Story failure = model.failureAt(moment);
    long pc = failure == null ? moment.next().pc() : failure.instruction().pc();
    looking =
        model.look(
            moment.position(),
            pc,
            found -> {
              if (model.position() == moment.position() && shownLine != null && found.isPresent()) {
                scope = found.get();
                mark(moment, shownLine, failure != null, false);
              }
            });
  }

  private void chooseRoot() {
    JFileChooser chooser = new JFileChooser();
    chooser.setFileSelectionMode(JFileChooser.DIRECTORIES_ONLY);
    chooser.setDialogTitle(Strings.get("menu.sourceRoot"));
    if (chooser.showOpenDialog(this) == JFileChooser.APPROVE_OPTION) {
      sources.addRoot(chooser.getSelectedFile().toPath());
      restyle();
    }
  }

  private void restyle() {
    style();
    shownFile = null;
    if (model.moment() != null) {
      show(model.moment());
    }
  }

  private void style() {
    String name = Theme.isDark() ? "dark" : "idea";
    try (var in =
        RSyntaxTextArea.class.getResourceAsStream(
            "/org/fife/ui/rsyntaxtextarea/themes/" + name + ".xml")) {
      org.fife.ui.rsyntaxtextarea.Theme.load(in, Theme.code()).apply(area);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Font font = Theme.code();
    area.setFont(font);
    area.setBackground(Theme.color("background"));
    area.setHighlightCurrentLine(false);
    scroll.getGutter().setBackground(Theme.color("background"));
    scroll.getGutter().setBorderColor(Theme.color("rule"));
    scroll.getGutter().setLineNumberColor(Theme.color("muted"));
    scroll.getGutter().setLineNumberFont(font);
    scroll.getGutter().setIconRowHeaderInheritsGutterBackground(true);
    caption.setFont(Theme.small());
    caption.setForeground(Theme.color("muted"));
  }

  private void show(Moment moment) {
    if (looking != null) {
      looking.cancel();
    }
    scope = null;
    settled.restart();
    Story failure = model.failureAt(moment);
    Optional<SourceLine> line =
        failure == null
            ? moment.line()
            : model.names().lines().at(failure.instruction().pc()).or(moment::line);
    shownLine = line.orElse(null);
    if (line.isEmpty()) {
      placeholder(Strings.get("source.none"));
      return;
    }
    String file = line.get().file();
    if (!file.equals(shownFile)) {
      Optional<String> text = sources.text(file);
      if (text.isEmpty()) {
        placeholder(Strings.get("source.missing", line.get()));
        return;
      }
      area.placeholder = null;
      area.setSyntaxEditingStyle(syntax(file));
      area.setText(text.get());
      area.discardAllEdits();
      shownFile = file;
      showCounts();
      if (!counting && model.end() <= COUNTED) {
        countLines();
      }
    }
    String place = file + ":" + line.get().line();
    caption.setText(sources.isEmbedded(file) ? Strings.get("source.embedded", place) : place);
    caption.setToolTipText(" " + caption.getText());
    mark(moment, line.get(), failure != null, true);
  }

  private void placeholder(String text) {
    shownFile = null;
    area.setText("");
    area.removeAllLineHighlights();
    scroll.getGutter().removeAllTrackingIcons();
    area.placeholder = text;
    caption.setText(" ");
    showCounts();
    area.repaint();
  }

  private void mark(Moment moment, SourceLine current, boolean failed, boolean move) {
    area.removeAllLineHighlights();
    scroll.getGutter().removeAllTrackingIcons();
    try {
      Set<Integer> executed = new HashSet<>();
      String function =
          function(failed ? model.story().instruction().symbol() : moment.next().symbol());
      for (ExecutedInstruction instruction : moment.path()) {
        model
            .names()
            .lines()
            .at(instruction.view().pc())
            .filter(line -> instruction.executed() && line.file().equals(current.file()))
            .filter(line -> function(instruction.view().symbol()).equals(function))
            .ifPresent(line -> executed.add(line.line()));
      }
      if (scope != null && scope.file().equals(current.file())) {
        executed.addAll(scope.lines());
      }
      executed.remove(current.line());
      for (int line : executed) {
        highlight(line, Theme.color("executed.background"));
      }
      highlight(current.line(), Theme.color(failed ? "error.background" : "current.background"));
      if (current.line() <= area.getLineCount()) {
        scroll
            .getGutter()
            .addLineTrackingIcon(current.line() - 1, failed ? Icons.FAILURE : Icons.ARROW);
        if (move) {
          int offset = area.getLineStartOffset(current.line() - 1);
          area.setCaretPosition(offset);
          java.awt.EventQueue.invokeLater(() -> center(offset));
        }
      }
    } catch (BadLocationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String function(String symbol) {
    int plus = symbol == null ? -1 : symbol.lastIndexOf("+0x");
    return plus < 0 ? String.valueOf(symbol) : symbol.substring(0, plus);
  }

  private void highlight(int line, Color color) throws BadLocationException {
    if (line >= 1 && line <= area.getLineCount()) {
      area.addLineHighlight(line - 1, color);
    }
  }

  private void center(int offset) {
    java.awt.geom.Rectangle2D at;
    try {
      at = area.modelToView2D(Math.min(offset, area.getDocument().getLength()));
    } catch (BadLocationException e) {
      return; // another file is shown by now
    }
    Rectangle visible = area.getVisibleRect();
    if (at != null && visible.height > 0) {
      double line = at.getHeight();
      if (at.getY() < visible.y + 2 * line || at.getY() > visible.y + visible.height - 3 * line) {
        int y = (int) Math.max(0, at.getY() - visible.height / 2.5);
        area.scrollRectToVisible(new Rectangle(0, y, 1, visible.height));
      }
    }
  }

  private static String syntax(String file) {
    String end = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (end) {
      case "c", "h" -> SyntaxConstants.SYNTAX_STYLE_C;
      case "cc", "cpp", "cxx", "hpp", "hh" -> SyntaxConstants.SYNTAX_STYLE_CPLUSPLUS;
      case "s", "asm" -> SyntaxConstants.SYNTAX_STYLE_ASSEMBLER_X86;
      case "rs" -> SyntaxConstants.SYNTAX_STYLE_RUST;
      case "go" -> SyntaxConstants.SYNTAX_STYLE_GO;
      case "py" -> SyntaxConstants.SYNTAX_STYLE_PYTHON;
      default -> SyntaxConstants.SYNTAX_STYLE_NONE;
    };
  }

  /** The line marked, or null. */
  SourceLine shownLine() {
    return shownLine;
  }

  /** A text area that says why it is empty. */
  private final class Area extends RSyntaxTextArea {
    private static final long serialVersionUID = 1;

    /** What was last pointed at, where, and its value once it is known. */
    private String pointed;

    private long pointedAt = -1;
    private String value;

    /** The superclass measures its fonts with this, and forgets that it may not be on a screen. */
    @Override
    public Graphics getGraphics() {
      Graphics g = super.getGraphics();
      return g != null ? g : new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    }

    /** The value of the variable under the mouse; it is asked for and shown when it has come. */
    @Override
    public String getToolTipText(MouseEvent e) {
      String expression = expression(e);
      Moment moment = model.moment();
      if (expression == null || moment == null) {
        return null;
      }
      long at = model.variablesPosition(moment);
      if (!expression.equals(pointed) || at != pointedAt) {
        pointed = expression;
        pointedAt = at;
        value = null;
        variables.hover(
            at,
            expression,
            found -> {
              if (found != null && expression.equals(pointed) && at == pointedAt) {
                value = found;
                ToolTipManager.sharedInstance()
                    .mouseMoved(
                        new MouseEvent(
                            this,
                            MouseEvent.MOUSE_MOVED,
                            System.currentTimeMillis(),
                            0,
                            e.getX(),
                            e.getY(),
                            0,
                            false));
              }
            });
      }
      return value == null ? null : expression + " = " + value;
    }

    private String expression(MouseEvent e) {
      try {
        int offset = viewToModel2D(e.getPoint());
        int line = getLineOfOffset(offset);
        int start = getLineStartOffset(line);
        String text = getText(start, getLineEndOffset(line) - start);
        return HoverText.at(text, offset - start);
      } catch (BadLocationException gone) {
        return null;
      }
    }

    private String placeholder = Strings.get("source.none");

    @Override
    protected void paintComponent(Graphics g) {
      super.paintComponent(g);
      if (placeholder != null) {
        g.setFont(getParent().getFont());
        Placeholder.paint((Graphics2D) g, this, placeholder);
      }
    }
  }
}
