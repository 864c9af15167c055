package org.chronovisor.view;

import java.util.Locale;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import javax.swing.Timer;
import net.miginfocom.swing.MigLayout;
import org.chronovisor.view.model.JobControl;
import org.chronovisor.view.model.Moment;
import org.chronovisor.view.model.Texts;
import org.chronovisor.view.model.ViewerModel;
import org.chronovisor.view.ui.Icons;
import org.chronovisor.view.ui.Strings;

/** Where the window stands, and what is running, with a way to end it. */
final class StatusBar extends JPanel {
  private static final long serialVersionUID = 1;
  private static final long QUIET_NANOS = 250_000_000L;

  private final transient ViewerModel model;
  private final JLabel place = new JLabel(" ");
  private final JLabel task = new JLabel(" ");
  private final JProgressBar bar = new JProgressBar(0, 1000);
  private final JButton stop = new JButton(Icons.STOP);
  private final Timer timer = new Timer(120, e -> progress());

  StatusBar(ViewerModel model) {
    super(new MigLayout("insets 2 10 2 10, gap 8, hidemode 3", "[]push[][][]", "[22!]"));
    this.model = model;
    place.setName("status.place");
    stop.putClientProperty("JButton.buttonType", "toolBarButton");
    stop.setToolTipText(Strings.get("command.cancel"));
    stop.getAccessibleContext().setAccessibleName(Strings.get("command.cancel"));
    stop.addActionListener(e -> model.cancel());
    add(place);
    add(task);
    add(bar, "w 140!");
    add(stop);
    busy(false);
    model.onMoment(this::show);
    timer.start();
  }

  void close() {
    timer.stop();
  }

  private void show(Moment moment) {
    String symbol = moment.next().symbol();
    String where = symbol == null ? Texts.hex(moment.next().pc()) : symbol;
    String source = moment.line().map(line -> "   " + Texts.fileName(line.toString())).orElse("");
    double part = model.end() == 0 ? 1 : (double) moment.position() / model.end();
    place.setText(
        Strings.get(
            "status.place",
            Texts.position(moment.position()),
            Texts.position(model.end()),
            String.format(Locale.ROOT, "%.1f", 100 * part),
            where + source));
  }

  private void busy(boolean busy) {
    task.setVisible(busy);
    bar.setVisible(busy);
    stop.setVisible(busy);
  }

  private void progress() {
    JobControl job = model.running();
    boolean busy = job != null && job.elapsedNanos() > QUIET_NANOS;
    if (busy) {
      task.setText(Strings.find("task." + job.name(), Strings.get("task.other")));
      bar.setIndeterminate(job.part() < 0);
      bar.setValue((int) (1000 * job.part()));
    }
    busy(busy);
  }
}
