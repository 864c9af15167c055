package org.chronovisor.view.ui;

import com.formdev.flatlaf.FlatDarkLaf;
import com.formdev.flatlaf.FlatLaf;
import com.formdev.flatlaf.FlatLightLaf;
import com.formdev.flatlaf.fonts.inter.FlatInterFont;
import com.formdev.flatlaf.fonts.jetbrains_mono.FlatJetBrainsMonoFont;
import java.awt.Color;
import java.awt.Component;
import java.awt.Font;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import javax.swing.JComponent;
import javax.swing.UIManager;
import javax.swing.plaf.FontUIResource;

/** Colours and fonts: FlatLaf's, and ours by name (the theme directory's properties). */
public final class Theme {
  private static final int UI_SIZE = 13;
  private static final int CODE_SIZE = 12;

  /** Hues of the functions, chosen to differ beside each other in light and dark. */
  private static final float[] HUES = {
    0.58f, 0.08f, 0.36f, 0.78f, 0.14f, 0.50f, 0.93f, 0.28f, 0.66f, 0.02f, 0.44f, 0.85f
  };

  private Theme() {}

  /** Sets the look and feel of all windows that are made from now on. */
  public static void install(boolean dark) {
    FlatInterFont.install();
    FlatJetBrainsMonoFont.install();
    FlatLaf.registerCustomDefaultsSource("org.chronovisor.view.theme");
    UIManager.put("defaultFont", new FontUIResource(FlatInterFont.FAMILY, Font.PLAIN, UI_SIZE));
    FlatLaf.setPreferredMonospacedFontFamily(FlatJetBrainsMonoFont.FAMILY);
    if (dark) {
      FlatDarkLaf.setup();
    } else {
      FlatLightLaf.setup();
    }
  }

  /** Changes the look of the windows that are open. */
  public static void change(boolean dark) {
    install(dark);
    FlatLaf.updateUI();
  }

  public static boolean isDark() {
    return FlatLaf.isLafDark();
  }

  /** A colour of ours: {@code Chronovisor.name}. A change of the look does not replace it. */
  public static Color color(String name) {
    Color color = UIManager.getColor("Chronovisor." + name);
    return color == null ? Color.GRAY : new Color(color.getRGB(), true);
  }

  /** A copy to paint a component with: smooth text, and the background filled. */
  public static Graphics2D canvas(Graphics graphics, JComponent component) {
    Graphics2D g = (Graphics2D) graphics.create();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(color("background"));
    g.fillRect(0, 0, component.getWidth(), component.getHeight());
    return g;
  }

  /** The font of code and numbers. */
  public static Font code() {
    return new Font(FlatJetBrainsMonoFont.FAMILY, Font.PLAIN, CODE_SIZE);
  }

  public static Font codeBold() {
    return code().deriveFont(Font.BOLD);
  }

  /** The font of captions. */
  public static Font small() {
    return UIManager.getFont("defaultFont").deriveFont(11f);
  }

  /** A function's colour, always the same for one name. */
  public static Color function(String name) {
    if (name == null) {
      return color("unnamed");
    }
    int hash = name.hashCode() * 0x9e3779b1;
    float hue = HUES[Math.floorMod(hash >> 8, HUES.length)];
    float shade = (hash >>> 4 & 7) / 7f;
    return isDark()
        ? Color.getHSBColor(hue, 0.42f + 0.16f * shade, 0.56f + 0.14f * shade)
        : Color.getHSBColor(hue, 0.19f + 0.12f * shade, 0.96f - 0.07f * shade);
  }

  /** Runs something after each change of the look. */
  public static void onChange(Component component, Runnable listener) {
    UIManager.addPropertyChangeListener(
        event -> {
          if ("lookAndFeel".equals(event.getPropertyName())) {
            java.awt.EventQueue.invokeLater(listener);
          }
        });
  }
}
