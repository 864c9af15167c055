package org.chronovisor.view.model;

/** The flags of the flags register that people look at (Intel SDM vol. 1, 3.4.3). */
public enum Flag {
  CF(0),
  PF(2),
  AF(4),
  ZF(6),
  SF(7),
  TF(8),
  IF(9),
  DF(10),
  OF(11);

  private final int bit;

  Flag(int bit) {
    this.bit = bit;
  }

  public boolean isSet(long flags) {
    return (flags >>> bit & 1) != 0;
  }

  /** The set ones, or {@code none}. */
  static String text(long flags) {
    StringBuilder text = new StringBuilder();
    for (Flag flag : values()) {
      if (flag.isSet(flags)) {
        text.append(text.length() == 0 ? "" : " ").append(flag);
      }
    }
    return text.length() == 0 ? "none" : text.toString();
  }
}
