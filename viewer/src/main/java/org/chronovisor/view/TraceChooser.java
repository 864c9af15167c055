package org.chronovisor.view;

import java.awt.Component;
import java.nio.file.Path;
import javax.swing.JFileChooser;
import javax.swing.filechooser.FileNameExtensionFilter;
import org.chronovisor.view.ui.Strings;

/** Lets the user pick a trace: a directory or a packed file. */
final class TraceChooser {
  private TraceChooser() {}

  /** The one picked, or null. */
  static Path choose(Component owner) {
    JFileChooser chooser = new JFileChooser(Path.of("").toAbsolutePath().toFile());
    chooser.setDialogTitle(Strings.get("open.title"));
    chooser.setFileSelectionMode(JFileChooser.FILES_AND_DIRECTORIES);
    chooser.addChoosableFileFilter(new FileNameExtensionFilter(Strings.get("open.filter"), "cvt"));
    chooser.setAcceptAllFileFilterUsed(true);
    return chooser.showOpenDialog(owner) == JFileChooser.APPROVE_OPTION
        ? chooser.getSelectedFile().toPath()
        : null;
  }

  /** A file to write, or null. */
  static Path save(Component owner, String name) {
    JFileChooser chooser = new JFileChooser(Path.of("").toAbsolutePath().toFile());
    chooser.setDialogTitle(Strings.get("export.title"));
    chooser.setSelectedFile(Path.of(name).toAbsolutePath().toFile());
    return chooser.showSaveDialog(owner) == JFileChooser.APPROVE_OPTION
        ? chooser.getSelectedFile().toPath()
        : null;
  }
}
