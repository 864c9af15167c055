/* AVX: ymm arithmetic, flags that live across it, and the extended state saved and restored. */
#include "runtime.h"

#include "string.h"
#include "vectors.h"

#define LANES 8
#define CR4_OSXSAVE (1ull << 18)
#define CPUID_XSAVE (1u << 26)
#define CPUID_AVX (1u << 28)
#define XCR0_X87_SSE_AVX 7

static uint32_t numbers[64];
static uint8_t saved[4096] __attribute__((aligned(64)));

static bool has_avx(void) {
  uint32_t eax = 1, ebx, ecx = 0, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return (ecx & CPUID_XSAVE) && (ecx & CPUID_AVX);
}

static void avx_enable(void) {
  uint64_t cr4;
  __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
  __asm__ volatile("movq %0, %%cr4" : : "r"(cr4 | CR4_OSXSAVE) : "memory");
  __asm__ volatile("xsetbv" : : "a"(XCR0_X87_SSE_AVX), "d"(0), "c"(0));
}

/* Eight running sums and differences; the carry of an addition is used behind AVX instructions. */
static uint64_t ymm_round(uint64_t seed) {
  float sums[LANES];
  uint64_t carries = 0;
  __asm__ volatile("vxorps %%ymm0, %%ymm0, %%ymm0\n" : : : "xmm0");
  for (size_t i = 0; i < 64; i += LANES) {
    __asm__ volatile(
        "vcvtdq2ps %2, %%ymm1\n"
        "addq %3, %1\n"
        "vaddps %%ymm1, %%ymm0, %%ymm0\n"
        "vpermilps $0x1b, %%ymm0, %%ymm2\n"
        "adcq $0, %0\n"
        "vsubps %%ymm2, %%ymm1, %%ymm3\n"
        "vmovups %%ymm3, %2\n"
        : "+r"(carries), "+r"(seed), "+m"(*(uint32_t(*)[LANES])(numbers + i))
        : "r"(0x9e3779b97f4a7c15ull)
        : "xmm1", "xmm2", "xmm3", "cc");
  }
  __asm__ volatile("vmovups %%ymm0, %0" : "=m"(sums));
  uint64_t result = seed + carries;
  for (size_t i = 0; i < LANES; i++) {
    uint32_t bits;
    memcpy(&bits, &sums[i], sizeof bits);
    result = result * 31 + bits;
  }
  return result;
}

/* The state goes away and comes back. */
static uint64_t through_memory(uint64_t value) {
  uint64_t back[4];
  __asm__ volatile(
      "vmovq %1, %%xmm5\n"
      "vinsertf128 $1, %%xmm5, %%ymm5, %%ymm5\n"
      "xsave %2\n"
      "vzeroall\n"
      "xrstor %2\n"
      "vmovups %%ymm5, %0\n"
      "vzeroupper\n"
      : "=m"(back)
      : "r"(value), "m"(saved), "a"(7), "d"(0)
      : "memory", "xmm5");
  return back[0] ^ (back[2] << 1);
}

/* Flags that an AVX instruction sets. */
static unsigned tests(void) {
  unsigned char zero, carry;
  __asm__ volatile(
      "vpxor %%xmm6, %%xmm6, %%xmm6\n"
      "vpcmpeqd %%xmm7, %%xmm7, %%xmm7\n"
      "vptest %%xmm6, %%xmm7\n"
      "setz %0\n"
      "vptest %%xmm7, %%xmm6\n"
      "setc %1\n"
      : "=r"(zero), "=r"(carry)
      :
      : "xmm6", "xmm7", "cc");
  return zero * 2u + carry;
}

int main(void) {
  if (!has_avx()) {
    console_printf("no AVX\n");
    return 0;
  }
  avx_enable();
  for (uint32_t i = 0; i < 64; i++) {
    numbers[i] = i * i + 1;
  }
  uint64_t checksum = 1;
  uint64_t rounds = boot_parameter("rounds", 20);
  for (uint64_t i = 0; i < rounds; i++) {
    checksum = ymm_round(checksum);
    checksum = through_memory(checksum) + tests();
  }
  console_printf("checksum %lx\n", checksum);
  console_printf("x87 %lx\n", x87_rounds(rounds));
  if (!has_avx2_fma_f16c()) {
    console_printf("no AVX2\n");
    return 0;
  }
  console_printf("vectors %lx\n", vector_rounds(checksum, rounds));
  console_printf("faults %lx\n", through_faults(checksum));
  return 0;
}
