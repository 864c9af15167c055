/* The list of subscribers. The bus does not own them. */
#include "bus.h"

#include <stddef.h>

static struct subscriber *subscribers;

void bus_subscribe(struct subscriber *subscriber) {
  subscriber->next = subscribers;
  subscribers = subscriber;
}

void bus_unsubscribe(struct subscriber *subscriber) {
  struct subscriber **link = &subscribers;
  while (*link != NULL && *link != subscriber) {
    link = &(*link)->next;
  }
  if (*link != NULL) {
    *link = subscriber->next;
  }
}

void bus_publish(uint32_t event) {
  struct subscriber *subscriber = subscribers;
  while (subscriber != NULL) {
    subscriber->notify(subscriber, event);
    subscriber = subscriber->next;
  }
}
