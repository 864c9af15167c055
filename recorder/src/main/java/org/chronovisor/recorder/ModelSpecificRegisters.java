package org.chronovisor.recorder;

import java.util.HashMap;
import java.util.Map;
import org.chronovisor.x86.CpuState;

/**
 * The model-specific registers that nothing prints, followed from their reset values through the
 * guest's {@code wrmsr} and {@code xsetbv} instructions (Intel SDM vol. 4).
 */
final class ModelSpecificRegisters {
  private static final Map<Long, Integer> WORDS =
      Map.of(
          0xc0000081L, CpuState.STAR,
          0xc0000082L, CpuState.LSTAR,
          0xc0000083L, CpuState.CSTAR,
          0xc0000084L, CpuState.SFMASK,
          0x174L, CpuState.SYSENTER_CS,
          0x175L, CpuState.SYSENTER_ESP,
          0x176L, CpuState.SYSENTER_EIP,
          0xc0000103L, CpuState.TSC_AUX,
          0x277L, CpuState.PAT);
  private static final long PAT_AT_RESET = 0x0007040600070406L;

  private static final long X87_SSE_AVX = 7;

  private final Map<Integer, Long> values = new HashMap<>();

  ModelSpecificRegisters() {
    values.put(CpuState.PAT, PAT_AT_RESET);
    values.put(CpuState.XCR0, 1L);
  }

  /** The guest has executed {@code wrmsr} with these values of ecx, eax and edx. */
  void written(long ecx, long eax, long edx) {
    Integer word = WORDS.get(ecx & 0xffffffffL);
    if (word != null) {
      long value = join(eax, edx);
      boolean narrow = word == CpuState.SYSENTER_CS || word == CpuState.TSC_AUX;
      values.put(word, narrow ? value & 0xffffffffL : value);
    }
  }

  /** The guest has executed {@code xsetbv}. */
  void extendedControlWritten(long ecx, long eax, long edx) {
    if ((ecx & 0xffffffffL) == 0) {
      values.put(CpuState.XCR0, join(eax, edx));
    }
  }

  /** The guest had switched AVX on before the recording began: XCR0 has at least this. */
  void avxIsOn() {
    values.merge(CpuState.XCR0, X87_SSE_AVX, (old, state) -> old | state);
  }

  private static long join(long eax, long edx) {
    return (edx << 32) | (eax & 0xffffffffL);
  }

  void fill(CpuState state) {
    values.forEach((word, value) -> state.words[word] = value);
  }
}
