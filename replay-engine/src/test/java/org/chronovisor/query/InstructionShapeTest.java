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
    "488b13, rdx, COPY, [mem]", // mov (%rbx),%rdx
    "4889d3, rbx, COPY, [rdx]", // mov %rdx,%rbx
    "498d442410, rax, ADDRESS, [r12 16]", // lea 0x10(%r12),%rax
    "4883c408, rsp, ARITHMETIC, [rsp 8]", // add $8,%rsp
    "49891424, mem, COPY, [rdx]", // mov %rdx,(%r12)
    "c60000, mem, CONSTANT, [0]", // movb $0,(%rax)
    "8818, mem, COPY, [bl]", // mov %bl,(%rax)
    "0fb600, eax, EXTEND, [mem]", // movzbl (%rax),%eax
    "4801d8, rax, ARITHMETIC, [rax rbx]", // add %rbx,%rax
    "31c0, eax, CONSTANT, [0]", // xor %eax,%eax
    "b42a, ah, CONSTANT, [42]", // mov $42,%ah
    "0f44c1, eax, SELECT, [ecx eax]", // cmove %ecx,%eax
    "f3a4, mem, STRING, [mem]", // rep movsb
    "f30f6f06, xmm0, COPY, [mem]", // movdqu (%rsi),%xmm0
    "0f11470a, mem, COPY, [xmm0]", // movups %xmm0,0xa(%rdi)
    "0fa2, eax, MACHINE, []", // cpuid
    "ec, al, PORT, []", // in (%dx),%al
    "0f94c0, al, CONDITION, []" // sete %al
  })
  void knowsWhatIsWrittenAndFromWhat(String hex, String to, Effect.How how, String from) {
    InstructionShape shape = shape(hex);
    assertEquals(hex.length() / 2, shape.length());
    Effect effect = shape.effects().get(0);
    assertEquals(to, name(effect.to()));
    assertEquals(how, effect.how());
    assertEquals(
        from,
        effect.from().stream()
            .map(InstructionShapeTest::name)
            .collect(java.util.stream.Collectors.joining(" ", "[", "]")));
  }

  private static String name(Operand operand) {
    return switch (operand.kind()) {
      case MEMORY -> "mem";
      case CONSTANT -> Long.toString(operand.value());
      default -> operand.name();
    };
  }

  @Test
  void pushAndPopMoveTheStackPointerToo() {
    InstructionShape push = shape("53"); // push %rbx
    assertEquals(1 << 4, push.written());
    assertEquals(-8, push.effects().get(1).to().memory().displacement());
    assertEquals((1 << 4) | (1 << 12), shape("415c").written()); // pop %r12
  }

  @Test
  void computesAddresses() {
    CpuState cpu = new CpuState();
    cpu.words[3] = 0x1000; // rbx
    cpu.words[9] = 3; // r9
    // mov 0x10(%rbx,%r9,8),%rax
    InstructionShape shape = shape("4a8b44cb10");
    assertEquals(0x1028, shape.memory().memory().address(cpu, shape.length()));
    // mov 0x7616(%rip),%rbx at 0x1009e3
    InstructionShape relative = shape("488b1d16760000");
    assertEquals(0x108000, relative.memory().memory().address(cpu, 0x1009ea));
  }

  @Test
  void refusesWhatItDoesNotKnowOrCannotSee() {
    assertEquals(-1, shape("c5f877").written()); // vzeroupper
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
      if (!matcher.matches() || line.contains("(bad)")) {
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
