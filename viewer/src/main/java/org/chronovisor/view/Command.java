package org.chronovisor.view;

import java.awt.event.ActionEvent;
import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;
import java.util.function.BooleanSupplier;
import javax.swing.AbstractAction;
import javax.swing.Icon;
import javax.swing.KeyStroke;
import org.chronovisor.view.ui.Strings;

/** Something the user can ask for: in a menu, on the tool bar, by key, or in the palette. */
final class Command extends AbstractAction {
  private static final long serialVersionUID = 1;

  private final String id;
  private final transient Runnable action;
  private final transient BooleanSupplier possible;

  /**
   * @param id names it in the strings and the keymap
   * @param icon may be null
   */
  Command(String id, Icon icon, Runnable action, BooleanSupplier possible) {
    super(Strings.get("command." + id), icon);
    this.id = id;
    this.action = action;
    this.possible = possible;
  }

  String id() {
    return id;
  }

  String title() {
    return (String) getValue(NAME);
  }

  KeyStroke key() {
    return (KeyStroke) getValue(ACCELERATOR_KEY);
  }

  void setKey(KeyStroke key) {
    putValue(ACCELERATOR_KEY, key);
    String text = keyText(key);
    putValue(SHORT_DESCRIPTION, text.isEmpty() ? title() : title() + "  (" + text + ")");
  }

  /** A key as people read it. */
  static String keyText(KeyStroke key) {
    if (key == null) {
      return "";
    }
    String modifiers = InputEvent.getModifiersExText(key.getModifiers());
    String name = KeyEvent.getKeyText(key.getKeyCode());
    return modifiers.isEmpty() ? name : modifiers + "+" + name;
  }

  void update() {
    setEnabled(possible.getAsBoolean());
  }

  @Override
  public void actionPerformed(ActionEvent e) {
    if (possible.getAsBoolean()) {
      action.run();
    }
  }
}
