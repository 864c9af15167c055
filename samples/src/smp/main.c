/*
 * A warehouse with several clerks, one per CPU: each sends items and takes some back. When all have
 * gone home the shelves are counted.
 */
#include "cpu.h"
#include "cpus.h"
#include "interrupts.h"
#include "runtime.h"
#include "stock.h"

#define EXIT_CODE 0x16
#define DEFAULT_ORDERS 6000
#define DEFAULT_HZ 2000
#define RETURN_INTERVAL 4

static uint32_t orders;
static volatile uint32_t open;
static volatile uint32_t gone_home;
static uint64_t labels[MOST_CPUS];

static bool timer_tick(struct trap_frame *frame) {
  (void)frame;
  timer_acknowledge();
  return true;
}

static void work(uint32_t number) {
  uint64_t label = 0x9e3779b97f4a7c15ull + number;
  for (uint32_t i = 1; i <= orders; i++) {
    label = stock_send(label);
    if (i % RETURN_INTERVAL == 0) {
      stock_take_back();
    }
  }
  labels[number] = label;
  __atomic_fetch_add(&gone_home, 1, __ATOMIC_RELEASE);
}

void cpu_main(uint32_t number) {
  while (!open) {
    cpu_relax();
  }
  work(number);
}

static void take_inventory(int64_t before) {
  int64_t expected = before - stock.sent + stock.returned;
  if (stock.count != expected) {
    console_printf("%d items sent, %d taken back, %d should be left\n", (int)stock.sent,
                   (int)stock.returned, (int)expected);
    panic("inventory: items have vanished");
  }
  console_printf("inventory: %d items left, none lost\n", (int)stock.count);
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  orders = (uint32_t)boot_parameter("orders", DEFAULT_ORDERS);
  interrupts_install();
  interrupts_handle(VECTOR_IRQ_BASE, timer_tick);
  uint32_t cpus = cpus_start();
  int64_t before = (int64_t)cpus * orders;
  stock.count = before;
  console_printf("%u CPUs, %u orders each\n", cpus, orders);
  timer_start((uint32_t)boot_parameter("hz", DEFAULT_HZ));
  interrupts_enable();
  open = 1;
  work(0);
  while (gone_home < cpus) {
    cpu_relax();
  }
  interrupts_disable();
  uint64_t mixed = 0;
  for (uint32_t i = 0; i < cpus; i++) {
    mixed = mixed * 31 + labels[i];
  }
  console_printf("all gone home, labels %lx\n", mixed);
  take_inventory(before);
  return 0;
}
