/* CRC-32 (polynomial 0xedb88320), bit by bit and with a table. */
#include "work.h"

#define SIZE 2048

static uint32_t table[256];
static uint8_t data[SIZE];

static uint32_t crc_of_byte(uint32_t crc) {
  for (int bit = 0; bit < 8; bit++) {
    crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc;
}

static uint32_t crc32(const uint8_t *from, int size) {
  uint32_t crc = 0xffffffff;
  for (int i = 0; i < size; i++) {
    crc = table[(crc ^ from[i]) & 0xff] ^ crc >> 8;
  }
  return ~crc;
}

uint64_t work_crc(uint64_t state) {
  for (unsigned i = 0; i < 256; i++) {
    table[i] = crc_of_byte(i);
  }
  for (int i = 0; i < SIZE; i++) {
    data[i] = (uint8_t)(state >> (i % 57));
  }
  uint64_t crc = crc32(data, SIZE);
  for (int i = 0; i < 12; i++) {
    crc = crc << 32 | crc32(data + i, SIZE - i * 16);
    state = mix(state, crc);
  }
  return state;
}
