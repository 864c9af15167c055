/* Starts CPUs by INIT and start-up interrupts (Intel SDM volume 3, chapter "Multiple-Processor Management"). */
#include "cpus.h"

#include "cpu.h"
#include "runtime.h"

#define TRAMPOLINE 0x8000
#define APIC 0xfee00000
#define APIC_SPURIOUS 0xf0
#define APIC_COMMAND 0x300
#define APIC_ENABLED 0x1ff
#define DELIVERY_PENDING (1 << 12)
#define ALL_BUT_SELF 0xc0000
#define INIT_ASSERT 0x4500
#define STARTUP 0x4600
#define LARGE_UNCACHED_PAGE 0x93
#define DELAY_PORT 0x80

/* QEMU's fw_cfg device (docs/specs/fw_cfg in QEMU) tells how many CPUs there are. */
#define CONFIG_SELECTOR 0x510
#define CONFIG_DATA 0x511
#define CONFIG_CPUS 5

extern const uint8_t trampoline_begin[], trampoline_end[];
extern uint64_t boot_pml4[];

volatile uint32_t cpus_started;
uint8_t cpu_stacks[MOST_CPUS << 14] __attribute__((aligned(16)));
static uint64_t apic_directory[512] __attribute__((aligned(4096)));

/* The boot page tables end at the first gigabyte. */
static void map_apic(void) {
  uint64_t *table = (uint64_t *)(boot_pml4[0] & ~0xfffull);
  apic_directory[APIC >> 21 & 511] = (APIC & ~0x1fffffull) | LARGE_UNCACHED_PAGE;
  table[APIC >> 30] = (uint64_t)apic_directory | 3;
}

static volatile uint32_t *apic(uint32_t offset) { return (volatile uint32_t *)(uint64_t)(APIC + offset); }

static void command(uint32_t value) {
  *apic(APIC_COMMAND) = value;
  while (*apic(APIC_COMMAND) & DELIVERY_PENDING) {
    cpu_relax();
  }
}

static void delay(uint32_t microseconds) {
  for (uint32_t i = 0; i < microseconds; i++) {
    inb(DELAY_PORT);
  }
}

static uint32_t cpus_present(void) {
  outw(CONFIG_SELECTOR, CONFIG_CPUS);
  uint32_t low = inb(CONFIG_DATA);
  return low | (uint32_t)inb(CONFIG_DATA) << 8;
}

uint32_t cpus_start(void) {
  uint32_t cpus = cpus_present();
  if (cpus > MOST_CPUS) {
    panic("more CPUs than this guest has stacks for");
  }
  volatile uint8_t *to = (volatile uint8_t *)TRAMPOLINE;
  for (const uint8_t *from = trampoline_begin; from < trampoline_end; from++) {
    *to++ = *from;
  }
  map_apic();
  *apic(APIC_SPURIOUS) = APIC_ENABLED;
  command(ALL_BUT_SELF | INIT_ASSERT);
  delay(200);
  command(ALL_BUT_SELF | STARTUP | TRAMPOLINE >> 12);
  while (cpus_started < cpus - 1) {
    cpu_relax();
  }
  return cpus;
}
