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

uint32_t digest_packet(const struct packet *packet) {
  struct field fields[MOST_FIELDS];
  if (packet->count > WIRE_FIELDS) {
    return 0;
  }
  for (uint32_t i = 0; i < packet->count; i++) {
    fields[i] = packet->fields[i];
  }
  return crc_of_fields(fields, packet->count);
}
