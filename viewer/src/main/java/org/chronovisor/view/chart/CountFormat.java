package org.chronovisor.view.chart;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import org.chronovisor.view.model.Texts;

/** Numbers of an axis in few characters. */
final class CountFormat extends NumberFormat {
  private static final long serialVersionUID = 1;

  @Override
  public StringBuffer format(double number, StringBuffer out, FieldPosition position) {
    return out.append(Texts.count(number));
  }

  @Override
  public StringBuffer format(long number, StringBuffer out, FieldPosition position) {
    return format((double) number, out, position);
  }

  @Override
  public Number parse(String text, ParsePosition position) {
    throw new UnsupportedOperationException("an axis only writes");
  }
}
