/* The parts of the tour, and the CPUID bits they depend on. */
#ifndef FEATURES_H
#define FEATURES_H

#include <stddef.h>
#include <stdint.h>

#define CPUID_SSE3 (1u << 0)
#define CPUID_SSSE3 (1u << 9)
#define CPUID_SSE41 (1u << 19)
#define CPUID_SSE42 (1u << 20)
#define CPUID_POPCNT (1u << 23)
#define CPUID_XSAVE (1u << 26)
#define CPUID_RDRAND (1u << 30)
#define CPUID_RDSEED (1u << 18)  /* leaf 7, ebx */
#define CPUID_RDTSCP (1u << 27)  /* leaf 0x80000001, edx */
#define CPUID_XSAVEOPT (1u << 0) /* leaf 13, subleaf 1, eax */

uint64_t next_random(void);
uint64_t mix(uint64_t sum, const void *from, size_t size);

uint64_t sse2(uint32_t rounds);
uint64_t mmx(uint32_t rounds);
uint64_t x87(uint32_t rounds);

/* SSE3 to SSE4.2 as far as the CPU has them; prints a checksum for each. */
void newer(uint32_t rounds);

/* fxsave, fnsave, fnstenv, xsave, xsaveopt and what restores them. */
void states(void);

#endif
