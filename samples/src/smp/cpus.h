/* The other CPUs. */
#ifndef CPUS_H
#define CPUS_H

#include <stdint.h>

#define MOST_CPUS 8

/* Starts all others; each calls cpu_main. Returns how many CPUs run now. */
uint32_t cpus_start(void);

/* What every other CPU does, numbered from 1. It halts when this returns. */
void cpu_main(uint32_t number);

/* Lets another CPU go first. */
static inline void cpu_relax(void) { __asm__ volatile("pause" : : : "memory"); }

#endif
