/* The user program: everything ring 3 can do to get into the kernel. */
#include "user.h"

#define STEPS_TRACED 5

static USER_TEXT uint64_t call(uint64_t number, uint64_t a, uint64_t b) {
  uint64_t result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b)
                   : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
  return result;
}

static USER_TEXT void put(const char *text) {
  uint64_t length = 0;
  while (text[length] != '\0') {
    length++;
  }
  call(CALL_WRITE, (uint64_t)text, length);
}

static USER_TEXT void put_number(uint64_t value) { call(CALL_NUMBER, value, 0); }

static USER_TEXT uint64_t gate_call(uint64_t number, uint64_t a) {
  uint64_t result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "D"(a) : "memory");
  return result;
}

static USER_TEXT uint64_t trap_gate_call(uint64_t number, uint64_t a) {
  uint64_t result;
  __asm__ volatile("int $0x81" : "=a"(result) : "a"(number), "D"(a) : "memory");
  return result;
}

static USER_CONST const char greeting[] = "user: in ring 3\n";
static USER_CONST const char gates[] = "user: int 0x80 and 0x81 give ";
static USER_CONST const char heap[] = "user: heap sum ";
static USER_CONST const char traps[] = "user: breakpoints, protection faults, steps, NMIs ";
static USER_CONST const char bases[] = "user: fs and gs base ";
static USER_CONST const char pushed[] = "user: demand-paged pages ";
static USER_CONST const char waited[] = "user: timer seen\n";
static USER_CONST const char walked[] = "user: list of ";
static USER_CONST const char sum[] = "user: sum ";
static USER_CONST const char space[] = " ";
static USER_CONST const char line[] = "\n";

/* A system call from each page of the stack: the kernel writes no user stack, the user does. */
static USER_TEXT uint64_t deep(uint64_t depth) {
  volatile char room[3000];
  room[0] = (char)depth;
  return depth == 0 ? 0 : deep(depth - 1) + (uint64_t)room[0];
}

static USER_TEXT uint64_t use_heap(void) {
  volatile uint64_t *words = (volatile uint64_t *)USER_HEAP;
  uint64_t total = 0;
  for (uint64_t i = 0; i < USER_HEAP_SIZE / 16; i += 64) {
    words[i] = i;
  }
  for (uint64_t i = 0; i < USER_HEAP_SIZE / 16; i++) {
    total += words[i];
  }
  return total;
}

/* With TF set every instruction ends in a debug exception. */
static USER_TEXT void single_steps(void) {
  __asm__ volatile(
      "subq $128, %%rsp\n"
      "pushfq\n"
      "orl $0x100, (%%rsp)\n"
      "popfq\n"
      "nop\n"
      "cpuid\n"
      "addl %%eax, %%eax\n"
      "pushfq\n"
      "andl $~0x100, (%%rsp)\n"
      "popfq\n"
      "addq $128, %%rsp\n"
      :
      : "a"(0), "c"(0)
      : "rbx", "rdx", "cc", "memory");
}

static USER_TEXT void use_bases(void) {
  uint64_t fs, gs;
  __asm__ volatile(
      "wrfsbase %2\n"
      "wrgsbase %3\n"
      "movq %%gs:8, %1\n"
      "rdfsbase %0\n"
      : "=&r"(fs), "=&r"(gs)
      : "r"(USER_HEAP), "r"(USER_HEAP + 8 * 63));
  put(bases);
  put_number(fs);
  put(space);
  put_number(gs);
  put(line);
  __asm__ volatile("wrgsbase %0" : : "r"(0ul));
}

static USER_TEXT struct node *make_list(uint64_t nodes) {
  struct node *list = (struct node *)(USER_HEAP + USER_HEAP_SIZE / 2);
  for (uint64_t i = 0; i < nodes; i++) {
    list[i].value = i;
    list[i].next = i + 1 == nodes ? 0 : &list[i + 1];
  }
  return list;
}

void user_main(const struct user_arguments *arguments) {
  put(greeting);
  put(gates);
  put_number(gate_call(7, 30));
  put(space);
  put_number(trap_gate_call(7, 40));
  put(line);
  put(heap);
  put_number(use_heap());
  put(line);
  if (arguments->features & FEATURE_FSGSBASE) {
    use_bases();
  }
  __asm__ volatile("int3");
  __asm__ volatile("hlt"); /* a protection fault: the kernel skips it */
  __asm__ volatile("cli");
  single_steps();
  call(CALL_NMI, 0, 0);
  put(traps);
  put_number(call(CALL_COUNT, COUNT_BREAKPOINT, 0));
  put(space);
  put_number(call(CALL_COUNT, COUNT_PROTECTION, 0));
  put(space);
  put_number(call(CALL_COUNT, COUNT_DEBUG, 0));
  put(space);
  put_number(call(CALL_COUNT, COUNT_NMI, 0));
  put(line);
  deep(6);
  put(pushed);
  put_number(call(CALL_COUNT, COUNT_DEMAND, 0));
  put(line);
  while (call(CALL_TICKS, 0, 0) < arguments->ticks) {
    for (volatile int i = 0; i < 2000; i++) {
    }
  }
  put(waited);
  put(walked);
  put_number(arguments->nodes);
  put(line);
  struct node *list = make_list(arguments->nodes);
  put(sum);
  put_number(call(CALL_WALK, (uint64_t)list, arguments->nodes));
  put(line);
  call(CALL_EXIT, 0, 0);
  for (;;) {
  }
}
