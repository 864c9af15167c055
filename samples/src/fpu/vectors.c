/* SSE to SSE4.2 and MMX, one instruction after the other on changing numbers. */
#include "cpu.h"
#include "features.h"
#include "runtime.h"

typedef struct {
  uint64_t half[2];
} __attribute__((aligned(16))) vector;

static const uint32_t rounding[] = {0x1f80, 0x3f80, 0x5f80, 0x7f80, 0x9fc0};

/* Random bits, or random numbers of a moderate size. */
static vector random_vector(uint32_t round) {
  vector v = {{next_random(), next_random()}};
  if (round % 2) {
    for (int i = 0; i < 2; i++) {
      v.half[i] = (v.half[i] & 0xc0ffffffc0ffffff) | 0x3f0000003f000000;
    }
  }
  return v;
}

/* xmm0 and xmm1 hold the operands; each result goes into the sum with the flags of mxcsr. */
#define APPLY(instruction)                                        \
  {                                                               \
    vector r;                                                     \
    uint32_t mxcsr;                                               \
    __asm__ volatile(                                             \
        "movdqa %2, %%xmm0\n"                                     \
        "movdqu %3, %%xmm1\n" instruction "\n"                    \
        "movaps %%xmm0, %0\n"                                     \
        "stmxcsr %1\n"                                            \
        : "=m"(r), "=m"(mxcsr)                                    \
        : "m"(a), "m"(b)                                          \
        : "xmm0", "xmm1", "xmm2", "rax", "rcx", "rdx", "cc", "memory"); \
    sum = mix(sum, &r, sizeof r) + mxcsr;                         \
  }

#define TWO(name) APPLY(name " %%xmm1, %%xmm0")
#define TO_EAX(instruction) APPLY(instruction "; movd %%eax, %%xmm0")

static void set_rounding(uint32_t round) {
  uint32_t mxcsr = rounding[round % (sizeof rounding / sizeof rounding[0])];
  __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static uint64_t sse2_floats(uint64_t sum, vector a, vector b) {
  TWO("addps") TWO("subps") TWO("mulps") TWO("divps") TWO("minps") TWO("maxps") TWO("sqrtps")
  TWO("addpd") TWO("subpd") TWO("mulpd") TWO("divpd") TWO("minpd") TWO("maxpd") TWO("sqrtpd")
  TWO("addss") TWO("subss") TWO("mulss") TWO("divss") TWO("minss") TWO("maxss") TWO("sqrtss")
  TWO("addsd") TWO("subsd") TWO("mulsd") TWO("divsd") TWO("minsd") TWO("maxsd") TWO("sqrtsd")
  TWO("rcpps") TWO("rsqrtps") TWO("rcpss") TWO("rsqrtss")
  TWO("cvtps2pd") TWO("cvtpd2ps") TWO("cvtdq2ps") TWO("cvtps2dq") TWO("cvttps2dq")
  TWO("cvtdq2pd") TWO("cvtpd2dq") TWO("cvttpd2dq") TWO("cvtss2sd") TWO("cvtsd2ss")
  TO_EAX("cvtss2si %%xmm1, %%rax") TO_EAX("cvttsd2si %%xmm1, %%eax")
  TO_EAX("movmskps %%xmm1, %%eax") TO_EAX("movmskpd %%xmm1, %%eax")
  TO_EAX("ucomiss %%xmm1, %%xmm0; seta %%al; setp %%ah; movzwl %%ax, %%eax")
  TO_EAX("comisd %%xmm1, %%xmm0; setb %%al; sete %%ah; movzwl %%ax, %%eax")
  TWO("cmpltps") TWO("cmpneqpd") TWO("cmpunordss") TWO("cmpordsd") TWO("cmpnleps")
  APPLY("shufps $0x1b, %%xmm1, %%xmm0") APPLY("shufpd $1, %%xmm1, %%xmm0")
  TWO("unpcklps") TWO("unpckhps") TWO("unpcklpd") TWO("unpckhpd") TWO("andnps") TWO("orpd")
  TWO("movhlps") TWO("movlhps") TWO("movss") TWO("movsd") TWO("movq")
  return sum;
}

static uint64_t sse2_integers(uint64_t sum, vector a, vector b) {
  TWO("paddb") TWO("paddw") TWO("paddd") TWO("paddq") TWO("paddsb") TWO("paddusw") TWO("psubb")
  TWO("psubq") TWO("psubusb") TWO("psubsw") TWO("pmullw") TWO("pmulhw") TWO("pmulhuw")
  TWO("pmuludq") TWO("pmaddwd") TWO("psadbw") TWO("pavgb") TWO("pminub") TWO("pmaxsw")
  TWO("pcmpeqb") TWO("pcmpgtw") TWO("pcmpgtd") TWO("packsswb") TWO("packuswb") TWO("packssdw")
  TWO("punpcklbw") TWO("punpckhwd") TWO("punpcklqdq") TWO("pxor") TWO("pandn")
  APPLY("psllw $3, %%xmm0") APPLY("psrad $7, %%xmm0") APPLY("psrldq $5, %%xmm0")
  APPLY("movl $9, %%eax; movd %%eax, %%xmm1; psrlq %%xmm1, %%xmm0")
  APPLY("pshufd $0x93, %%xmm1, %%xmm0") APPLY("pshuflw $0x1e, %%xmm1, %%xmm0")
  APPLY("pshufhw $0x4e, %%xmm1, %%xmm0") APPLY("movl $0x1234, %%ecx; pinsrw $3, %%ecx, %%xmm0")
  TO_EAX("pmovmskb %%xmm1, %%eax") TO_EAX("pextrw $5, %%xmm1, %%eax")
  return sum;
}

uint64_t sse2(uint32_t rounds) {
  uint64_t sum = 1;
  for (uint32_t i = 0; i < rounds; i++) {
    vector a = random_vector(i), b = random_vector(i);
    set_rounding(i);
    sum = sse2_floats(sum, a, b);
    sum = sse2_integers(sum, a, b);
  }
  set_rounding(0);
  return sum;
}

/* MMX, and stores that go past the cache. */
uint64_t mmx(uint32_t rounds) {
  uint64_t sum = 1;
  for (uint32_t i = 0; i < rounds; i++) {
    uint64_t a = next_random(), b = next_random(), r[4];
    vector wide = {{a, b}};
    vector to = {{0, 0}};
    __asm__ volatile(
        "movq %4, %%mm0\n"
        "movq %5, %%mm1\n"
        "movq %%mm0, %%mm2\n"
        "paddw %%mm1, %%mm2\n"
        "pmaddwd %%mm1, %%mm2\n"
        "movq %%mm2, %0\n"
        "packsswb %%mm1, %%mm0\n"
        "punpcklbw %%mm2, %%mm0\n"
        "pshufw $0x1b, %%mm0, %%mm3\n"
        "psllq $3, %%mm3\n"
        "movq %%mm3, %1\n"
        "movq2dq %%mm3, %%xmm3\n"
        "movdq2q %%xmm3, %%mm4\n"
        "movntq %%mm4, %2\n"
        "pmovmskb %%mm4, %%eax\n"
        "movnti %%rax, %3\n"
        "cvtpi2ps %%mm1, %%xmm3\n"
        "cvttps2pi %%xmm3, %%mm5\n"
        "movd %%mm5, %%eax\n"
        "addq %%rax, %3\n"
        "emms\n"
        : "=m"(r[0]), "=m"(r[1]), "=m"(r[2]), "=m"(r[3])
        : "m"(a), "m"(b)
        : "rax", "xmm3", "memory");
    __asm__ volatile(
        "movdqa %1, %%xmm1\n"
        "leaq %0, %%rdi\n"
        "maskmovdqu %%xmm1, %%xmm1\n"
        : "+m"(to)
        : "m"(wide)
        : "rdi", "xmm1", "memory");
    sum = mix(sum, r, sizeof r);
    sum = mix(sum, &to, sizeof to);
  }
  return sum;
}

static uint64_t sse3(uint64_t sum, vector a, vector b) {
  TWO("addsubps") TWO("addsubpd") TWO("haddps") TWO("haddpd") TWO("hsubps") TWO("movddup")
  TWO("movshdup") TWO("movsldup") APPLY("lddqu %3, %%xmm0")
  return sum;
}

static uint64_t ssse3(uint64_t sum, vector a, vector b) {
  TWO("pshufb") TWO("phaddw") TWO("phaddd") TWO("phaddsw") TWO("phsubd") TWO("pmaddubsw")
  TWO("pmulhrsw") TWO("psignb") TWO("psignd") TWO("pabsb") TWO("pabsw") TWO("pabsd")
  APPLY("palignr $5, %%xmm1, %%xmm0")
  return sum;
}

static uint64_t sse41(uint64_t sum, vector a, vector b) {
  TWO("pmulld") TWO("pmuldq") TWO("pminsb") TWO("pmaxud") TWO("pminuw") TWO("packusdw")
  TWO("pcmpeqq") TWO("pmovsxbw") TWO("pmovzxwq") TWO("phminposuw")
  APPLY("pblendw $0x5a, %%xmm1, %%xmm0") APPLY("blendps $5, %%xmm1, %%xmm0")
  APPLY("movdqa %%xmm1, %%xmm2; movdqa %%xmm0, %%xmm1; movdqa %%xmm2, %%xmm0; pblendvb %%xmm0, %%xmm1, %%xmm0")
  APPLY("blendvpd %%xmm0, %%xmm1, %%xmm0") APPLY("roundps $1, %%xmm1, %%xmm0")
  APPLY("roundsd $2, %%xmm1, %%xmm0") APPLY("roundpd $4, %%xmm1, %%xmm0")
  APPLY("dpps $0xf1, %%xmm1, %%xmm0") APPLY("dppd $0x31, %%xmm1, %%xmm0")
  APPLY("mpsadbw $3, %%xmm1, %%xmm0") APPLY("insertps $0x4a, %%xmm1, %%xmm0")
  APPLY("movl $77, %%eax; pinsrb $3, %%eax, %%xmm0") APPLY("movl $77, %%eax; pinsrq $1, %%rax, %%xmm0")
  TO_EAX("pextrb $7, %%xmm1, %%eax") TO_EAX("extractps $2, %%xmm1, %%eax")
  TO_EAX("ptest %%xmm1, %%xmm0; setc %%al; setz %%ah; movzwl %%ax, %%eax")
  APPLY("movntdqa %2, %%xmm0")
  return sum;
}

static uint64_t sse42(uint64_t sum, vector a, vector b) {
  TWO("pcmpgtq")
  TO_EAX("pcmpistri $0x0c, %%xmm1, %%xmm0; movl %%ecx, %%eax")
  TO_EAX("pcmpistri $0x1a, %%xmm1, %%xmm0; setc %%al; seto %%ah; movzwl %%ax, %%eax")
  APPLY("pcmpistrm $0x44, %%xmm1, %%xmm0")
  APPLY("movl $9, %%eax; movl $12, %%edx; pcmpestrm $0x08, %%xmm1, %%xmm0")
  TO_EAX("movl $9, %%eax; movl $12, %%edx; pcmpestri $0x4d, %%xmm1, %%xmm0; movl %%ecx, %%eax")
  TO_EAX("movl $1, %%eax; crc32q %2, %%rax") TO_EAX("movl $1, %%eax; crc32b %3, %%eax")
  return sum;
}

void newer(uint32_t rounds) {
  uint32_t bits = cpuid(1, 0).ecx;
  uint64_t sums[4] = {0};
  for (uint32_t i = 0; i < rounds; i++) {
    vector a = random_vector(i), b = random_vector(i);
    set_rounding(i);
    if (bits & CPUID_SSE3) {
      sums[0] = sse3(sums[0], a, b);
    }
    if (bits & CPUID_SSSE3) {
      sums[1] = ssse3(sums[1], a, b);
    }
    if (bits & CPUID_SSE41) {
      sums[2] = sse41(sums[2], a, b);
    }
    if (bits & CPUID_SSE42) {
      sums[3] = sse42(sums[3], a, b);
    }
  }
  set_rounding(0);
  console_printf("sse3: %lx, ssse3: %lx, sse4.1: %lx, sse4.2: %lx\n", sums[0], sums[1], sums[2],
                 sums[3]);
}
