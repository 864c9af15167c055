package org.chronovisor.view.pane;

import java.awt.Component;
import java.awt.Dimension;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.util.List;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.ListCellRenderer;
import javax.swing.UIManager;
import org.chronovisor.view.model.Breakpoints;
import org.chronovisor.view.model.Effect;
import org.chronovisor.view.model.ExecutedInstruction;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Paints the rows of the disassembly in columns. */
final class CodeRowRenderer extends JPanel implements ListCellRenderer<CodeRow> {
  private static final long serialVersionUID = 1;
  private static final int GUTTER = 22;
  private static final int GAP = 9;
  private static final int TEXT_CHARACTERS = 24;
  private static final int ROW_HEIGHT = 19;

  private final transient Breakpoints breakpoints;
  private transient CodeRow row;
  private boolean selected;
  private int positionCharacters = 7;
  private int addressCharacters = 8;

  CodeRowRenderer(Breakpoints breakpoints) {
    this.breakpoints = breakpoints;
    setOpaque(true);
  }

  /** Makes the columns as wide as the rows need. */
  void fit(List<CodeRow> rows) {
    positionCharacters = 7;
    addressCharacters = 8;
    for (CodeRow each : rows) {
      if (each.instruction() != null) {
        positionCharacters =
            Math.max(positionCharacters, Texts.position(each.instruction().position()).length());
        addressCharacters =
            Math.max(addressCharacters, Long.toHexString(each.instruction().view().pc()).length());
      }
    }
  }

  @Override
  public Component getListCellRendererComponent(
      JList<? extends CodeRow> list, CodeRow value, int index, boolean isSelected, boolean focus) {
    row = value;
    selected = isSelected;
    getAccessibleContext().setAccessibleName(value.toString());
    return this;
  }

  @Override
  public Dimension getPreferredSize() {
    int character = getFontMetrics(Theme.code()).charWidth('0');
    int effects = 0;
    if (row != null && row.instruction() != null) {
      effects = effects(row.instruction()).length();
    }
    int text = row == null ? 0 : Math.max(TEXT_CHARACTERS, row.text().length());
    int characters = positionCharacters + addressCharacters + text + effects;
    return new Dimension(GUTTER + 4 * GAP + characters * character, ROW_HEIGHT);
  }

  private static String effects(ExecutedInstruction instruction) {
    StringBuilder text = new StringBuilder();
    for (Effect effect : instruction.effects()) {
      text.append(text.length() == 0 ? "" : "   ").append(effect.text());
    }
    if (instruction.delivered()) {
      text.append(text.length() == 0 ? "" : "   ").append(Strings.get("disassembly.delivered"));
    }
    return text.toString();
  }

  @Override
  protected void paintComponent(Graphics graphics) {
    Graphics2D g = (Graphics2D) graphics;
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(background());
    g.fillRect(0, 0, getWidth(), getHeight());
    FontMetrics metrics = g.getFontMetrics(Theme.code());
    int y = (getHeight() - metrics.getHeight()) / 2 + metrics.getAscent();
    int character = metrics.charWidth('0');
    int address = GUTTER + positionCharacters * character + GAP;
    int text = address + addressCharacters * character + GAP;
    switch (row.kind()) {
      case FUNCTION -> {
        g.setFont(Theme.codeBold());
        g.setColor(foreground("symbol"));
        g.drawString(row.text() + ":", GUTTER, y);
      }
      case SOURCE -> {
        g.setFont(Theme.code());
        g.setColor(foreground("source"));
        g.drawString(row.text(), address, y);
      }
      case INSTRUCTION, FAILED -> instruction(g, y, character, address, text);
    }
  }

  private void instruction(Graphics2D g, int y, int character, int address, int text) {
    g.setFont(Theme.code());
    if (breakpoints.isBreakpoint(row.instruction().view().pc())) {
      Icons.DOT.paintIcon(this, g, 2, (getHeight() - 16) / 2);
    }
    if (row.current()) {
      Icons.ARROW.paintIcon(this, g, 4, (getHeight() - 16) / 2);
    }
    String position = Texts.position(row.instruction().position());
    g.setColor(foreground("muted"));
    g.drawString(position, GUTTER + (positionCharacters - position.length()) * character, y);
    g.setColor(foreground("address"));
    g.drawString(Long.toHexString(row.instruction().view().pc()), address, y);
    g.setFont(row.current() ? Theme.codeBold() : Theme.code());
    boolean happened = row.instruction().executed() || row.current();
    boolean failed = row.kind() == CodeRow.Kind.FAILED;
    g.setColor(foreground(failed ? "error" : happened ? "foreground" : "muted"));
    g.drawString(row.text(), text, y);
    g.setFont(Theme.code());
    g.setColor(foreground(row.instruction().executed() ? "effect" : "muted"));
    int effect = text + Math.max(TEXT_CHARACTERS, row.text().length() + 1) * character + GAP;
    g.drawString(effects(row.instruction()), effect, y);
  }

  private java.awt.Color background() {
    if (selected) {
      return UIManager.getColor("List.selectionBackground");
    }
    if (row.kind() == CodeRow.Kind.FAILED) {
      return Theme.color("error.background");
    }
    if (row.current()) {
      return Theme.color("current.background");
    }
    return Theme.color("background");
  }

  private java.awt.Color foreground(String name) {
    return selected ? UIManager.getColor("List.selectionForeground") : Theme.color(name);
  }
}
