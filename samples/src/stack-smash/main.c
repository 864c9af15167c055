/* The sender's side and the loop: 600 packets, of which one is longer than all the others. */
#include "packet.h"
#include "runtime.h"

#define DEFAULT_PACKETS 600
#define DEFAULT_LONG_PACKET 555
#define LONG_COUNT 20

static struct packet wire;
static uint32_t total;

/* Fields are called A000, B001, ... after their place in the packet. */
static void send_packet(uint32_t number, uint32_t count) {
  wire.count = count;
  for (uint32_t i = 0; i < count; i++) {
    wire.fields[i] = (struct field){
        .name = {(char)('A' + i), '0', (char)('0' + i / 10), (char)('0' + i % 10)},
        .value = (number * 37 + i * 11) % 1000,
    };
  }
}

static void receive_packet(uint32_t number) {
  uint32_t digest = digest_packet(&wire);
  total = total * 31 + digest;
  if (number % 100 == 0) {
    console_printf("packet %u: digest %08x, total %08x\n", number, digest, total);
  }
}

int main(void) {
  uint32_t packets = (uint32_t)boot_parameter("packets", DEFAULT_PACKETS);
  uint32_t long_packet = (uint32_t)boot_parameter("long", DEFAULT_LONG_PACKET);
  console_printf("telemetry receiver: %u packets, no IDT\n", packets);
  for (uint32_t number = 1; number <= packets; number++) {
    send_packet(number, number == long_packet ? LONG_COUNT : 1 + number % 8);
    receive_packet(number);
  }
  console_printf("done\n");
  return 0;
}
