package org.chronovisor.view.model;

import java.util.ArrayList;
import java.util.List;
import org.chronovisor.query.CrashStory;
import org.chronovisor.query.MemoryWrite;
import org.chronovisor.query.ProgressListener;
import org.chronovisor.query.TraceSession;

/** Makes the window's story of what the query layer finds out. */
final class StoryReader {
  private StoryReader() {}

  static Story read(TraceSession session, ProgressListener progress) {
    CrashStory story = CrashStory.of(session, progress);
    List<Story.Line> lines = new ArrayList<>();
    for (CrashStory.Link link : story.links()) {
      lines.add(new Story.Line(link.position(), link.instruction(), link.text()));
    }
    MemoryWrite write = story.culprit();
    return new Story(
        story.ending() != CrashStory.Ending.NONE,
        story.ending() != CrashStory.Ending.EXCEPTION,
        story.position(),
        story.instruction(),
        story.summary(),
        lines.isEmpty() ? List.of() : List.of(new Story.Section(null, lines)),
        write == null
            ? null
            : new Story.Line(write.position(), write.instruction(), Texts.value(write.value())),
        story.callers());
  }
}
