package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.swing.BorderFactory;
import javax.swing.JFileChooser;
import javax.swing.JLabel;
import javax.swing.JPopupMenu;
import javax.swing.text.BadLocationException;
import org.chronovisor.symbols.SourceLine;
import org.chronovisor.view.model.ExecutedInstruction;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.SourceFinder;
import org.chronovisor.view.model.Story;
import org.chronovisor.view.model.Texts;
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

  private final transient ViewerModel model;
  private final transient SourceFinder sources;
  private final Area area = new Area();
  private final RTextScrollPane scroll = new RTextScrollPane(area);
  private final JLabel caption = new JLabel(" ");
  private String shownFile;
  private transient SourceLine shownLine;

  public SourcePane(ViewerModel model, SourceFinder sources) {
    super("source");
    this.model = model;
    this.sources = sources;
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
    add(caption, BorderLayout.NORTH);
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
    }
    caption.setText(file + ":" + line.get().line());
    caption.setToolTipText(file);
    mark(moment, line.get(), failure != null);
  }

  private void placeholder(String text) {
    shownFile = null;
    area.setText("");
    area.removeAllLineHighlights();
    scroll.getGutter().removeAllTrackingIcons();
    area.placeholder = text;
    caption.setText(" ");
    area.repaint();
  }

  private void mark(Moment moment, SourceLine current, boolean failed) {
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
      executed.remove(current.line());
      for (int line : executed) {
        highlight(line, Theme.color("executed.background"));
      }
      highlight(current.line(), Theme.color(failed ? "error.background" : "current.background"));
      if (current.line() <= area.getLineCount()) {
        scroll
            .getGutter()
            .addLineTrackingIcon(current.line() - 1, failed ? Icons.FAILURE : Icons.ARROW);
        int offset = area.getLineStartOffset(current.line() - 1);
        area.setCaretPosition(offset);
        java.awt.EventQueue.invokeLater(() -> center(offset));
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
  private static final class Area extends RSyntaxTextArea {
    private static final long serialVersionUID = 1;
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
