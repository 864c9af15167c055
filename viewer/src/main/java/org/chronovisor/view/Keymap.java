package org.chronovisor.view;

import java.util.Map;
import javax.swing.KeyStroke;

/** Keys of the commands, as two well-known development environments have them. */
enum Keymap {
  INTELLIJ(
      Map.of(
          "stepInto", "F7",
          "stepOver", "F8",
          "stepOut", "shift F8",
          "run", "F9",
          "stepBack", "ctrl F7",
          "stepBackOver", "ctrl F8",
          "stepBackOut", "ctrl shift F8",
          "runBack", "ctrl F9",
          "runToCursor", "alt F9",
          "runBackToCursor", "ctrl alt F9")),
  VISUAL_STUDIO(
      Map.of(
          "stepInto", "F11",
          "stepOver", "F10",
          "stepOut", "shift F11",
          "run", "F5",
          "stepBack", "ctrl F11",
          "stepBackOver", "ctrl alt F10",
          "stepBackOut", "ctrl shift F11",
          "runBack", "ctrl F5",
          "runToCursor", "ctrl F10",
          "runBackToCursor", "ctrl shift F10"));

  private static final Map<String, String> SHARED =
      Map.ofEntries(
          Map.entry("open", "ctrl O"),
          Map.entry("record", "ctrl R"),
          Map.entry("goTo", "ctrl G"),
          Map.entry("find", "ctrl F"),
          Map.entry("palette", "ctrl shift P"),
          Map.entry("bookmark", "ctrl B"),
          Map.entry("back", "alt LEFT"),
          Map.entry("forward", "alt RIGHT"),
          Map.entry("start", "ctrl HOME"),
          Map.entry("end", "ctrl END"),
          Map.entry("failure", "ctrl E"),
          Map.entry("bySource", "ctrl shift S"),
          Map.entry("theme", "ctrl shift D"),
          Map.entry("fit", "ctrl 0"),
          Map.entry("zoomIn", "ctrl EQUALS"),
          Map.entry("zoomOut", "ctrl MINUS"),
          Map.entry("cancel", "ESCAPE"),
          Map.entry("close", "ctrl W"));

  @SuppressWarnings("ImmutableEnumChecker") // Map.of makes it
  private final Map<String, String> keys;

  Keymap(Map<String, String> keys) {
    this.keys = keys;
  }

  static Keymap of(String name) {
    return VISUAL_STUDIO.name().equals(name) ? VISUAL_STUDIO : INTELLIJ;
  }

  /** The key of a command, or null. */
  KeyStroke key(String command) {
    String text = keys.getOrDefault(command, SHARED.get(command));
    return text == null ? null : KeyStroke.getKeyStroke(text);
  }
}
