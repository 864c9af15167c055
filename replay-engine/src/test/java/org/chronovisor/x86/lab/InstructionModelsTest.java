package org.chronovisor.x86.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.chronovisor.x86.Mode;
import org.chronovisor.x86.QemuFaults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes every modelled instruction with many inputs under QEMU and in the model: all registers,
 * all flags (undefined ones too) and memory must be equal.
 */
class InstructionModelsTest {
  private static final int DIVIDE_ERROR = 0;
  private static final int INVALID_OPCODE = 6;
  private static final int EXAMPLES = 3;

  @TempDir Path directory;

  @Test
  void modelsDoWhatQemuDoes64() throws Exception {
    List<Template> templates = new ArrayList<>(IntegerTemplates.all(Mode.CODE64));
    templates.addAll(SseTemplates.all());
    templates.addAll(PrefixTemplates.of(templates));
    check("64", templates, Unmodelled.CODE64);
  }

  @Test
  void modelsDoWhatQemuDoes32() throws Exception {
    List<Template> templates = new ArrayList<>(IntegerTemplates.all(Mode.CODE32));
    templates.addAll(SseTemplates.all32());
    templates.addAll(PrefixTemplates.of(templates));
    check("32", templates, Unmodelled.CODE32);
  }

  private void check(String name, List<Template> templates, TreeSet<String> unmodelledAllowed)
      throws IOException, InterruptedException {
    assumeTrue(isOnPath("qemu-system-x86_64"), "qemu-system-x86_64 is not installed");
    assumeTrue(isOnPath(AssembledCode.toolPrefix() + "gcc"), "gcc for x86-64 is not installed");
    Path guest = Path.of("..", "samples", "target", "guests", "insn-lab.elf").toAbsolutePath();
    assertTrue(Files.exists(guest), "missing " + guest + ": build the module samples first");

    AssembledCode code = AssembledCode.assemble(templates, directory);
    int total = templates.stream().mapToInt(Template::cases).sum();
    Report report = new Report();
    try (LabMachine machine = new LabMachine(directory, total)) {
      ByteBuffer ram = machine.ram();
      ram.put(LabLayout.CODE, code.image());
      forEachCase(templates, (t, slot, number, address, record) -> ram.put(address, record));
      long before = System.nanoTime();
      machine.run(guest, total);
      report.qemuMillis = (System.nanoTime() - before) / 1_000_000;

      LabModel model =
          new LabModel(code.image(), ram.capacity(), QemuFaults.of(LabMachine.version()));
      byte[] expected = new byte[LabLayout.CASE_BYTES];
      byte[] found = new byte[LabLayout.CASE_BYTES];
      forEachCase(
          templates,
          (t, slot, number, address, input) -> {
            ram.get(address, expected);
            System.arraycopy(input, 0, found, 0, input.length);
            LabModel.Outcome outcome =
                model.run(t.mode(), AssembledCode.address(slot), code.end(slot), address, found);
            int vector = ram.getInt(address + LabLayout.FAULT) - 1;
            String problem = judge(t, outcome, vector, model.detail(), input, expected, found);
            report.add(t, code.hex(slot), outcome, model.unmodelled(), vector, problem, input);
          });
    }
    Files.createDirectories(Path.of("target"));
    Files.writeString(
        Path.of("target", "insn-lab-" + name + ".txt"),
        report.text()
            + "\nNo model: "
            + report.unmodelled()
            + "\nExceptions raised by QEMU: "
            + report.faulting);
    System.out.println("insn-lab " + name + ": " + report.summary(templates.size()));
    assertEquals("", report.firstProblems(), "models that differ from QEMU");
    assertEquals(
        String.join("\n", unmodelledAllowed),
        String.join("\n", report.unmodelled()),
        "mnemonics without a model: change Unmodelled only on purpose");
  }

  /** A description of what is wrong, or "". */
  private static String judge(
      Template t,
      LabModel.Outcome outcome,
      int vector,
      String detail,
      byte[] input,
      byte[] expected,
      byte[] found) {
    if (outcome == LabModel.Outcome.NO_MODEL) {
      return "";
    }
    if (vector >= 0) {
      boolean must = vector == DIVIDE_ERROR || vector == INVALID_OPCODE;
      return must && outcome != LabModel.Outcome.FAULT
          ? "    QEMU raised exception " + vector + ", model: " + outcome + " " + detail + "\n"
          : "";
    }
    if (outcome != LabModel.Outcome.DONE) {
      return "    model: " + outcome + " " + detail + "\n";
    }
    return CaseComparison.differences(t.mode(), input, expected, found);
  }

  private interface CaseAction {
    void accept(Template template, int slot, int number, int address, byte[] record);
  }

  private static void forEachCase(List<Template> templates, CaseAction action) {
    byte[] record = new byte[LabLayout.CASE_BYTES];
    int address = LabLayout.TABLE;
    for (int slot = 0; slot < templates.size(); slot++) {
      Template template = templates.get(slot);
      for (int number = 0; number < template.cases(); number++) {
        CaseGenerator.fill(template, slot, number, address, record);
        action.accept(template, slot, number, address, record);
        address += LabLayout.CASE_BYTES;
      }
    }
  }

  private static boolean isOnPath(String program) {
    for (String entry : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(entry, program))) {
        return true;
      }
    }
    return false;
  }

  /** Collects results per template. */
  private static final class Report {
    final TreeSet<String> unmodelledStatements = new TreeSet<>();
    final TreeSet<String> modelledMnemonics = new TreeSet<>();
    final Map<String, Integer> wrong = new LinkedHashMap<>();
    final Map<String, StringBuilder> examples = new LinkedHashMap<>();
    final Map<Integer, Integer> faults = new java.util.TreeMap<>();
    final Map<String, Integer> faulting = new java.util.TreeMap<>();
    int compared;
    long qemuMillis;
    int withoutModel;
    int mismatches;

    void add(
        Template t,
        String hex,
        LabModel.Outcome outcome,
        int unmodelledIndex,
        int vector,
        String problem,
        byte[] input) {
      if (vector >= 0) {
        faults.merge(vector, 1, Integer::sum);
        faulting.merge(t + ": exception " + vector, 1, Integer::sum);
      }
      if (outcome == LabModel.Outcome.NO_MODEL) {
        if (vector != INVALID_OPCODE && !t.has(Operands.PREFIXED)) {
          unmodelledStatements.add(t.statement(unmodelledIndex));
          withoutModel++;
        }
        return;
      }
      compared++;
      for (String statement : t.text().split("; *")) {
        modelledMnemonics.add(Template.mnemonic(statement.replaceFirst("^[0-9]: *", "")));
      }
      if (problem.isEmpty()) {
        return;
      }
      mismatches++;
      String key = t + "   " + hex;
      if (wrong.merge(key, 1, Integer::sum) <= EXAMPLES) {
        examples
            .computeIfAbsent(key, k -> new StringBuilder())
            .append(CaseComparison.inputs(input))
            .append(problem);
      }
    }

    /** Mnemonics without any modelled form, and else the statements that have no model. */
    TreeSet<String> unmodelled() {
      TreeSet<String> set = new TreeSet<>();
      for (String statement : unmodelledStatements) {
        String mnemonic = Template.mnemonic(statement);
        set.add(modelledMnemonics.contains(mnemonic) ? statement : mnemonic);
      }
      return set;
    }

    String summary(int templates) {
      return templates
          + " templates, "
          + compared
          + " cases compared (QEMU "
          + qemuMillis
          + " ms), "
          + withoutModel
          + " without a model, faults by vector "
          + faults
          + ", "
          + mismatches
          + " mismatches in "
          + wrong.size()
          + " templates";
    }

    String firstProblems() {
      String text = text();
      return text.substring(0, Math.min(text.length(), 6000));
    }

    String text() {
      StringBuilder text = new StringBuilder();
      wrong.forEach(
          (key, count) ->
              text.append(key)
                  .append(": ")
                  .append(count)
                  .append(" wrong\n")
                  .append(examples.get(key)));
      return text.toString();
    }
  }
}
