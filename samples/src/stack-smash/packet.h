/* Telemetry packets: a count and that many fields. */
#ifndef PACKET_H
#define PACKET_H

#include <stdint.h>

/* The most fields a packet has room for on the wire. */
#define WIRE_FIELDS 32

struct field {
  char name[4];
  uint32_t value;
};

struct packet {
  uint32_t count;
  struct field fields[WIRE_FIELDS];
};

/* The CRC of a packet's fields; 0 for a packet that cannot be right. */
uint32_t digest_packet(const struct packet *packet);

#endif
