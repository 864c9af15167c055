/* What the sample computes with AVX2, FMA and F16C, and with the x87 FPU. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stdint.h>

bool has_avx2_fma_f16c(void);

/* Matrices, bytes, tables, half-precision numbers: a checksum that depends on every instruction. */
uint64_t vector_rounds(uint64_t seed, uint64_t rounds);

/* A gather and a masked store whose later elements lie in a page that comes in by a page fault. */
uint64_t through_faults(uint64_t seed);

/* Long doubles. */
uint64_t x87_rounds(uint64_t rounds);

#endif
