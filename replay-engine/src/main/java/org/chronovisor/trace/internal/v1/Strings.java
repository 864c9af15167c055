package org.chronovisor.trace.internal.v1;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.trace.internal.store.BytesIn;
import org.chronovisor.trace.internal.store.BytesOut;

/** A list of strings: varint n, n x string. */
final class Strings {
  private Strings() {}

  static void encode(List<String> strings, BytesOut out) {
    Limits.check(strings.size() <= Limits.STRINGS, "too many strings");
    out.varint(strings.size());
    for (String s : strings) {
      out.string(s);
    }
  }

  static List<String> decode(BytesIn in) {
    int count = in.count(Limits.STRINGS);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      strings.add(in.string(Limits.STRING_BYTES));
    }
    return List.copyOf(strings);
  }
}
