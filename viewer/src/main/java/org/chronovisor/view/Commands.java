package org.chronovisor.view;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.swing.Icon;
import javax.swing.JComponent;
import javax.swing.JRootPane;

/** The commands of a window by name. */
final class Commands {
  private final Map<String, Command> commands = new LinkedHashMap<>();

  void add(String id, Icon icon, Runnable action) {
    add(id, icon, action, () -> true);
  }

  void add(String id, Icon icon, Runnable action, BooleanSupplier possible) {
    commands.put(id, new Command(id, icon, action, possible));
  }

  Command get(String id) {
    Command command = commands.get(id);
    if (command == null) {
      throw new IllegalArgumentException(id);
    }
    return command;
  }

  Collection<Command> all() {
    return commands.values();
  }

  /** Gives the commands their keys in a window. */
  void bind(Keymap keymap, JRootPane root) {
    var inputs = root.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW);
    for (Command command : commands.values()) {
      if (command.key() != null) {
        inputs.remove(command.key());
      }
      command.setKey(keymap.key(command.id()));
    }
    for (Command command : commands.values()) {
      root.getActionMap().put(command.id(), command);
      if (command.key() != null) {
        inputs.put(command.key(), command.id());
      }
    }
  }

  void update() {
    commands.values().forEach(Command::update);
  }
}
