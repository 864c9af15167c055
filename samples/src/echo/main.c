/* An echo server (RFC 862) over UDP on a virtio network card. It serves for ever. */
#include "cpu.h"
#include "interrupts.h"
#include "lapic.h"
#include "net.h"
#include "runtime.h"
#include "tables.h"
#include "virtio.h"

#define EXIT_CODE 0x1b
#define NETWORK_DEVICE 0x1000
#define VECTOR_NETWORK 45
#define IDENTITY_SIZE (64ul << 20)
#define DEVICES 0xfe000000ul
#define OWN_ADDRESS 0x0a00020f /* 10.0.2.15 */
#define BUFFERS 16
#define BUFFER_BYTES 2048
#define HEADER_BYTES 10 /* of a packet; no feature is negotiated */
#define REPORT_INTERVAL 1000

enum { RECEIVE, TRANSMIT };

static struct virtio_device card;
static struct virtio_queue queues[2];
static uint8_t queue_memory[2][VIRTIO_QUEUE_BYTES] __attribute__((aligned(4096)));
static uint8_t buffers[BUFFERS][BUFFER_BYTES] __attribute__((aligned(4096)));
static volatile unsigned interrupts;
static uint32_t reported;

static bool network_interrupt(struct trap_frame *frame) {
  (void)frame;
  interrupts++;
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

/* Descriptor i of either queue is buffer i. */
static void offer(int queue, uint16_t i, size_t length) {
  queues[queue].descriptors[i] =
      (struct virtio_descriptor){(uint64_t)buffers[i], (uint32_t)length,
                                 queue == RECEIVE ? VIRTIO_DEVICE_WRITES : 0, 0};
  virtio_offer(&queues[queue], i);
}

static void receive(uint16_t i, uint32_t length) {
  size_t answer = 0;
  if (length > HEADER_BYTES) {
    answer = net_answer(buffers[i] + HEADER_BYTES, length - HEADER_BYTES);
  }
  if (answer == 0) {
    offer(RECEIVE, i, BUFFER_BYTES);
    return;
  }
  for (unsigned byte = 0; byte < HEADER_BYTES; byte++) {
    buffers[i][byte] = 0;
  }
  offer(TRANSMIT, i, HEADER_BYTES + answer);
}

/* Whatever the card has finished. */
static bool work(void) {
  uint32_t id, length;
  bool any = false, sent = false;
  while (virtio_take(&queues[TRANSMIT], &id, &length)) {
    offer(RECEIVE, (uint16_t)id, BUFFER_BYTES);
    any = true;
  }
  while (virtio_take(&queues[RECEIVE], &id, &length)) {
    receive((uint16_t)id, length);
    sent = any = true;
    if (net_statistics.requests == reported + REPORT_INTERVAL) {
      reported += REPORT_INTERVAL;
      console_printf("%u requests\n", reported);
    }
  }
  if (sent) {
    virtio_notify(&queues[TRANSMIT]);
  }
  if (any) {
    virtio_notify(&queues[RECEIVE]);
  }
  return any;
}

static void address_space(void) {
  uint64_t cr3 = tables_create();
  for (uint64_t page = 0; page < IDENTITY_SIZE; page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE);
  }
  for (uint64_t page = DEVICES; page < DEVICES + (32ul << 20); page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE | PAGE_UNCACHED);
  }
  write_cr3(cr3);
}

static void start_card(void) {
  uint8_t mac[MAC_BYTES];
  if (!virtio_find(NETWORK_DEVICE, &card) || !virtio_use_msix(&card, VECTOR_NETWORK)) {
    panic("no network card");
  }
  for (uint16_t i = 0; i < MAC_BYTES; i++) {
    mac[i] = virtio_config(&card, i);
  }
  for (uint16_t i = 0; i < 2; i++) {
    virtio_queue_start(&card, &queues[i], i, queue_memory[i]);
  }
  virtio_ready(&card);
  net_start(mac, OWN_ADDRESS);
  for (uint16_t i = 0; i < BUFFERS; i++) {
    offer(RECEIVE, i, BUFFER_BYTES);
  }
  virtio_notify(&queues[RECEIVE]);
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  interrupts_handle(VECTOR_NETWORK, network_interrupt);
  address_space();
  pic_remap();
  lapic_enable(0xff);
  start_card();
  console_printf("serving\n");
  for (;;) {
    interrupts_disable();
    unsigned before = interrupts;
    interrupts_enable();
    if (work()) {
      continue;
    }
    interrupts_disable();
    while (interrupts == before) {
      __asm__ volatile("sti; hlt; cli" : : : "memory");
    }
  }
}
