/* The protocols. Numbers on the wire are big endian. */
#include "net.h"

#include <stdbool.h>

#include "string.h"

#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17
#define ICMP_ECHO_REQUEST 8
#define ICMP_ECHO_REPLY 0
#define ECHO_PORT 7

/* Offsets in a frame. */
#define ETHERNET 14
#define ARP_OPERATION (ETHERNET + 6)
#define ARP_SENDER_MAC (ETHERNET + 8)
#define ARP_SENDER (ETHERNET + 14)
#define ARP_TARGET_MAC (ETHERNET + 18)
#define ARP_TARGET (ETHERNET + 24)
#define ARP_END (ETHERNET + 28)
#define IP_LENGTH (ETHERNET + 2)
#define IP_TIME_TO_LIVE (ETHERNET + 8)
#define IP_PROTOCOL (ETHERNET + 9)
#define IP_CHECKSUM (ETHERNET + 10)
#define IP_SOURCE (ETHERNET + 12)
#define IP_TARGET (ETHERNET + 16)
#define IP_END (ETHERNET + 20)
#define UDP_CHECKSUM (IP_END + 6)
#define UDP_END (IP_END + 8)
#define PLAIN_HEADER 0x45

struct net_statistics net_statistics;
static uint8_t own_mac[MAC_BYTES];
static uint32_t own_address;

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

static void put16(uint8_t *p, uint16_t value) {
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value) {
  put16(p, (uint16_t)(value >> 16));
  put16(p + 2, (uint16_t)value);
}

static uint16_t checksum(const uint8_t *p, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; i += 2) {
    sum += i + 1 < size ? get16(p + i) : (uint32_t)p[i] << 8;
  }
  while (sum >> 16) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)~sum;
}

void net_start(const uint8_t mac[MAC_BYTES], uint32_t address) {
  memcpy(own_mac, mac, MAC_BYTES);
  own_address = address;
}

static void to_sender(uint8_t *frame) {
  memcpy(frame, frame + MAC_BYTES, MAC_BYTES);
  memcpy(frame + MAC_BYTES, own_mac, MAC_BYTES);
}

static size_t answer_arp(uint8_t *frame, size_t length) {
  if (length < ARP_END || get16(frame + ARP_OPERATION) != ARP_REQUEST ||
      get32(frame + ARP_TARGET) != own_address) {
    return 0;
  }
  to_sender(frame);
  put16(frame + ARP_OPERATION, ARP_REPLY);
  memcpy(frame + ARP_TARGET_MAC, frame + ARP_SENDER_MAC, MAC_BYTES + 4);
  memcpy(frame + ARP_SENDER_MAC, own_mac, MAC_BYTES);
  put32(frame + ARP_SENDER, own_address);
  net_statistics.arp++;
  return ARP_END;
}

static void swap(uint8_t *a, uint8_t *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    uint8_t byte = a[i];
    a[i] = b[i];
    b[i] = byte;
  }
}

static size_t answer_ip(uint8_t *frame, size_t length) {
  size_t total = length >= IP_END ? ETHERNET + (size_t)get16(frame + IP_LENGTH) : 0;
  if (total < IP_END || total > length || frame[ETHERNET] != PLAIN_HEADER ||
      get32(frame + IP_TARGET) != own_address || checksum(frame + ETHERNET, 20) != 0) {
    return 0;
  }
  if (frame[IP_PROTOCOL] == PROTOCOL_UDP && total >= UDP_END &&
      get16(frame + IP_END + 2) == ECHO_PORT) {
    swap(frame + IP_END, frame + IP_END + 2, 2);
    put16(frame + UDP_CHECKSUM, 0); /* none */
    net_statistics.requests++;
  } else if (frame[IP_PROTOCOL] == PROTOCOL_ICMP && frame[IP_END] == ICMP_ECHO_REQUEST) {
    frame[IP_END] = ICMP_ECHO_REPLY;
    put16(frame + IP_END + 2, 0);
    put16(frame + IP_END + 2, checksum(frame + IP_END, total - IP_END));
    net_statistics.pings++;
  } else {
    return 0;
  }
  to_sender(frame);
  swap(frame + IP_SOURCE, frame + IP_TARGET, 4);
  frame[IP_TIME_TO_LIVE] = 64;
  put16(frame + IP_CHECKSUM, 0);
  put16(frame + IP_CHECKSUM, checksum(frame + ETHERNET, 20));
  return total;
}

size_t net_answer(uint8_t *frame, size_t length) {
  size_t answer = 0;
  if (length >= ETHERNET) {
    uint16_t type = get16(frame + 12);
    answer = type == TYPE_ARP    ? answer_arp(frame, length)
             : type == TYPE_IPV4 ? answer_ip(frame, length)
                                 : 0;
  }
  if (answer == 0) {
    net_statistics.others++;
  }
  return answer;
}
