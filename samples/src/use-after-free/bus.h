/* An event bus: subscribers in a linked list, called in turn for every event. */
#ifndef BUS_H
#define BUS_H

#include <stdint.h>

struct subscriber {
  void (*notify)(struct subscriber *subscriber, uint32_t event);
  struct subscriber *next;
  uint32_t session;
  uint32_t seen;
};

void bus_subscribe(struct subscriber *subscriber);
void bus_unsubscribe(struct subscriber *subscriber);
void bus_publish(uint32_t event);

#endif
