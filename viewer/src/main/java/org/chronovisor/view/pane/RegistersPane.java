package org.chronovisor.view.pane;

import java.awt.BorderLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.chronovisor.view.model.Flag;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.x86.CpuState;

/** All registers; what the last move changed is marked and says what it was. */
public final class RegistersPane extends ViewerPane {
  private static final long serialVersionUID = 1;
  private static final int[] ORDER = {0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};
  private static final int[] SEGMENTS = {1, 2, 3, 0, 4, 5};
  private static final int XMM = 16;

  /**
   * A register.
   *
   * @param was its value at the position shown before, or null when it is the same
   */
  record Register(String name, String value, String note, String was) {
    /** Its value can be followed backwards. */
    boolean isFollowed() {
      return name.startsWith("r") && !name.equals("rip") || name.startsWith("xmm");
    }
  }

  private final transient ViewerModel model;
  private final RowTable<Register> table =
      new RowTable<>(
          Strings.get("pane.registers"),
          List.of(
              new RowTable.Column<>("column.register", 70, true, RegistersPane::marked),
              new RowTable.Column<>("column.value", 148, true, Register::value),
              new RowTable.Column<>("column.meaning", 200, true, RegistersPane::meaning)));

  /**
   * @param origin hears the register whose value's origin is asked for
   */
  public RegistersPane(ViewerModel model, Consumer<String> origin) {
    super("registers");
    this.model = model;
    Consumer<Register> follow =
        register -> {
          if (register.isFollowed()) {
            origin.accept(register.name);
          }
        };
    table.onOpen(follow).action("origin.menu", follow);
    table.marked(register -> register.was != null).tinted();
    add(table.inScrollPane(), BorderLayout.CENTER);
    model.onMoment(this::show);
  }

  private static String marked(Register register) {
    return (register.was == null ? "  " : "\u2022 ") + register.name;
  }

  private static String meaning(Register register) {
    if (register.was == null) {
      return register.note;
    }
    String was = Strings.get("registers.was", register.was);
    return register.note.isEmpty() ? was : register.note + "   " + was;
  }

  private void show(Moment moment) {
    table.setRows(rows(moment));
  }

  List<Register> rows() {
    return table.rows();
  }

  private List<Register> rows(Moment moment) {
    CpuState now = moment.cpu();
    CpuState before = moment.before();
    List<Register> rows = new ArrayList<>();
    for (int word : ORDER) {
      rows.add(word(CpuState.wordName(word), now.words[word], before.words[word]));
    }
    rows.add(word("rip", now.words[CpuState.RIP], before.words[CpuState.RIP]));
    long flags = now.words[CpuState.RFLAGS];
    long oldFlags = before.words[CpuState.RFLAGS];
    rows.add(
        new Register(
            "eflags",
            Texts.hex16(flags),
            flags(flags),
            flags == oldFlags ? null : Texts.hex(oldFlags)));
    for (int segment : SEGMENTS) {
      long selector = now.segments[segment].selector();
      long old = before.segments[segment].selector();
      rows.add(
          new Register(
              CpuState.segmentName(segment),
              String.format("%04x", selector),
              Strings.get("registers.base", Texts.hex(now.segments[segment].base())),
              selector == old ? null : Texts.hex(old)));
    }
    for (int word = CpuState.CR0; word <= CpuState.EFER; word++) {
      rows.add(word(CpuState.wordName(word), now.words[word], before.words[word]));
    }
    for (int i = 0; i < XMM; i++) {
      boolean same = now.xmmHigh[i] == before.xmmHigh[i] && now.xmmLow[i] == before.xmmLow[i];
      rows.add(
          new Register(
              "xmm" + i,
              Texts.hex16(now.xmmHigh[i]) + Texts.hex16(now.xmmLow[i]),
              "",
              same ? null : Texts.hex16(before.xmmHigh[i]) + Texts.hex16(before.xmmLow[i])));
    }
    rows.add(word("mxcsr", now.words[CpuState.MXCSR], before.words[CpuState.MXCSR]));
    return rows;
  }

  private Register word(String name, long value, long old) {
    return new Register(
        name, Texts.hex16(value), note(name, value), value == old ? null : Texts.hex(old));
  }

  private static String flags(long flags) {
    StringBuilder text = new StringBuilder();
    for (Flag flag : Flag.values()) {
      String name = flag.name().substring(0, 1);
      text.append(text.length() == 0 ? "" : " ")
          .append(flag.isSet(flags) ? flag.name() : name.toLowerCase(java.util.Locale.ROOT) + "f");
    }
    return text.toString();
  }

  /** A symbol for an address, a small number in decimal digits, else nothing. */
  private String note(String name, long value) {
    String symbol = name.startsWith("cr") ? null : model.names().symbols().name(value);
    if (symbol != null) {
      return symbol;
    }
    boolean small = value > -100_000 && value < 1_000_000;
    return small && !name.startsWith("cr") ? Long.toString(value) : "";
  }
}
