package org.chronovisor.view.pane;

import io.github.andrewauclair.moderndocking.ui.DefaultHeaderUI;
import io.github.andrewauclair.moderndocking.ui.HeaderController;
import io.github.andrewauclair.moderndocking.ui.HeaderModel;
import org.chronovisor.view.ui.Strings;

/** A pane's title with its menu and its cross, which say what they are. */
final class PaneHeader extends DefaultHeaderUI {
  private static final long serialVersionUID = 1;

  PaneHeader(HeaderController controller, HeaderModel model, String title) {
    super(controller, model);
    settings.getAccessibleContext().setAccessibleName(Strings.get("header.menu", title));
    settings.setToolTipText(Strings.get("header.menu", title));
    close.getAccessibleContext().setAccessibleName(Strings.get("header.close", title));
    close.setToolTipText(Strings.get("header.close", title));
  }
}
