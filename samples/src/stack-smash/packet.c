/* The receiver: it copies a packet's fields to the stack and computes their digest. */
#include "packet.h"

#define MOST_FIELDS 8

/* CRC-32 over the fields' bytes, bit by bit. */
static uint32_t crc_of_fields(const struct field *fields, uint32_t count) {
  const uint8_t *bytes = (const uint8_t *)fields;
  uint32_t crc = 0xffffffff;
  for (uint32_t i = 0; i < count * sizeof(struct field); i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc;
}

/* Not inlined: a compiler that sees the array's size may unroll the loop to just that size. */
static __attribute__((noinline)) void copy_fields(struct field *to, const struct packet *packet) {
  for (uint32_t i = 0; i < packet->count; i++) {
    to[i] = packet->fields[i];
  }
}

uint32_t digest_packet(const struct packet *packet) {
  struct field fields[MOST_FIELDS];
  if (packet->count > WIRE_FIELDS) {
    return 0;
  }
  copy_fields(fields, packet);
  return crc_of_fields(fields, packet->count);
}
