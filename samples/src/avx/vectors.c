#include "vectors.h"

#include <immintrin.h>

#include "cpu.h"
#include "interrupts.h"
#include "runtime.h"
#include "string.h"

#define WIDE __attribute__((target("avx2,fma,f16c")))
#define SIZE 16
#define BYTES 512
#define CPUID_FMA (1u << 12)
#define CPUID_F16C (1u << 29)
#define CPUID_AVX2 (1u << 5)

/* Two pages of 2 MiB of the boot code's mapping, far behind the kernel. */
#define LARGE_PAGE (2ul << 20)
#define PRESENT_PAGE (46ul << 20)
#define ABSENT_PAGE (PRESENT_PAGE + LARGE_PAGE)
#define ENTRY_PRESENT 1ul
#define ENTRY_ADDRESS 0x000ffffffffff000ul

static float left[SIZE * SIZE], right[SIZE * SIZE], product[SIZE * SIZE];
static uint8_t text[BYTES];
static int table[256];
static volatile unsigned faults;

bool has_avx2_fma_f16c(void) {
  uint32_t eax = 1, ebx, ecx = 0, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  bool fused = (ecx & CPUID_FMA) && (ecx & CPUID_F16C);
  eax = 7;
  ecx = 0;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return fused && (ebx & CPUID_AVX2);
}

static uint64_t mix(uint64_t hash, const void *data, size_t size) {
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ bytes[i]) * 0x100000001b3;
  }
  return hash;
}

WIDE static uint64_t multiply(uint64_t seed) {
  for (unsigned i = 0; i < SIZE * SIZE; i++) {
    left[i] = (float)(int)(seed >> (i & 31)) / 7;
    right[i] = 1 / (float)(i + 1 + (seed & 255));
  }
  for (unsigned row = 0; row < SIZE; row++) {
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (unsigned k = 0; k < SIZE; k++) {
      __m256 factor = _mm256_broadcast_ss(&left[SIZE * row + k]);
      low = _mm256_fmadd_ps(factor, _mm256_loadu_ps(&right[SIZE * k]), low);
      high = _mm256_fnmadd_ps(factor, _mm256_loadu_ps(&right[SIZE * k + 8]), high);
    }
    _mm256_storeu_ps(&product[SIZE * row], _mm256_hadd_ps(low, high));
    _mm256_storeu_ps(&product[SIZE * row + 8], _mm256_sqrt_ps(_mm256_max_ps(low, high)));
  }
  return mix(seed, product, sizeof product);
}

/* Halves of the numbers, and what a cipher does with them: vaesenc has no model in the replay. */
WIDE static uint64_t convert(uint64_t seed) {
  __m256i sum = _mm256_setzero_si256();
  for (unsigned row = 0; row < SIZE; row++) {
    __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(&product[SIZE * row]), _MM_FROUND_TO_NEAREST_INT);
    __m256 back = _mm256_cvtph_ps(half);
    __m256d wide = _mm256_cvtps_pd(_mm256_extractf128_ps(back, 1));
    __m128i narrow = _mm256_cvtpd_epi32(_mm256_mul_pd(wide, wide));
    sum = _mm256_xor_si256(sum, _mm256_inserti128_si256(_mm256_castps_si256(back), narrow, 1));
    __asm__ volatile("vaesenc %0, %0, %0" : "+x"(sum));
  }
  return mix(seed, &sum, sizeof sum);
}

WIDE static uint64_t scan(uint64_t seed) {
  for (unsigned i = 0; i < BYTES; i++) {
    text[i] = (uint8_t)(seed * i >> (i & 15));
  }
  uint64_t found = 0;
  __m256i order = _mm256_set_epi8(0, 3, 1, 2, 7, 6, 5, 4, 8, -1, 9, 10, 11, 12, 13, 14, 0, 3, 1, 2,
                                  7, -1, 5, 4, 8, 15, 9, 10, 11, 12, 13, 14);
  __m256i sum = _mm256_setzero_si256();
  for (unsigned i = 0; i < BYTES; i += 32) {
    __m256i block = _mm256_loadu_si256((const __m256i *)(text + i));
    __m256i equal = _mm256_cmpeq_epi8(block, _mm256_set1_epi8((char)seed));
    found = found * 31 + (uint32_t)_mm256_movemask_epi8(equal);
    __m256i shuffled = _mm256_shuffle_epi8(block, order);
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(shuffled, equal));
    sum = _mm256_permutevar8x32_epi32(sum, _mm256_srlv_epi32(shuffled, _mm256_set1_epi32(29)));
    sum = _mm256_alignr_epi8(_mm256_permute2x128_si256(sum, shuffled, 0x21), sum, 5);
    found += (uint64_t)_mm256_testc_si256(sum, equal) + 2u * (unsigned)_mm256_testz_si256(sum, block);
  }
  return mix(found, &sum, sizeof sum);
}

WIDE static uint64_t look_up(uint64_t seed) {
  for (unsigned i = 0; i < 256; i++) {
    table[i] = (int)(seed ^ i * 0x9e3779b9u);
  }
  __m256i sum = _mm256_setzero_si256();
  for (unsigned i = 0; i < 16; i++) {
    __m256i index = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(text + 8 * i)));
    __m256i mask = _mm256_cmpgt_epi32(index, _mm256_set1_epi32(64));
    sum = _mm256_add_epi32(sum, _mm256_mask_i32gather_epi32(sum, table, index, mask, 4));
    _mm256_maskstore_epi32(table + 8 * i, mask, sum);
  }
  return mix(seed, table, sizeof table) ^ mix(seed, &sum, sizeof sum);
}

uint64_t vector_rounds(uint64_t seed, uint64_t rounds) {
  for (uint64_t i = 0; i < rounds; i++) {
    seed = multiply(seed);
    seed = convert(seed);
    seed ^= scan(seed);
    seed ^= look_up(seed);
  }
  return seed;
}

static uint64_t *entry_of(uint64_t address) {
  uint64_t *level = (uint64_t *)(read_cr3() & ENTRY_ADDRESS);
  level = (uint64_t *)(level[address >> 39 & 511] & ENTRY_ADDRESS);
  level = (uint64_t *)(level[address >> 30 & 511] & ENTRY_ADDRESS);
  return level + (address >> 21 & 511);
}

static void take_away(void) {
  *entry_of(ABSENT_PAGE) &= ~ENTRY_PRESENT;
  invlpg(ABSENT_PAGE);
}

/* The entry stub saves no vector registers. */
__attribute__((target("general-regs-only"))) static bool page_fault(struct trap_frame *frame) {
  (void)frame;
  if (read_cr2() < ABSENT_PAGE || read_cr2() >= ABSENT_PAGE + LARGE_PAGE) {
    return false;
  }
  *entry_of(ABSENT_PAGE) |= ENTRY_PRESENT;
  faults++;
  return true;
}

WIDE uint64_t through_faults(uint64_t seed) {
  interrupts_install();
  interrupts_handle(VECTOR_PAGE_FAULT, page_fault);
  int *middle = (int *)ABSENT_PAGE;
  for (int i = -16; i < 16; i++) {
    middle[i] = (int)(seed >> (i & 31)) + i;
  }
  __m256i index = _mm256_set_epi32(7, -2, 0, -3, 5, -7, -1, -16);
  __m256i all = _mm256_set1_epi32(-1);
  take_away();
  __m256i gathered = _mm256_mask_i32gather_epi32(all, middle, index, all, 4);
  take_away();
  _mm256_maskstore_epi32(middle - 4, _mm256_slli_epi32(index, 28), gathered);
  take_away();
  gathered = _mm256_add_epi32(gathered, _mm256_loadu_si256((const __m256i *)(middle - 3)));
  return mix(faults, &gathered, sizeof gathered);
}

uint64_t x87_rounds(uint64_t rounds) {
  long double sum = 0, root = 1;
  for (uint64_t i = 1; i <= rounds * 16; i++) {
    sum += 1 / (long double)(int64_t)i;
    root = __builtin_fabsl(root * 3 - sum);
    long double next;
    __asm__("fsqrt\n\tfadd %%st(1), %%st\n\t" : "=t"(next) : "0"(root), "u"(sum));
    root = next < 2 ? next : next / 3;
  }
  return mix((uint64_t)(sum * 1e15L), &root, 10);
}
