package org.chronovisor.view.ui;

import java.awt.event.ActionEvent;
import javax.swing.AbstractAction;
import javax.swing.JComponent;
import javax.swing.KeyStroke;

/** Keys of a single component. */
public final class Keys {
  private Keys() {}

  /**
   * Binds a key.
   *
   * @param condition when it is heard, as {@link JComponent#getInputMap(int)} has it
   * @param stroke as {@link KeyStroke#getKeyStroke(String)} reads it
   * @param name of the action in the component's map
   */
  public static void bind(
      JComponent component, int condition, String stroke, String name, Runnable action) {
    component.getInputMap(condition).put(KeyStroke.getKeyStroke(stroke), name);
    component
        .getActionMap()
        .put(
            name,
            new AbstractAction() {
              private static final long serialVersionUID = 1;

              @Override
              public void actionPerformed(ActionEvent e) {
                action.run();
              }
            });
  }
}
