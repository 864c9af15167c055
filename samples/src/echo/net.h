/* Ethernet, ARP, IPv4 and UDP as far as an echo server needs them. */
#ifndef NET_H
#define NET_H

#include <stddef.h>
#include <stdint.h>

#define MAC_BYTES 6

struct net_statistics {
  uint32_t requests, arp, pings, others;
};

extern struct net_statistics net_statistics;

void net_start(const uint8_t mac[MAC_BYTES], uint32_t address);

/*
 * Turns a received frame into its answer, in place. Returns the answer's length, 0 when there is
 * none.
 */
size_t net_answer(uint8_t *frame, size_t length);

#endif
