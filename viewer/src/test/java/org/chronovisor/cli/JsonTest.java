package org.chronovisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesEveryKindOfValue() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a\"b\\c\n\u0001\u007f\u00e9");
    map.put("long", Long.MAX_VALUE);
    map.put("double", 0.25);
    map.put("nan", Double.NaN);
    map.put("none", null);
    map.put("list", List.of(1, true, List.of()));
    map.put("map", Map.of());
    map.put("hex", Json.hex(-1));
    assertEquals(
        "{\"text\": \"a\\\"b\\\\c\\n\\u0001\\u007f\u00e9\", \"long\": 9223372036854775807,"
            + " \"double\": 0.25, \"nan\": null, \"none\": null, \"list\": [1, true, []],"
            + " \"map\": {}, \"hex\": \"0xffffffffffffffff\"}",
        Json.write(map));
  }
}
