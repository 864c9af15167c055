/* Code that is written, copied, patched and mapped while it runs. */
#include "cpu.h"
#include "interrupts.h"
#include "runtime.h"
#include "string.h"
#include "tables.h"

#define EXIT_CODE 0x17
#define IDENTITY_SIZE (64ul << 20)
#define TIMER_HZ 1000
#define WINDOW 0x0000600000000000ul
#define SLOT 16
#define DEFAULT_COUNT 3
#define ALIAS 0x0000600000100000ul

typedef uint64_t function(uint64_t value);

extern uint32_t patch_next(uint32_t value);
extern uint64_t patch_block(uint32_t rounds);
extern uint64_t patch_by_string(uint32_t length);
extern void patch_by_string_undo(void);
extern uint64_t traced(uint64_t value);
extern uint8_t traced_site[];
extern uint64_t traced_call(void);
extern uint64_t relocatable(uint64_t value);
extern char relocatable_end[];
extern char remap_first[], remap_second[];

static uint8_t code[4 * PAGE_SIZE] __attribute__((aligned(4096)));
static volatile uint32_t ticks;
static uint64_t checksum;

static bool timer_tick(struct trap_frame *frame) {
  (void)frame;
  ticks++;
  timer_acknowledge();
  return true;
}

static void add(const char *name, uint64_t value) {
  checksum = (checksum ^ value) * 0x9e3779b97f4a7c15;
  checksum ^= checksum >> 29;
  console_printf("%s: %lx\n", name, value);
}

/* lea value(%rdi), %rax; then count times imul $7, %rax, %rax; ret */
static function *generate(uint8_t *at, uint32_t value, unsigned count) {
  uint8_t *p = at;
  static const uint8_t lea[] = {0x48, 0x8d, 0x87};
  static const uint8_t imul[] = {0x48, 0x6b, 0xc0, 0x07};
  memcpy(p, lea, sizeof lea);
  p += sizeof lea;
  memcpy(p, &value, sizeof value);
  p += sizeof value;
  for (unsigned i = 0; i < count; i++, p += sizeof imul) {
    memcpy(p, imul, sizeof imul);
  }
  *p = 0xc3;
  return (function *)(uint64_t)at;
}

/* Fresh code at the same place, at another place, and over a page's end. */
static void generated(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    sum += generate(code, i, i % 8)(sum);
    sum += generate(code + PAGE_SIZE - 2 - i % 16, i, 5)(sum);
    sum += generate(code + PAGE_SIZE + 64 * (i % 32), i * i, 3)(sum);
  }
  add("generated", sum);
}

static void patched(uint32_t rounds) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    sum = sum * 31 + patch_next(i * 3);
  }
  add("next instruction", sum);
  add("own block", patch_block(rounds));
  sum = 0;
  for (uint32_t i = 0; i <= 6; i++) {
    sum = sum * 31 + patch_by_string(3 * i);
    patch_by_string_undo();
  }
  add("by rep stosb", sum);
}

/* As a kernel switches its tracer on and off: a NOP of five bytes becomes a call and back. */
static void trace_switched(uint32_t rounds) {
  uint8_t nop[5], call[5];
  uint32_t distance = (uint32_t)((uint64_t)traced_call - (uint64_t)traced_site - sizeof call);
  memcpy(nop, traced_site, sizeof nop);
  call[0] = 0xe8;
  memcpy(call + 1, &distance, sizeof distance);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    if (i % 7 == 0) {
      memcpy(traced_site, i % 14 == 0 ? call : nop, sizeof nop);
    }
    sum = sum * 31 + traced(i);
  }
  memcpy(traced_site, nop, sizeof nop);
  add("tracing switched", sum);
}

static void copied(uint32_t rounds) {
  size_t size = (size_t)(relocatable_end - (char *)(uint64_t)relocatable);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    uint8_t *to = code + 2 * PAGE_SIZE - size / 2 + i % 64;
    memcpy(to, (const void *)(uint64_t)relocatable, size);
    sum = sum * 31 + ((function *)(uint64_t)to)(i);
  }
  add("copied", sum);
}

/* Executed at one address, written at another. */
static void through_alias(uint32_t rounds) {
  uint64_t frame = frame_alloc();
  map_page(WINDOW, frame, PAGE_WRITABLE);
  map_page(ALIAS, frame, PAGE_WRITABLE);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    generate((uint8_t *)ALIAS, i, i % 3);
    sum += ((function *)WINDOW)(sum);
  }
  add("through an alias", sum);
}

/* The code at an address is another frame's, with every invlpg. */
static void mapped(uint32_t rounds) {
  uint64_t frames[2] = {frame_alloc(), frame_alloc()};
  generate((uint8_t *)frames[0], 5, 1);
  generate((uint8_t *)frames[1], 7, 2);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < rounds; i++) {
    map_page(WINDOW, frames[i % 3 == 0], PAGE_WRITABLE);
    invlpg(WINDOW);
    sum += ((function *)WINDOW)(sum);
  }
  add("mapped", sum);
  for (uint32_t i = 0; i < rounds; i++) {
    uint64_t from = (uint64_t)(i % 2 ? remap_first : remap_second);
    uint64_t to = (uint64_t)(i % 2 ? remap_second : remap_first);
    map_page(WINDOW, from, PAGE_WRITABLE);
    invlpg(WINDOW);
    uint64_t (*remap)(uint64_t *, uint64_t) = (uint64_t(*)(uint64_t *, uint64_t))WINDOW;
    sum = sum * 31 + remap(page_entry(WINDOW), to | PAGE_PRESENT | PAGE_WRITABLE);
  }
  add("mapped while running", sum);
}

/* Two functions with SLOT bytes for each. */
static void two_slots(unsigned count) {
  function *second = generate(code + 3 * PAGE_SIZE + SLOT, 2, 0);
  function *first = generate(code + 3 * PAGE_SIZE, 1, count);
  uint64_t one = first(6);
  uint64_t two = second(40);
  console_printf("first: %lu, second: %lu\n", one, two);
  if (two != 42) {
    panic("the second function gives 42");
  }
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  uint32_t rounds = (uint32_t)boot_parameter("rounds", 60);
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, timer_tick);
  uint64_t cr3 = tables_create();
  for (uint64_t page = 0; page < IDENTITY_SIZE; page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE);
  }
  write_cr3(cr3);
  timer_start(TIMER_HZ);
  interrupts_enable();
  generated(rounds);
  patched(rounds);
  trace_switched(rounds * 10);
  copied(rounds);
  through_alias(rounds);
  mapped(rounds);
  interrupts_disable();
  console_printf("checksum %lx\n", checksum);
  two_slots((unsigned)boot_parameter("count", DEFAULT_COUNT));
  return 0;
}
