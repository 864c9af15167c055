/*
 * A kernel with a user program: ring 3 by iretq, system calls by syscall and by two kinds of gate,
 * a TSS with stacks of its own for NMI and double fault, interrupts in interrupts. At the end a
 * recursion in a system call runs over the kernel's stack.
 */
#include "cpu.h"
#include "interrupts.h"
#include "lapic.h"
#include "runtime.h"
#include "tables.h"
#include "user.h"

#define EXIT_CODE 0x16
#define IDENTITY_SIZE (64ul << 20)
#define TIMER_HZ 500
#define DEFAULT_NODES 400
#define DEFAULT_TICKS 5
#define KERNEL_STACK_PAGES 3

#define SERIAL_PORT 0x3f8

#define VECTOR_LAPIC_TIMER 0x50
#define VECTOR_LOW 0x51
#define VECTOR_HIGH 0x60
#define VECTOR_CALL 0x80
#define VECTOR_CALL_TRAP 0x81
#define VECTOR_SPURIOUS 0xff

#define STACK_NMI 1
#define STACK_DOUBLE_FAULT 2

#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define EFER_SCE 1
#define CALL_CLEARS 0x47700 /* AC, NT, IOPL, DF, IF, TF */

#define CR4_PCIDE (1ul << 17)
#define CR4_FSGSBASE (1ul << 16)
#define CR4_SMEP (1ul << 20)
#define CR4_SMAP (1ul << 21)
#define CPUID1_ECX_PCID (1u << 17)
#define CPUID7_EBX_FSGSBASE (1u << 0)
#define CPUID7_EBX_SMEP (1u << 7)
#define CPUID7_EBX_INVPCID (1u << 10)
#define CPUID7_EBX_SMAP (1u << 20)

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define TSS_SELECTOR 0x28
#define TSS_AVAILABLE 0x89

extern char user_text_start[], user_text_end[], user_rodata_start[], user_rodata_end[];

extern void entry_debug(void), entry_nmi(void), entry_breakpoint(void), entry_undefined(void),
    entry_double_fault(void), entry_protection(void), entry_page_fault(void), entry_timer(void),
    entry_lapic_timer(void), entry_low(void), entry_high(void), entry_call(void),
    entry_call_trap(void), entry_syscall(void);
extern void enter_user(void (*entry)(const struct user_arguments *), uint64_t stack,
                       uint64_t argument);
extern void (*const interrupt_behind_all[])(void *scratch);
extern void two_at_once_trap(void), two_at_once_undefined(void), two_at_once_fault(uint64_t);

struct __attribute__((packed)) tss {
  uint32_t reserved0;
  uint64_t ring_stacks[3];
  uint64_t reserved1;
  uint64_t interrupt_stacks[7];
  uint64_t reserved2;
  uint16_t reserved3;
  uint16_t io_map;
};

struct __attribute__((packed)) descriptor_table {
  uint16_t limit;
  uint64_t base;
};

/* The page below the stack is not mapped. */
static struct __attribute__((aligned(4096))) {
  char guard[PAGE_SIZE];
  char stack[KERNEL_STACK_PAGES * PAGE_SIZE];
} kernel_stack;

static char nmi_stack[4096] __attribute__((aligned(16)));
static char double_fault_stack[4096] __attribute__((aligned(16)));
static struct tss tss;
static uint64_t gdt[7];
static uint64_t per_cpu[2]; /* at gs:0 in the kernel */
static volatile uint64_t ticks, lapic_ticks, low_interrupts, high_interrupts, deepest;
static volatile uint64_t counts[COUNTS];
static volatile unsigned undefined_skipped, calls_by_gate;
static bool has_smap;

static void user_access(bool allowed) {
  if (has_smap && allowed) {
    __asm__ volatile("stac" : : : "memory");
  } else if (has_smap) {
    __asm__ volatile("clac" : : : "memory");
  }
}

static void count(enum count which) { counts[which]++; }

/* ---- interrupts ---------------------------------------------------------------------------- */

static bool timer_tick(struct trap_frame *frame) {
  (void)frame;
  ticks++;
  timer_acknowledge();
  return true;
}

/* Lets others interrupt it. */
static bool lapic_tick(struct trap_frame *frame) {
  (void)frame;
  lapic_ticks++;
  lapic_write(LAPIC_COMMAND, LAPIC_SEND_TO_SELF | VECTOR_HIGH);
  interrupts_enable();
  for (volatile int i = 0; i < 50; i++) {
  }
  interrupts_disable();
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

static bool low(struct trap_frame *frame) {
  (void)frame;
  uint64_t before = high_interrupts;
  low_interrupts++;
  lapic_write(LAPIC_COMMAND, LAPIC_SEND_TO_SELF | VECTOR_HIGH);
  interrupts_enable();
  __asm__ volatile("nop");
  interrupts_disable();
  if (high_interrupts == before + 1) {
    deepest = 2;
  }
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

static bool high(struct trap_frame *frame) {
  (void)frame;
  high_interrupts++;
  lapic_write(LAPIC_END_OF_INTERRUPT, 0);
  return true;
}

static bool nmi(struct trap_frame *frame) {
  (void)frame;
  count(COUNT_NMI);
  return true;
}

/* ---- exceptions ---------------------------------------------------------------------------- */

static bool debug(struct trap_frame *frame) {
  (void)frame;
  count(COUNT_DEBUG);
  uint64_t dr6;
  __asm__ volatile("movq %%dr6, %0" : "=r"(dr6));
  __asm__ volatile("movq %0, %%dr6" : : "r"(dr6 & ~0x4000ul));
  return true;
}

static bool breakpoint(struct trap_frame *frame) {
  (void)frame;
  count(COUNT_BREAKPOINT);
  return true;
}

static bool undefined(struct trap_frame *frame) {
  frame->rip += 2;
  undefined_skipped++;
  return true;
}

/* HLT and CLI of the user's are skipped. */
static bool protection(struct trap_frame *frame) {
  if ((frame->cs & 3) == 0) {
    return false;
  }
  frame->rip++;
  count(COUNT_PROTECTION);
  return true;
}

static bool page_fault(struct trap_frame *frame) {
  uint64_t page = read_cr2() & -PAGE_SIZE;
  bool is_heap = page >= USER_HEAP && page < USER_HEAP + USER_HEAP_SIZE;
  bool is_stack = page >= USER_STACK_TOP - USER_STACK_SIZE && page < USER_STACK_TOP;
  if (frame->error & 1 || !(is_heap || is_stack)) {
    return false;
  }
  map_page(page, frame_alloc(), PAGE_WRITABLE | PAGE_USER);
  count(COUNT_DEMAND);
  return true;
}

/* ---- system calls -------------------------------------------------------------------------- */

/* Adds up a list, from its end. */
static __attribute__((noinline)) uint64_t walk(const struct node *node) {
  struct node copy;
  user_access(true);
  copy = *node;
  user_access(false);
  if (copy.next == NULL) {
    return copy.value;
  }
  return walk(copy.next) + copy.value;
}

static void write_text(const char *text, uint64_t length) {
  for (uint64_t i = 0; i < length; i++) {
    user_access(true);
    char c = text[i];
    user_access(false);
    console_putc(c);
  }
}

uint64_t kernel_call(uint64_t number, uint64_t a, uint64_t b);

uint64_t kernel_call(uint64_t number, uint64_t a, uint64_t b) {
  switch (number) {
    case CALL_WRITE:
      write_text((const char *)a, b);
      return b;
    case CALL_NUMBER:
      console_printf("%lx", a);
      return 0;
    case CALL_TICKS:
      return ticks < lapic_ticks ? ticks : lapic_ticks;
    case CALL_NMI:
      lapic_write(LAPIC_COMMAND, LAPIC_SEND_NMI_TO_SELF);
      return 0;
    case CALL_COUNT:
      return a < COUNTS ? counts[a] : 0;
    case CALL_WALK:
      return walk((const struct node *)a);
    case CALL_EXIT:
      guest_exit((uint8_t)a);
    default:
      return (uint64_t)-1;
  }
}

static bool gate_call(struct trap_frame *frame) {
  calls_by_gate++;
  frame->rax = frame->rax + frame->rdi;
  return true;
}

/* ---- setting up ---------------------------------------------------------------------------- */

static void segments(void) {
  uint64_t base = (uint64_t)&tss;
  tss.ring_stacks[0] = (uint64_t)(&kernel_stack + 1);
  tss.interrupt_stacks[STACK_NMI - 1] = (uint64_t)(nmi_stack + sizeof nmi_stack);
  tss.interrupt_stacks[STACK_DOUBLE_FAULT - 1] =
      (uint64_t)(double_fault_stack + sizeof double_fault_stack);
  tss.io_map = sizeof tss;
  gdt[1] = 0x00af9b000000ffff;
  gdt[2] = 0x00cf93000000ffff;
  gdt[3] = 0x00cff3000000ffff; /* data for ring 3 */
  gdt[4] = 0x00affb000000ffff; /* 64-bit code for ring 3 */
  gdt[5] = (sizeof tss - 1) | (base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 |
           (base >> 24 & 0xff) << 56;
  gdt[6] = base >> 32;
  struct descriptor_table table = {.limit = sizeof gdt - 1, .base = (uint64_t)gdt};
  __asm__ volatile("lgdt %0" : : "m"(table));
  __asm__ volatile("ltr %w0" : : "r"(TSS_SELECTOR));
}

static void gate(unsigned vector, void (*entry)(void), uint8_t type, uint8_t stack,
                 interrupt_handler *handler) {
  interrupts_gate(vector, (uint64_t)entry, type, stack);
  interrupts_handle(vector, handler);
}

static void gates(void) {
  interrupts_install();
  gate(1, entry_debug, GATE_INTERRUPT, 0, debug);
  gate(2, entry_nmi, GATE_INTERRUPT, STACK_NMI, nmi);
  gate(3, entry_breakpoint, GATE_INTERRUPT | GATE_FOR_USER, 0, breakpoint);
  gate(6, entry_undefined, GATE_TRAP, 0, undefined);
  gate(8, entry_double_fault, GATE_INTERRUPT, STACK_DOUBLE_FAULT, NULL);
  gate(13, entry_protection, GATE_TRAP, 0, protection);
  gate(14, entry_page_fault, GATE_TRAP, 0, page_fault);
  gate(VECTOR_IRQ_BASE, entry_timer, GATE_INTERRUPT, 0, timer_tick);
  gate(VECTOR_LAPIC_TIMER, entry_lapic_timer, GATE_INTERRUPT, 0, lapic_tick);
  gate(VECTOR_LOW, entry_low, GATE_INTERRUPT, 0, low);
  gate(VECTOR_HIGH, entry_high, GATE_INTERRUPT, 0, high);
  gate(VECTOR_CALL, entry_call, GATE_INTERRUPT | GATE_FOR_USER, 0, gate_call);
  gate(VECTOR_CALL_TRAP, entry_call_trap, GATE_TRAP | GATE_FOR_USER, 0, gate_call);
}

static void user_pages(const char *from, const char *to) {
  for (uint64_t page = (uint64_t)from; page < (uint64_t)to; page += PAGE_SIZE) {
    *page_entry(page) |= PAGE_USER;
  }
}

static void address_space(void) {
  uint64_t cr3 = tables_create();
  for (uint64_t page = 0; page < LARGE_PAGE_SIZE; page += PAGE_SIZE) {
    map_page(page, page, PAGE_WRITABLE);
  }
  for (uint64_t page = LARGE_PAGE_SIZE; page < IDENTITY_SIZE; page += LARGE_PAGE_SIZE) {
    map_large_page(page, page, PAGE_WRITABLE);
  }
  map_large_page(LAPIC_BASE, LAPIC_BASE, PAGE_WRITABLE | PAGE_UNCACHED);
  *page_entry((uint64_t)kernel_stack.guard) = 0;
  user_pages(user_text_start, user_text_end);
  user_pages(user_rodata_start, user_rodata_end);
  write_cr3(cr3);
}

/* Address spaces with a tag, where the CPU has them; every kind of INVPCID. */
static void tagged_address_spaces(void) {
  uint64_t cr3 = read_cr3();
  volatile uint64_t *word = (volatile uint64_t *)USER_HEAP;
  write_cr4(read_cr4() | CR4_PCIDE);
  write_cr3(cr3 | 1);
  map_page(USER_HEAP, frame_alloc(), PAGE_WRITABLE);
  *word = 1;
  for (uint64_t kind = 0; kind < 4; kind++) {
    uint64_t descriptor[2] = {1, USER_HEAP};
    map_page(USER_HEAP, frame_alloc(), PAGE_WRITABLE);
    __asm__ volatile("invpcid %0, %1" : : "m"(descriptor), "r"(kind) : "memory");
    *word += kind + 1;
  }
  console_printf("tagged address spaces: last frame holds %lu\n", *word);
  *page_entry(USER_HEAP) = 0;
  write_cr3(cr3);
  write_cr4(read_cr4() & ~CR4_PCIDE);
}

static uint64_t features(void) {
  struct cpuid seven = cpuid(7, 0);
  uint64_t found = 0;
  uint64_t cr4 = read_cr4();
  if (seven.ebx & CPUID7_EBX_FSGSBASE) {
    cr4 |= CR4_FSGSBASE;
    found |= FEATURE_FSGSBASE;
  }
  if (seven.ebx & CPUID7_EBX_SMEP) {
    cr4 |= CR4_SMEP;
  }
  if (seven.ebx & CPUID7_EBX_SMAP) {
    cr4 |= CR4_SMAP;
    has_smap = true;
  }
  write_cr4(cr4);
  if ((seven.ebx & CPUID7_EBX_INVPCID) && (cpuid(1, 0).ecx & CPUID1_ECX_PCID)) {
    tagged_address_spaces();
  }
  return found;
}

static void system_calls(void) {
  per_cpu[0] = (uint64_t)(&kernel_stack + 1);
  write_msr(MSR_STAR, (uint64_t)KERNEL_DATA << 48 | (uint64_t)KERNEL_CODE << 32);
  write_msr(MSR_LSTAR, (uint64_t)entry_syscall);
  write_msr(MSR_SFMASK, CALL_CLEARS);
  write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_SCE);
  write_msr(MSR_GS_BASE, (uint64_t)per_cpu);
  write_msr(MSR_KERNEL_GS_BASE, 0xffff800000000000); /* what the user program starts with */
}

/* ---- the kernel on its own ----------------------------------------------------------------- */

static void send_to_self(unsigned vector) {
  lapic_write(LAPIC_COMMAND, LAPIC_SEND_TO_SELF | vector);
}

/* The task priority holds an interrupt back, once by cr8 and once by the APIC's register. */
static void priorities(void) {
  uint64_t before = high_interrupts;
  uint64_t held, cr8;
  interrupts_enable();
  __asm__ volatile("movq %0, %%cr8" : : "r"(6ul) : "memory");
  send_to_self(VECTOR_HIGH);
  held = high_interrupts;
  __asm__ volatile("movq %%cr8, %0" : "=r"(cr8) : : "memory");
  __asm__ volatile("movq %0, %%cr8" : : "r"(0ul) : "memory");
  console_printf("priority %lu: %lu interrupts meanwhile, %lu after\n", cr8, held - before,
                 high_interrupts - before);
  lapic_write(LAPIC_TASK_PRIORITY, 0x70);
  send_to_self(VECTOR_HIGH);
  held = high_interrupts;
  __asm__ volatile("movq %%cr8, %0" : "=r"(cr8) : : "memory");
  lapic_write(LAPIC_TASK_PRIORITY, 0);
  console_printf("priority %lu: %lu interrupts meanwhile, %lu after\n", cr8, held - before,
                 high_interrupts - before);
  interrupts_disable();
}

/* The interrupt finds the handler of an exception before its first instruction. */
static void two_at_once(void) {
  uint64_t before = high_interrupts;
  interrupts_disable();
  send_to_self(VECTOR_HIGH);
  two_at_once_trap();
  send_to_self(VECTOR_HIGH);
  two_at_once_undefined();
  send_to_self(VECTOR_HIGH);
  two_at_once_fault(USER_HEAP);
  send_to_self(VECTOR_HIGH);
  interrupts_enable();
  interrupts_disable();
  send_to_self(VECTOR_LOW);
  send_to_self(VECTOR_HIGH);
  interrupts_enable();
  __asm__ volatile("nop");
  interrupts_disable();
  console_printf("two at once: %lu interrupts, %u by gate, %u undefined\n",
                 high_interrupts - before, calls_by_gate, undefined_skipped);
}

static void nested(void) {
  interrupts_enable();
  send_to_self(VECTOR_LOW);
  interrupts_disable();
  console_printf("nested: %lu deep\n", deepest);
}

/* Every kind of instruction with an interrupt right behind it. */
static void interrupts_behind(void) {
  static char scratch[512] __attribute__((aligned(64)));
  uint64_t before = high_interrupts;
  unsigned functions = 0;
  __asm__ volatile("fninit; fnsave %0" : "=m"(scratch));
  for (; interrupt_behind_all[functions] != NULL; functions++) {
    send_to_self(VECTOR_HIGH);
    interrupt_behind_all[functions](scratch);
  }
  console_printf("interrupts behind %u instructions: %lu\n", functions, high_interrupts - before);
}

/* Output by string instructions; the port's owner takes a byte at any time. */
static void print_by_string(void) {
  static const char text[] = "printed by rep outsb\n";
  const char *from = text;
  uint64_t count = sizeof text - 1;
  __asm__ volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(SERIAL_PORT) : "memory");
  static const char more[] = "printed by outsb\n";
  from = more;
  while (from < more + sizeof more - 1) {
    __asm__ volatile("outsb" : "+S"(from) : "d"(SERIAL_PORT) : "memory");
  }
}

/* What segment instructions tell about selectors. */
static void selectors(void) {
  uint64_t rights = 0, limit = 0;
  uint16_t task, local;
  unsigned char readable, writable, known;
  __asm__ volatile("str %0" : "=m"(task));
  __asm__ volatile("sldt %0" : "=m"(local));
  __asm__ volatile("lar %2, %0; setz %1" : "+r"(rights), "=r"(known) : "r"((uint64_t)0x23) : "cc");
  __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"((uint64_t)0x1b) : "cc");
  __asm__ volatile("verr %w1; setz %0" : "=r"(readable) : "r"(0x08) : "cc");
  __asm__ volatile("verw %w1; setz %0" : "=r"(writable) : "r"(0x08) : "cc");
  console_printf("selectors: task %x, local %x, rights %lx (%u), limit %lx, code read %u write %u\n",
                 task, local, rights, known, limit, readable, writable);
}

int main(void) {
  static struct user_arguments arguments;
  panic_exit_code = EXIT_CODE;
  segments();
  gates();
  address_space();
  system_calls();
  pic_remap();
  lapic_enable(VECTOR_SPURIOUS);
  priorities();
  nested();
  two_at_once();
  interrupts_behind();
  print_by_string();
  selectors();
  arguments.features = features();
  arguments.nodes = boot_parameter("nodes", DEFAULT_NODES);
  arguments.ticks = boot_parameter("ticks", DEFAULT_TICKS);
  lapic_write(LAPIC_TASK_PRIORITY, 0x10); /* holds nothing back; cr8 shows it */
  timer_start(TIMER_HZ);
  lapic_timer_periodic(VECTOR_LAPIC_TIMER, 1500000);
  /* The user program cannot read the kernel's memory: its arguments go on its stack. */
  struct user_arguments *copy = (struct user_arguments *)(USER_STACK_TOP - 64);
  user_access(true);
  *copy = arguments;
  user_access(false);
  enter_user(user_main, USER_STACK_TOP - 72, (uint64_t)copy);
  return 0;
}
