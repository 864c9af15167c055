/* What kernel and user program agree on. */
#ifndef USER_H
#define USER_H

#include <stdint.h>

#define USER_TEXT __attribute__((section(".user.text"), noinline))
#define USER_CONST __attribute__((section(".user.rodata")))

#define CALL_WRITE 0  /* text, length */
#define CALL_NUMBER 1 /* value */
#define CALL_TICKS 2
#define CALL_NMI 3
#define CALL_COUNT 4 /* which of enum count */
#define CALL_WALK 5  /* list, length: the walk is a recursion */
#define CALL_EXIT 6  /* code */

/* Events that the kernel counts. */
enum count { COUNT_DEBUG, COUNT_NMI, COUNT_BREAKPOINT, COUNT_PROTECTION, COUNT_DEMAND, COUNTS };

#define FEATURE_FSGSBASE 1

#define USER_HEAP 0x0000500000000000ul
#define USER_HEAP_SIZE (16ul << 12)
#define USER_STACK_TOP 0x0000500000200000ul
#define USER_STACK_SIZE (8ul << 12)

struct node {
  struct node *next;
  uint64_t value;
};

struct user_arguments {
  uint64_t features, nodes, ticks;
};

/* In ring 3 from here on. */
_Noreturn USER_TEXT void user_main(const struct user_arguments *arguments);

#endif
