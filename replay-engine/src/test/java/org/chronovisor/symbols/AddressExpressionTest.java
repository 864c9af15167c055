package org.chronovisor.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalLong;
import org.chronovisor.trace.Symbol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressExpressionTest {
  private static final SymbolTable SYMBOLS =
      new SymbolTable(
          List.of(
              new Symbol("free_list", 0x104000, 8, false),
              new Symbol("rax", 0x5000, 8, false),
              new Symbol("f.part.0", 0x6000, 8, true)));

  private static OptionalLong register(String name) {
    return switch (name) {
      case "rax" -> OptionalLong.of(0x111);
      case "rsp" -> OptionalLong.of(-16L);
      default -> OptionalLong.empty();
    };
  }

  private static long value(String text) {
    return AddressExpression.parse(text).evaluate(SYMBOLS, AddressExpressionTest::register);
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 1000",
    "0x104000, 104000",
    "0XfF, ff",
    "free_list, 104000",
    "free_list+8, 104008",
    "free_list + 0x10 - 1, 10400f",
    "f.part.0, 6000",
    "$rax, 111",
    "rax, 5000",
    "rsp, fffffffffffffff0",
    "$rsp+0x20, 10",
    "0xffffffffffffffff, ffffffffffffffff",
    "18446744073709551615, ffffffffffffffff"
  })
  void evaluates(String text, String expected) {
    assertEquals(Long.parseUnsignedLong(expected, 16), value(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+", "free_list+", "0x", "12ab", "0x1ffffffffffffffff", "$nosuch"})
  void refusesWithOneLine(String text) {
    AddressException e = assertThrows(AddressException.class, () -> value(text));
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void anUnknownSymbolNamesNearOnes() {
    AddressException e = assertThrows(AddressException.class, () -> value("free_lst"));
    assertEquals("no symbol 'free_lst'; did you mean free_list?", e.getMessage());
  }

  @Test
  void aPhysicalAddressIsMarked() {
    AddressExpression expression = AddressExpression.parse("phys:0x1000");
    assertTrue(expression.physical());
    assertEquals(0x1000, expression.evaluate(SYMBOLS, name -> OptionalLong.empty()));
  }
}
