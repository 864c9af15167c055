package org.chronovisor.view.pane;

import io.github.andrewauclair.moderndocking.Dockable;
import io.github.andrewauclair.moderndocking.ui.DockingHeaderUI;
import io.github.andrewauclair.moderndocking.ui.HeaderController;
import io.github.andrewauclair.moderndocking.ui.HeaderModel;
import java.awt.BorderLayout;
import javax.swing.JPanel;
import org.chronovisor.view.ui.Strings;

/** A pane that can be docked anywhere in the window. */
public abstract class ViewerPane extends JPanel implements Dockable {
  private static final long serialVersionUID = 1;

  private final String id;

  /**
   * @param id names it in the saved layout, and its title in the strings
   */
  @SuppressWarnings("this-escape") // what the names call, no pane overrides
  protected ViewerPane(String id) {
    super(new BorderLayout());
    this.id = id;
    setName(id);
    getAccessibleContext().setAccessibleName(title());
  }

  /** Names the pane in actions and in the saved layout. */
  public final String id() {
    return id;
  }

  public final String title() {
    return Strings.get("pane." + id);
  }

  @Override
  public String getPersistentID() {
    return id;
  }

  @Override
  public String getTabText() {
    return title();
  }

  @Override
  public boolean isWrappableInScrollpane() {
    return false;
  }

  @Override
  public DockingHeaderUI createHeaderUI(HeaderController controller, HeaderModel model) {
    return new PaneHeader(controller, model, title());
  }
}
