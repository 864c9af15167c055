package org.chronovisor.view.ui;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.ResourceBundle;

/** The window's texts. */
public final class Strings {
  private static final ResourceBundle BUNDLE =
      ResourceBundle.getBundle("org.chronovisor.view.strings", Locale.ROOT);

  private Strings() {}

  /** The text of a key; with arguments it is a {@link MessageFormat}. */
  public static String get(String key, Object... arguments) {
    String text = BUNDLE.getString(key);
    return arguments.length == 0 ? text : new MessageFormat(text, Locale.ROOT).format(arguments);
  }

  /** The text of a key, or the key's own text where there is none. */
  public static String find(String key, String otherwise) {
    try {
      return BUNDLE.getString(key);
    } catch (MissingResourceException e) {
      return otherwise;
    }
  }
}
