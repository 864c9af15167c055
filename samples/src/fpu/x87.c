/* The x87, and the ways to save the whole state. */
#include "cpu.h"
#include "features.h"
#include "runtime.h"
#include "string.h"

#define CR4_OSXSAVE (1ul << 18)

/* Operands are in st(0) and st(1); what is left on top is the result. */
#define APPLY(instruction)                                 \
  {                                                        \
    uint8_t r[16] = {0};                                   \
    uint16_t status;                                       \
    __asm__ volatile(                                      \
        "fninit\n"                                         \
        "fldcw %4\n"                                       \
        "fldl %3\n"                                        \
        "fldl %2\n" instruction "\n"                       \
        "fnstsw %%ax\n"                                    \
        "movw %%ax, %1\n"                                  \
        "fstpt %0\n"                                       \
        : "=m"(r), "=m"(status)                            \
        : "m"(a), "m"(b), "m"(control)                     \
        : "rax", "cc", "memory");                          \
    sum = mix(sum, r, 10) + status;                        \
  }

static uint64_t round_of_x87(uint64_t sum, double a, double b, uint16_t control) {
  APPLY("faddp") APPLY("fsubp") APPLY("fsubrp") APPLY("fmulp") APPLY("fdivp") APPLY("fdivrp")
  APPLY("fsqrt") APPLY("fabs") APPLY("fchs") APPLY("frndint") APPLY("fsin") APPLY("fcos")
  APPLY("fptan") APPLY("fsincos") APPLY("fpatan") APPLY("f2xm1") APPLY("fyl2x") APPLY("fyl2xp1")
  APPLY("fprem") APPLY("fprem1") APPLY("fscale") APPLY("fxtract") APPLY("fxch") APPLY("fxam")
  APPLY("fcom") APPLY("fucompp; fldpi") APPLY("ftst") APPLY("fldl2e") APPLY("fldln2")
  APPLY("fldlg2") APPLY("fldl2t") APPLY("fincstp; fdecstp") APPLY("ffree %%st(1)")
  APPLY("fadd %%st(1), %%st") APPLY("fsub %%st, %%st(1)") APPLY("fld %%st(1)")
  APPLY("fcomi %%st(1), %%st; fcmovb %%st(1), %%st") APPLY("fucomi %%st(1), %%st; fcmovnu %%st(1), %%st")
  return sum;
}

static uint64_t conversions(uint64_t sum, double a) {
  int64_t words[4] = {0};
  uint8_t decimal[10];
  __asm__ volatile(
      "fninit\n"
      "fldl %6\n"
      "fistl %0\n"
      "fistpll %1\n"
      "fldl %6\n"
      "fisttpll %2\n"
      "fildll %1\n"
      "fstps %3\n"
      "fldl %6\n"
      "fbstp %4\n"
      "fbld %4\n"
      "fistps %5\n"
      : "=m"(words[0]), "=m"(words[1]), "=m"(words[2]), "=m"(words[3]), "=m"(decimal),
        "=m"(*((int16_t *)&words[3] + 2))
      : "m"(a)
      : "memory");
  sum = mix(sum, words, sizeof words);
  return mix(sum, decimal, sizeof decimal);
}


uint64_t x87(uint32_t rounds) {
  static const uint16_t controls[] = {0x037f, 0x007f, 0x0f7f, 0x067f};
  uint64_t sum = 1;
  for (uint32_t i = 0; i < rounds; i++) {
    uint64_t bits[2] = {next_random(), next_random()};
    double a, b;
    if (i % 3) {
      bits[0] = (bits[0] & 0xc00fffffffffffff) | 0x3fe0000000000000;
      bits[1] = (bits[1] & 0x400fffffffffffff) | 0x3fe0000000000000;
    }
    memcpy(&a, &bits[0], sizeof a);
    memcpy(&b, &bits[1], sizeof b);
    sum = round_of_x87(sum, a, b, controls[i % 4]);
    sum = conversions(sum, a);
  }
  __asm__ volatile("fninit");
  return sum;
}

static uint8_t area[1024] __attribute__((aligned(64)));

static void fill(void) {
  __asm__ volatile(
      "fninit\n"
      "fldpi\n"
      "fld1\n"
      "fldl2e\n"
      "movl $0x55, %%eax\n"
      "movd %%eax, %%xmm7\n"
      "pshufd $0, %%xmm7, %%xmm8\n"
      :
      :
      : "rax", "xmm7", "xmm8");
}

static uint64_t look(void) {
  uint64_t result[2];
  uint8_t top[10];
  __asm__ volatile("movdqu %%xmm8, %0; fstpt %1" : "=m"(result), "=m"(top));
  return mix(mix(0, result, sizeof result), top, sizeof top);
}

static void lose(void) {
  __asm__ volatile("fninit; pxor %%xmm8, %%xmm8; pcmpeqd %%xmm7, %%xmm7" : : : "xmm7", "xmm8");
}

void states(void) {
  fill();
  __asm__ volatile("fxsave64 %0" : "=m"(area));
  lose();
  __asm__ volatile("fxrstor64 %0" : : "m"(area));
  uint64_t by_fxsave = look();
  fill();
  __asm__ volatile("fnsave %0" : "=m"(area));
  __asm__ volatile("frstor %0" : : "m"(area));
  uint64_t by_fnsave = look();
  fill();
  __asm__ volatile("fnstenv %0; fldenv %0" : "+m"(area));
  uint64_t by_fnstenv = look();
  console_printf("states: %lx %lx %lx\n", by_fxsave, by_fnsave, by_fnstenv);
  if ((cpuid(1, 0).ecx & CPUID_XSAVE) == 0) {
    return;
  }
  write_cr4(read_cr4() | CR4_OSXSAVE);
  uint32_t low, high;
  __asm__ volatile("xsetbv" : : "a"(3), "d"(0), "c"(0));
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  memset(area, 0, sizeof area);
  fill();
  __asm__ volatile("xsave64 %0" : "+m"(area) : "a"(3), "d"(0));
  lose();
  __asm__ volatile("xrstor64 %0" : : "m"(area), "a"(3), "d"(0));
  uint64_t by_xsave = look();
  fill();
  if (cpuid(13, 1).eax & CPUID_XSAVEOPT) {
    __asm__ volatile("xsaveopt64 %0" : "+m"(area) : "a"(2), "d"(0));
  }
  lose();
  __asm__ volatile("xrstor64 %0" : : "m"(area), "a"(2), "d"(0));
  uint64_t part = look();
  memset(area + 512, 0, 64); /* no component is in use: xrstor resets them all */
  __asm__ volatile("xrstor64 %0" : : "m"(area), "a"(3), "d"(0));
  uint64_t reset = look();
  console_printf("xsave: %u, %lx %lx %lx\n", low, by_xsave, part, reset);
}
