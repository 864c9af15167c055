package org.chronovisor.x86;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where versions of QEMU execute an instruction differently.
 *
 * @param fullTurnClears RCL and RCR of 8 or 16 bits by a constant that is a whole turn (9, 18, 27
 *     or 17) clear their operand, instead of doing nothing: QEMU 10.0.0 to 10.0.2 (seen in 10.0.2;
 *     10.0.13 does nothing; the code came with 10.0)
 * @param operandPrefixWins a load by MOVBE with both 0x66 and REX.W is of 16 bits, instead of 64:
 *     QEMU up to 10.0.2 (seen in 10.0.2, not in 10.0.13)
 * @param comparisonKeepsFlags FCOMI and its kin keep OF, SF and AF, instead of clearing them: QEMU
 *     up to 10.0.2 (seen in 10.0.2, not in 10.0.13)
 */
public record QemuFaults(
    boolean fullTurnClears, boolean operandPrefixWins, boolean comparisonKeepsFlags) {
  private static final Pattern UP_TO_10_0_2 = Pattern.compile("(9\\.|10\\.0\\.[012](\\D|$)).*");
  private static final Pattern WITH_FULL_TURN_FAULT = Pattern.compile("10\\.0\\.[012](\\D.*)?");
  private static final Pattern NUMBER = Pattern.compile("\\d+\\.\\d+.*");

  /**
   * Those of a version.
   *
   * @param version text with the version's number, such as {@code 10.0.2 (Debian 1:10.0.2)}
   */
  public static QemuFaults of(String version) {
    Matcher number = NUMBER.matcher(version);
    String found = number.find() ? number.group() : "";
    boolean early = UP_TO_10_0_2.matcher(found).matches();
    return new QemuFaults(WITH_FULL_TURN_FAULT.matcher(found).matches(), early, early);
  }

  /** Makes a processor behave so. */
  public void applyTo(Cpu cpu) {
    cpu.fullTurnClears = fullTurnClears;
    cpu.operandPrefixWins = operandPrefixWins;
    cpu.comparisonKeepsFlags = comparisonKeepsFlags;
  }
}
