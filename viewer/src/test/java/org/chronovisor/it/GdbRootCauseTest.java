package org.chronovisor.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.gdb.GdbExpressions;
import org.chronovisor.it.Recordings.How;
import org.chronovisor.query.Backtrace;
import org.chronovisor.query.QueryException;
import org.chronovisor.query.TraceSession;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real gdb goes from each sample's failure back to its cause. */
@Timeout(180)
class GdbRootCauseTest {
  private static String run(Sample sample, String... commands) throws Exception {
    How how = sample == Sample.IRQ_RACE ? How.DETERMINISTIC : How.PLAIN;
    try (Gdb gdb = new Gdb(sample, Recordings.of(sample, how).trace())) {
      return gdb.run(commands);
    }
  }

  private static void assertContains(String output, String... texts) {
    int from = 0;
    for (String text : texts) {
      int at = output.indexOf(text, from);
      assertTrue(at >= 0, () -> "'" + text + "' is missing, or not in this order:\n" + output);
      from = at + text.length();
    }
  }

  @Test
  void useAfterFree() throws Exception {
    String output =
        run(
            Sample.USE_AFTER_FREE,
            "frame function bus_publish",
            "print subscriber->notify",
            "set $stale = subscriber",
            "watch -l subscriber->notify",
            "reverse-continue",
            "bt",
            "delete",
            "break session_expire",
            "reverse-continue",
            "print session->subscriber == $stale",
            "reverse-finish",
            "frame");
    assertContains(
        output,
        "0x504d4554",
        "Hardware watchpoint",
        "message_set_tag",
        "receive_message",
        "session_expire (session=",
        "= 1",
        "sessions_expire (now=");
  }

  @Test
  void stackSmash() throws Exception {
    String output =
        run(
            Sample.STACK_SMASH,
            "x/i $pc",
            // What was returned to was the word below the stack pointer.
            "watch -l *(unsigned long *) ($rsp - 8)",
            "reverse-continue",
            "frame",
            "print i",
            "print packet->count");
    assertContains(output, "in ?? ()", "Hardware watchpoint", "copy_fields", "packet.c:22", "= 20");
  }

  @Test
  void irqRace() throws Exception {
    String output =
        run(
            Sample.IRQ_RACE,
            "print takes != main_puts + timer_puts",
            "break timer_tick",
            "reverse-continue",
            "bt",
            "reverse-continue",
            "bt",
            "delete",
            "monitor explain");
    assertContains(output, "$1 = 1", "timer_tick", "<signal handler called>");
    assertContains(output, "root cause:", "ring.c:");
  }

  @Test
  void divide() throws Exception {
    String output =
        run(
            Sample.DIVIDE,
            "frame function average",
            "print count",
            "tbreak filter_outliers",
            "reverse-continue",
            "finish",
            "reverse-step",
            "reverse-next",
            "frame");
    assertContains(output, "$1 = 0", "filter_outliers (count=", "Value returned is $2 = 0");
    assertFalse(output.contains("No more reverse"), output);
  }

  @Test
  void paging() throws Exception {
    String output =
        run(
            Sample.PAGING,
            "frame function sum_words",
            "info locals",
            "print last",
            "tbreak sum_words",
            "reverse-continue",
            "reverse-finish",
            "frame",
            "print words");
    assertContains(output, "sum_words", "i = 8192", "$1 = 8192", "main () at", "$2 = 8192");
  }

  @Test
  void watchesReadsAndAccesses() throws Exception {
    String output =
        run(
            Sample.HEAP_OVERFLOW,
            "tbreak heap.c:48",
            "reverse-continue",
            "rwatch free_list",
            "reverse-continue",
            "monitor where",
            "reverse-continue",
            "monitor where",
            "stepi",
            "monitor where",
            "delete",
            "awatch free_list",
            "continue",
            "monitor where",
            "continue",
            "monitor where",
            "reverse-continue",
            "monitor where",
            "info mem");
    assertContains(output, "Hardware read watchpoint", "Value = (struct block *)", "heap_alloc");
    assertContains(output, "Hardware access (read/write) watchpoint");
    assertContains(output, "memory regions provided by the target", "0x8000000000000000");
    Matcher where = Pattern.compile("(?m)^position (\\d+) of \\d+: (.*)").matcher(output);
    String loads = "mov[a-z]* .*\\(%rip\\), %r.*";
    for (int i = 0; i < 2; i++) {
      assertTrue(where.find(), output);
      assertTrue(where.group(2).matches(".*" + loads), output);
    }
    long second = Long.parseLong(where.group(1));
    assertTrue(where.find(), output);
    assertEquals(second + 1, Long.parseLong(where.group(1)), output);
    // Forwards a stop is behind the instruction that uses it, backwards before it.
    assertTrue(where.find(), output);
    long first = Long.parseLong(where.group(1));
    assertTrue(where.find(), output);
    long next = Long.parseLong(where.group(1));
    assertTrue(first < next, output);
    assertTrue(where.find(), output);
    assertEquals(next - 1, Long.parseLong(where.group(1)), output);
  }

  @Test
  void variablesAndExpressions() throws Exception {
    Sample sample = Sample.HEAP_OVERFLOW;
    try (TraceSession session = TraceSession.open(Recordings.of(sample, How.PLAIN).trace())) {
      List<String> functions =
          Backtrace.at(session, session.end()).stream().map(Backtrace.Frame::function).toList();
      int frame = functions.indexOf("heap_alloc");
      try (GdbExpressions gdb = new GdbExpressions(session, sample.elf())) {
        assertEquals("0x72756f68", gdb.print(frame, "block"));
        List<GdbExpressions.Variable> locals = gdb.locals(frame);
        assertTrue(
            locals.contains(new GdbExpressions.Variable("block", false, "0x72756f68")),
            locals.toString());
        assertTrue(locals.stream().anyMatch(v -> v.name().equals("size") && v.parameter()));
        QueryException error =
            Assertions.assertThrows(QueryException.class, () -> gdb.print(0, "nosuch"));
        assertTrue(error.getMessage().contains("nosuch"), error.getMessage());
        gdb.goTo(100);
        assertEquals("100", String.valueOf(session.replayer().position()));
      }
    }
  }
}
