/* A hash table with open addressing: insertions, lookups and deletions. */
#include <stdbool.h>

#include "work.h"

#define SLOTS 512
#define OPERATIONS 1500
#define KEYS 700

enum slot_state { EMPTY, USED, DELETED };

struct slot {
  uint64_t key;
  uint32_t value;
  uint16_t state;
};

static struct slot table[SLOTS];
static unsigned used;

static struct slot *find(uint64_t key) {
  unsigned index = (unsigned)(key * 0x9e3779b97f4a7c15 >> 55);
  for (unsigned i = 0; i < SLOTS; i++, index = (index + 1) % SLOTS) {
    if (table[index].state == EMPTY) {
      return 0;
    }
    if (table[index].state == USED && table[index].key == key) {
      return &table[index];
    }
  }
  return 0;
}

static void insert(uint64_t key, uint32_t value) {
  unsigned index = (unsigned)(key * 0x9e3779b97f4a7c15 >> 55);
  while (table[index].state == USED) {
    index = (index + 1) % SLOTS;
  }
  table[index] = (struct slot){.key = key, .value = value, .state = USED};
  used++;
}

uint64_t work_hash_table(uint64_t state) {
  for (int i = 0; i < SLOTS; i++) {
    table[i] = (struct slot){0};
  }
  used = 0;
  for (int i = 0; i < OPERATIONS; i++) {
    uint64_t number = next_random(&state);
    uint64_t key = number % KEYS;
    struct slot *slot = find(key);
    if (slot == 0 && used < SLOTS * 3 / 4) {
      insert(key, (uint32_t)(number >> 32));
    } else if (slot != 0 && (number & 0x10000) != 0) {
      slot->state = DELETED;
      used--;
    } else if (slot != 0) {
      slot->value = slot->value * 3 + 1;
    }
  }
  for (int i = 0; i < SLOTS; i++) {
    state = mix(state, table[i].key << 32 ^ table[i].value ^ (uint64_t)table[i].state << 20);
  }
  return state;
}
