/* What lies in the warehouse. */
#ifndef STOCK_H
#define STOCK_H

#include <stdint.h>

struct stock {
  volatile uint32_t lock;
  volatile int64_t count; /* items on the shelves */
  volatile int64_t sent, returned;
};

extern struct stock stock;

/* An item leaves; `label` goes into its label. Returns the label. */
uint64_t stock_send(uint64_t label);

/* An item comes back. */
void stock_take_back(void);

#endif
