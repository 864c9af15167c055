/*
 * A disk and a source of random numbers over PCI: memory that devices write and the CPU reads in
 * part or never, code that a device has put there, and at the end a request one sector too long.
 */
#include "cpu.h"
#include "interrupts.h"
#include "lapic.h"
#include "runtime.h"
#include "string.h"
#include "tables.h"
#include "virtio.h"

#define EXIT_CODE 0x19
#define BLOCK_DEVICE 0x1001
#define RANDOM_DEVICE 0x1005
#define SECTOR 512
#define SECTORS 64
#define REQUEST_READ 0
#define REQUEST_WRITE 1
#define VECTOR_BLOCK 45
#define IDENTITY_SIZE (64ul << 20)
#define DEVICES 0xfe000000ul
#define CODE_SECTOR 60

struct request {
  uint32_t type;
  uint32_t reserved;
  uint64_t sector;
};

/* What a mount has read, and right behind it what the file system thinks it knows. */
static struct {
  uint8_t sectors[2][SECTOR];
  struct index {
    uint32_t magic;
    uint32_t entries;
    uint32_t first[6];
  } index;
} mount __attribute__((aligned(4096)));

#define INDEX_MAGIC 0x58444e49

static struct virtio_device disk;
static struct virtio_queue queue;
static uint8_t queue_memory[VIRTIO_QUEUE_BYTES] __attribute__((aligned(4096)));
static uint8_t random_memory[VIRTIO_QUEUE_BYTES] __attribute__((aligned(4096)));
uint8_t data[SECTORS * SECTOR] __attribute__((aligned(4096)));
static uint8_t code[4096] __attribute__((aligned(4096)));
static uint8_t random_bytes[64] __attribute__((aligned(64)));
static volatile unsigned interrupts, completed;

static bool block_interrupt(struct trap_frame *frame) {
  (void)frame;
  uint32_t id, length;
  interrupts++;
  while (virtio_take(&queue, &id, &length)) {
    completed++;
  }
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

/* Waits for the interrupt, halted. */
static void wait_for(unsigned wanted) {
  interrupts_disable();
  while (completed != wanted) {
    __asm__ volatile("sti; hlt; cli" : : : "memory");
  }
}

static void transfer(uint32_t type, uint64_t sector, void *buffer, uint32_t length) {
  static struct request request;
  static volatile uint8_t status;
  unsigned wanted = completed + 1;
  request = (struct request){.type = type, .sector = sector};
  status = 0xff;
  uint16_t to_guest = type == REQUEST_READ ? VIRTIO_DEVICE_WRITES : 0;
  queue.descriptors[0] =
      (struct virtio_descriptor){(uint64_t)&request, sizeof request, VIRTIO_NEXT, 1};
  queue.descriptors[1] =
      (struct virtio_descriptor){(uint64_t)buffer, length, VIRTIO_NEXT | to_guest, 2};
  queue.descriptors[2] =
      (struct virtio_descriptor){(uint64_t)&status, 1, VIRTIO_DEVICE_WRITES, 0};
  virtio_offer(&queue, 0);
  virtio_notify(&queue);
  wait_for(wanted);
  if (status != 0) {
    panic("the disk failed");
  }
}

static uint64_t sum_of(const uint8_t *bytes, size_t size) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size; i++) {
    sum = sum * 31 + bytes[i];
  }
  return sum;
}

static void fill(uint8_t seed) {
  for (size_t i = 0; i < sizeof data; i++) {
    data[i] = (uint8_t)(i * 7 + i / SECTOR + seed);
  }
}

/* Writes, forgets, and reads again; of what it reads it looks at every third sector only. */
static void write_and_read(unsigned rounds) {
  for (unsigned round = 0; round < rounds; round++) {
    fill((uint8_t)round);
    transfer(REQUEST_WRITE, 0, data, sizeof data);
    memset(data, 0, sizeof data);
    transfer(REQUEST_READ, 0, data, sizeof data);
    uint64_t sum = 0;
    for (unsigned sector = 0; sector < SECTORS; sector += 3) {
      sum += sum_of(data + sector * SECTOR, SECTOR);
    }
    console_printf("round %u: %lx\n", round, sum);
  }
}

/* Code that no instruction has written or read as data: the disk has put it there. */
static void run_from_disk(void) {
  static const uint8_t function[] = {
      0x48, 0x8d, 0x47, 0x05,       /* lea 5(%rdi), %rax */
      0x48, 0x6b, 0xc0, 0x07,       /* imul $7, %rax, %rax */
      0xc3,                         /* ret */
  };
  uint64_t (*run)(uint64_t) = (uint64_t(*)(uint64_t))(uint64_t)code;
  uint64_t sum = 0;
  memset(code, 0xc3, sizeof code);
  for (uint8_t i = 0; i < 4; i++) {
    memcpy(data, function, sizeof function);
    data[3] = i;
    transfer(REQUEST_WRITE, CODE_SECTOR, data, SECTOR);
    transfer(REQUEST_READ, CODE_SECTOR, code, SECTOR);
    sum = sum * 31 + run(i);
    sum = sum * 31 + run(sum);
  }
  console_printf("code from the disk: %lx\n", sum);
}

/* Polled; the numbers are looked at in part. */
static void random_numbers(void) {
  struct virtio_device source;
  struct virtio_queue requests;
  uint32_t id, length;
  if (!virtio_find(RANDOM_DEVICE, &source)) {
    console_printf("no source of random numbers\n");
    return;
  }
  virtio_queue_start(&source, &requests, 0, random_memory);
  virtio_ready(&source);
  unsigned different = 0;
  uint64_t before = 0;
  for (int i = 0; i < 20; i++) {
    requests.descriptors[0] = (struct virtio_descriptor){(uint64_t)random_bytes,
                                                         sizeof random_bytes,
                                                         VIRTIO_DEVICE_WRITES, 0};
    virtio_offer(&requests, 0);
    virtio_notify(&requests);
    while (!virtio_take(&requests, &id, &length)) {
      __asm__ volatile("pause");
    }
    uint64_t number = *(volatile uint64_t *)(random_bytes + 8);
    different += number != before;
    before = number;
  }
  console_printf("random numbers: %u different\n", different);
}

/* Reads two sectors into room for two. */
static void mount_disk(uint32_t sectors) {
  mount.index = (struct index){.magic = INDEX_MAGIC, .entries = 2, .first = {3, 4}};
  transfer(REQUEST_READ, 8, mount.sectors, sectors * SECTOR);
  console_printf("mounted: %lx\n", sum_of(mount.sectors[0], sizeof mount.sectors));
  if (mount.index.magic != INDEX_MAGIC) {
    panic("the index has lost its magic number");
  }
  console_printf("index: %u entries\n", mount.index.entries);
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

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  interrupts_handle(VECTOR_BLOCK, block_interrupt);
  address_space();
  pic_remap();
  lapic_enable(0xff);
  if (!virtio_find(BLOCK_DEVICE, &disk)) {
    panic("no disk");
  }
  if (!virtio_use_msix(&disk, VECTOR_BLOCK)) {
    panic("no MSI-X");
  }
  virtio_queue_start(&disk, &queue, 0, queue_memory);
  virtio_ready(&disk);
  write_and_read((unsigned)boot_parameter("rounds", 4));
  run_from_disk();
  random_numbers();
  mount_disk((uint32_t)boot_parameter("sectors", 3));
  console_printf("%u requests\n", completed);
  return 0;
}
