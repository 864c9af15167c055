package org.chronovisor.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.chronovisor.query.MemoryBytes;
import org.chronovisor.query.MemoryQuery;
import org.chronovisor.query.TraceSession;
import org.chronovisor.symbols.AddressExpression;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mem}: what memory holds before an instruction. */
@Command(
    name = "mem",
    description =
        "Show memory before an instruction. Bytes that nobody can know are ??, bytes that are not"
            + " mapped --.",
    footer = {
      "",
      "Examples:",
      "  chronovisor mem crash --at 1234567 some_symbol+8 64",
      "  chronovisor mem crash --at 1234567 '$rsp' 128",
      "  chronovisor mem crash --at end phys:0x100000 0x40"
    })
final class MemCommand extends TraceCommand {
  @Parameters(
      index = "1",
      paramLabel = "ADDR",
      description =
          "Decimal, 0x..., SYMBOL, $REGISTER or a sum of these; with phys: in front a guest physical"
              + " address.")
  String address;

  @Parameters(index = "2", paramLabel = "LENGTH", description = "Bytes, decimal or 0x....")
  String length;

  @Option(
      names = "--at",
      paramLabel = "N",
      required = true,
      description = "Instruction number, or 'end'.")
  String at;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  @Override
  int run(TraceSession session) {
    AddressExpression expression = AddressExpression.parse(address);
    int bytes = length(length, MemoryQuery.LONGEST);
    long position = position(session, at, "--at");
    MemoryBytes memory = MemoryQuery.read(session, position, expression, bytes);
    if (json) {
      json(toMap(memory, position));
    } else {
      out().print(Format.dump(memory));
    }
    return ExitCode.GOOD;
  }

  private static Map<String, Object> toMap(MemoryBytes memory, long position) {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < memory.length(); i++) {
      hex.append(memory.cell(i));
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("position", position);
    map.put("address", Json.hex(memory.address()));
    map.put("physical", memory.physical());
    map.put("length", memory.length());
    map.put("bytes", hex.toString());
    return map;
  }
}
