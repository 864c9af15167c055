/* Runs every part of the workload `rounds` times and prints the state after each part. */
#include "runtime.h"
#include "work.h"

#define DEFAULT_ROUNDS 3

struct part {
  const char *name;
  uint64_t (*work)(uint64_t state);
};

static const struct part parts[] = {
    {"sort", work_sort},           {"hash table", work_hash_table}, {"matrix", work_matrix},
    {"strings", work_strings},     {"recursion", work_recursion},   {"bits", work_bits},
    {"divide", work_divide},       {"crc", work_crc},
};

#define PARTS (sizeof parts / sizeof parts[0])

int main(void) {
  uint64_t rounds = boot_parameter("rounds", DEFAULT_ROUNDS);
  uint64_t state = 1;
  uint64_t after[PARTS] = {0};
  for (uint64_t round = 0; round < rounds; round++) {
    for (unsigned i = 0; i < PARTS; i++) {
      state = parts[i].work(state);
      after[i] = state;
    }
  }
  console_printf("rounds %lu\n", rounds);
  for (unsigned i = 0; i < PARTS; i++) {
    console_printf("%s %016lx\n", parts[i].name, after[i]);
  }
  console_printf("checksum %016lx\n", state);
  return 0;
}
