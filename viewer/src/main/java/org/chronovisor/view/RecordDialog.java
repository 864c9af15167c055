package org.chronovisor.view;

import java.awt.Window;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JCheckBox;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.recorder.RecordOptions;
import org.chronovisor.recorder.RecordSummary;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;
import org.chronovisor.view.ui.Theme;

/** Records a guest from a pasted QEMU command line, and opens the trace. */
final class RecordDialog extends JDialog implements Recording.Listener {
  private static final long serialVersionUID = 1;
  private static final int MOST_TEXT = 1_000_000;

  private final transient Viewer viewer;
  private final JTextArea command = new JTextArea(4, 60);
  private final JTextField start = new JTextField("entry", 18);
  private final JTextField output = new JTextField(30);
  private final JCheckBox deterministic = new JCheckBox(Strings.get("record.deterministic"));
  private final JButton record = new JButton(Strings.get("record.start"), Icons.RECORD);
  private final JButton stop = new JButton(Strings.get("record.stop"), Icons.STOP);
  private final JLabel status = new JLabel(Strings.get("record.ready"));
  private final JProgressBar bar = new JProgressBar();
  private final JTextArea console = new JTextArea(10, 60);
  private transient Recording recording;

  RecordDialog(Window owner, Viewer viewer) {
    super(owner, Strings.get("record.title"), ModalityType.MODELESS);
    this.viewer = viewer;
    setName("record");
    JPanel content =
        new JPanel(
            new MigLayout(
                "insets 16 18 16 18, gap 10 8, hidemode 3",
                "[][grow, fill]",
                "[][][][][][][grow, fill][pref!]"));
    JLabel help = new JLabel(Strings.get("record.help"));
    help.setForeground(Theme.color("muted"));
    content.add(help, "span, wrap");
    command.setFont(Theme.code());
    command.setLineWrap(true);
    command.setName("record.command");
    field(content, "record.command", new JScrollPane(command), command);
    start.setName("record.from");
    field(content, "record.from", start, start);
    output.setName("record.output");
    output.putClientProperty("JTextField.placeholderText", Strings.get("record.output.help"));
    field(content, "record.output", output, output);
    content.add(deterministic, "skip, wrap");
    record.setName("record.start");
    record.addActionListener(e -> start());
    stop.setName("record.stop");
    stop.setEnabled(false);
    stop.addActionListener(e -> stopRecording());
    bar.setIndeterminate(true);
    bar.setVisible(false);
    status.setName("record.status");
    status.putClientProperty("html.disable", true);
    JPanel state = new JPanel(new MigLayout("insets 0, hidemode 3", "[grow, fill][]"));
    state.add(status, "wmin 0");
    state.add(bar, "w 140!");
    content.add(state, "span, growx, wrap");
    console.setEditable(false);
    console.setFont(Theme.code());
    console.setName("record.console");
    console.getAccessibleContext().setAccessibleName(Strings.get("pane.console"));
    JScrollPane scroll = new JScrollPane(console);
    scroll.setBorder(BorderFactory.createTitledBorder(Strings.get("record.console")));
    content.add(scroll, "span, grow, push, wrap, hmin 140");
    content.add(stop, "span, split 2, right");
    content.add(record);
    setContentPane(content);
    getRootPane().setDefaultButton(record);
    pack();
    setSize(Math.max(760, getWidth()), Math.max(560, getHeight()));
    setLocationRelativeTo(owner);
    setDefaultCloseOperation(DISPOSE_ON_CLOSE);
  }

  private static void field(
      JPanel content, String key, java.awt.Component shown, java.awt.Component field) {
    JLabel label = new JLabel(Strings.get(key));
    label.setLabelFor(field);
    content.add(label, "top");
    content.add(shown, "growx, wmin 0, wrap");
  }

  private void start() {
    List<String> words;
    try {
      words = ShellWords.split(command.getText());
    } catch (IllegalArgumentException e) {
      status.setText(Strings.get("record.quote", e.getMessage()));
      return;
    }
    int qemu = 0;
    while (qemu < words.size() && !words.get(qemu).contains("qemu-system")) {
      qemu++; // a sudo or a variable in front of it
    }
    if (qemu == words.size()) {
      status.setText(Strings.get("record.noQemu"));
      return;
    }
    List<String> line = words.subList(qemu, words.size());
    Path directory =
        output.getText().isBlank()
            ? viewer.home().nextTrace().apply(line)
            : Path.of(output.getText().strip());
    RecordOptions options =
        RecordOptions.of(directory, line)
            .withStart(start.getText().isBlank() ? "entry" : start.getText().strip())
            .withDeterministic(deterministic.isSelected());
    console.setText("");
    busy(true);
    status.setText(Strings.get("record.starting"));
    recording = new Recording(options, this);
    recording.start();
  }

  private void stopRecording() {
    if (recording != null) {
      status.setText(Strings.get("record.stopping"));
      recording.stop();
    }
  }

  private void busy(boolean on) {
    record.setEnabled(!on);
    stop.setEnabled(on);
    bar.setVisible(on);
  }

  @Override
  public void status(Recording.Progress progress) {
    status.setText(
        progress.instructions() < 0
            ? Strings.get("record.waiting")
            : Strings.get(
                "record.progress",
                Texts.position(progress.instructions()),
                String.format(Locale.ROOT, "%.0f", progress.mips()),
                Texts.count(progress.bytes())));
  }

  @Override
  public void printed(String text) {
    if (console.getDocument().getLength() < MOST_TEXT) {
      console.append(text);
      console.setCaretPosition(console.getDocument().getLength());
    }
  }

  @Override
  public void finished(RecordSummary summary) {
    busy(false);
    status.setText(
        Strings.get("record.finished", Texts.position(summary.instructions()), summary.message()));
    viewer.openChecked(
        summary.trace(),
        message -> {
          setVisible(true);
          status.setText(message);
        });
    dispose();
  }

  @Override
  public void failed(String message) {
    busy(false);
    status.setText(message);
  }

  @Override
  public void dispose() {
    if (recording != null) {
      recording.stop();
    }
    super.dispose();
  }
}
