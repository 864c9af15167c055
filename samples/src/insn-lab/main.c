/*
 * The instruction laboratory: executes the cases that a test wrote into guest RAM before the
 * machine was started, and leaves their results in place of their inputs.
 */
#include "cpu.h"
#include "lab.h"
#include "runtime.h"

#define CR4_FSGSBASE (1 << 16)
#define CR4_OSXSAVE (1 << 18)
#define XCR0_X87_SSE_AVX 7

struct __attribute__((packed)) descriptor_table {
  uint16_t limit;
  uint64_t base;
};

struct gate {
  uint16_t offset_low;
  uint16_t selector;
  uint8_t stack;
  uint8_t type;
  uint16_t offset_middle;
  uint32_t offset_high;
  uint32_t reserved;
};

struct __attribute__((packed)) tss {
  uint32_t reserved0;
  uint64_t rsp[3];
  uint64_t reserved1;
  uint64_t ist[7];
  uint64_t reserved2;
  uint16_t reserved3;
  uint16_t io_map;
};

struct lab_header {
  uint64_t magic;
  uint64_t count;
  uint64_t done;
  uint64_t return_address;
  uint32_t far_offset; /* the same for a far jump */
  uint16_t far_selector;
  uint64_t upper_halves; /* address of char[count][UPPER_BYTES] */
};

_Static_assert(LAB_HEADER + offsetof(struct lab_header, return_address) == LAB_RETURN, "layout");
_Static_assert(LAB_HEADER + offsetof(struct lab_header, far_offset) == LAB_FAR_RETURN, "layout");
_Static_assert(LAB_HEADER + offsetof(struct lab_header, upper_halves) == LAB_UPPER, "layout");

extern const uint64_t lab_faults[VECTORS];
extern const char lab_return[];
void lab_run(void *one_case, void *upper_halves);

static struct gate idt[VECTORS];
static struct tss tss;
static uint64_t gdt[6] = {
    [CODE64_SELECTOR / 8] = 0x00af9b000000ffff,
    [DATA_SELECTOR / 8] = 0x00cf93000000ffff,
    [CODE32_SELECTOR / 8] = 0x00cf9b000000ffff,
};
static uint8_t fault_stack[4096] __attribute__((aligned(16)));

static void install_tables(void) {
  tss.ist[0] = (uint64_t)(fault_stack + sizeof fault_stack);
  tss.io_map = sizeof tss;
  uint64_t base = (uint64_t)&tss;
  gdt[TSS_SELECTOR / 8] = (sizeof tss - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 |
                          (base >> 24 & 0xff) << 56;
  gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
  struct descriptor_table gdtr = {.limit = sizeof gdt - 1, .base = (uint64_t)gdt};
  __asm__ volatile("lgdt %0" : : "m"(gdtr));
  __asm__ volatile("ltr %w0" : : "r"(TSS_SELECTOR));
  __asm__ volatile("lldt %w0" : : "r"(0));

  for (unsigned vector = 0; vector < VECTORS; vector++) {
    uint64_t entry = lab_faults[vector];
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = CODE64_SELECTOR,
        .stack = 1,
        .type = 0x8e,
        .offset_middle = (uint16_t)(entry >> 16),
        .offset_high = (uint32_t)(entry >> 32),
    };
  }
  struct descriptor_table idtr = {.limit = sizeof idt - 1, .base = (uint64_t)idt};
  __asm__ volatile("lidt %0" : : "m"(idtr));
}

int main(void) {
  volatile struct lab_header *header = (struct lab_header *)LAB_HEADER;
  if (header->magic != LAB_MAGIC) {
    panic("no cases in RAM");
  }
  /* A case may set IF: no interrupt must come. */
  outb(0x21, 0xff);
  outb(0xa1, 0xff);
  install_tables();
  __asm__ volatile("fninit");
  uint64_t cr4;
  __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
  __asm__ volatile("movq %0, %%cr4" : : "r"(cr4 | CR4_FSGSBASE | CR4_OSXSAVE));
  __asm__ volatile("xsetbv" : : "a"(XCR0_X87_SSE_AVX), "d"(0), "c"(0));
  header->return_address = (uint64_t)lab_return;
  header->far_offset = (uint32_t)(uint64_t)lab_return;
  header->far_selector = CODE64_SELECTOR;
  for (uint64_t i = 0; i < header->count; i++) {
    lab_run((void *)(LAB_TABLE + i * CASE_BYTES),
            (void *)(header->upper_halves + i * UPPER_BYTES));
    header->done = i + 1;
  }
  return 0;
}
