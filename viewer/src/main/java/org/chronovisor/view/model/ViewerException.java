package org.chronovisor.view.model;

/** Something the user asked for cannot be done; the message is a key of the string bundle. */
public final class ViewerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ViewerException(String key) {
    super(key);
  }
}
