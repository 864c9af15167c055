package org.chronovisor.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.chronovisor.x86.CpuState;
import org.chronovisor.x86.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstructionShapeTest {
  private static final Pattern LINE =
      Pattern.compile("\\s*[0-9a-f]+:\\t((?:[0-9a-f]{2} )+)\\s*\\t(\\S.*)");

  private static InstructionShape shape(String hex) {
    return InstructionShape.of(HexFormat.of().parseHex(hex), Mode.CODE64);
  }

  @ParameterizedTest
  @CsvSource({
    "488b13, LOAD, 2, -1, 8", // mov (%rbx),%rdx
    "4889d3, MOVE, 3, 2, 0", // mov %rdx,%rbx
    "498d442410, ADD, 0, 12, 0", // lea 0x10(%r12),%rax
    "4883c408, ADD, 4, 4, 0", // add $8,%rsp
    "415c, POP, 12, -1, 8", // pop %r12
    "53, PUSH, 3, -1, 8", // push %rbx
    "49891424, STORE, 2, -1, 8", // mov %rdx,(%r12)
    "c60000, STORE, -1, -1, 1", // movb $0,(%rax)
    "8818, STORE, 3, -1, 1", // mov %bl,(%rax)
    "0fb600, LOAD, 0, -1, 1", // movzbl (%rax),%eax
    "e800000000, CALL, -1, -1, 0",
    "ff5008, CALL, -1, -1, 8", // call *8(%rax)
    "ffd0, CALL, -1, 0, 8", // call *%rax
    "c3, RETURN, -1, -1, 8",
    "4801d8, OTHER, -1, -1, 0" // add %rbx,%rax
  })
  void knowsOperands(String hex, InstructionShape.Kind kind, int register, int source, int size) {
    InstructionShape shape = shape(hex);
    assertEquals(kind, shape.kind());
    assertEquals(register, shape.register());
    assertEquals(source, shape.source());
    assertEquals(size, shape.size());
    assertEquals(hex.length() / 2, shape.length());
  }

  @Test
  void computesAddresses() {
    CpuState cpu = new CpuState();
    cpu.words[3] = 0x1000; // rbx
    cpu.words[9] = 3; // r9
    // mov 0x10(%rbx,%r9,8),%rax
    InstructionShape shape = shape("4a8b44cb10");
    assertEquals(0x1028, shape.memory().address(cpu, 0, shape.length()));
    // mov 0x7616(%rip),%rbx at 0x1009e3
    InstructionShape relative = shape("488b1d16760000");
    assertEquals(0x108000, relative.memory().address(cpu, 0x1009e3, relative.length()));
  }

  @Test
  void refusesWhatItDoesNotKnowOrCannotSee() {
    assertNull(shape("c5f877")); // vzeroupper
    assertNull(shape("48"));
    assertNull(shape("e80000"));
    assertNull(shape(""));
    assertNull(InstructionShape.of(new byte[] {(byte) 0xc3}, Mode.CODE16));
  }

  /** The oracle is objdump. */
  @Test
  void agreesWithObjdumpOnLengthsCallsAndReturns() throws IOException {
    Path guests = Path.of("../samples/target/guests");
    Path kernel = guests.resolve("heap-overflow.elf");
    assumeTrue(Files.isReadable(kernel) && Files.isExecutable(Path.of("/usr/bin/objdump")));
    Process objdump = new ProcessBuilder("objdump", "-d", "-w", kernel.toString()).start();
    String listing = new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int seen = 0;
    for (String line : listing.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      // The boot code is 32-bit code.
      if (!matcher.matches() || line.contains("(bad)") || line.contains("addr32")) {
        continue;
      }
      String hex = matcher.group(1).replace(" ", "");
      String text = matcher.group(2);
      InstructionShape shape = shape(hex + "00000000000000000000");
      assertNotNull(shape, line);
      assertEquals(hex.length() / 2, shape.length(), line);
      assertEquals(text.contains("call"), shape.isCall(), line);
      assertEquals(text.startsWith("ret"), shape.isReturn(), line);
      seen++;
    }
    assertEquals(true, seen > 500, "instructions seen: " + seen);
  }
}
