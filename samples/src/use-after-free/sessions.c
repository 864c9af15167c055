/* Opening, closing and expiring sessions. */
#include "sessions.h"

#include <stddef.h>

#include "bus.h"
#include "heap.h"
#include "runtime.h"

#define TIMEOUT 300

struct session {
  struct subscriber *subscriber;
  uint32_t last_active;
};

static struct session sessions[SESSION_COUNT];

static void count_event(struct subscriber *subscriber, uint32_t event) {
  subscriber->seen++;
  console_printf("session %u: event %u, %u seen\n", subscriber->session, event, subscriber->seen);
}

void session_open(uint32_t id, uint32_t now) {
  struct subscriber *subscriber = heap_alloc(sizeof *subscriber);
  subscriber->notify = count_event;
  subscriber->session = id;
  subscriber->seen = 0;
  bus_subscribe(subscriber);
  sessions[id].subscriber = subscriber;
  sessions[id].last_active = now;
}

void session_close(uint32_t id) {
  struct session *session = &sessions[id];
  bus_unsubscribe(session->subscriber);
  heap_free(session->subscriber);
  session->subscriber = NULL;
}

void session_touch(uint32_t id, uint32_t now) { sessions[id].last_active = now; }

static void session_expire(struct session *session) {
  heap_free(session->subscriber);
  session->subscriber = NULL;
}

void sessions_expire(uint32_t now) {
  for (uint32_t id = 0; id < SESSION_COUNT; id++) {
    struct session *session = &sessions[id];
    if (session->subscriber != NULL && now - session->last_active > TIMEOUT) {
      console_printf("tick %u: session %u expires\n", now, id);
      session_expire(session);
    }
  }
}
