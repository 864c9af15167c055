/* A message hub: messages every tick, an event for all sessions every 2000. */
#include "bus.h"
#include "heap.h"
#include "interrupts.h"
#include "runtime.h"
#include "sessions.h"
#include "string.h"

#define EXIT_CODE 0x12
#define DEFAULT_TICKS 2500
#define EVENT_INTERVAL 2000
#define FIRST_EVENT 100
#define RECENT 8
#define HISTORY_INTERVAL 512
#define HISTORY 8
#define BODY_WORDS 64

struct message {
  char tag[8];
  uint64_t sequence;
  uint64_t digest;
};

static struct message *recent[RECENT];
static struct message *history[HISTORY];
static uint64_t digest = 1;

static void message_set_tag(struct message *message, uint64_t sequence) {
  static const char tags[4][5] = {"TEMP", "WIND", "RAIN", "TIDE"};
  memset(message->tag, 0, sizeof message->tag);
  memcpy(message->tag, tags[sequence % 4], 4);
}

static uint64_t digest_body(uint64_t seed) {
  uint64_t hash = seed;
  for (int i = 0; i < BODY_WORDS; i++) {
    hash = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9 + (uint64_t)i;
  }
  return hash;
}

/* Keeps the last RECENT messages, and of each HISTORY_INTERVAL one for longer. */
static struct message **place_for(uint64_t sequence) {
  if (sequence % HISTORY_INTERVAL == 0) {
    return &history[sequence / HISTORY_INTERVAL % HISTORY];
  }
  return &recent[sequence % RECENT];
}

static void receive_message(uint64_t sequence) {
  struct message **place = place_for(sequence);
  if (*place != NULL) {
    heap_free(*place);
  }
  struct message *message = heap_alloc(sizeof *message);
  message_set_tag(message, sequence);
  message->sequence = sequence;
  message->digest = digest_body(digest);
  digest ^= message->digest;
  *place = message;
}

/* Every client but number 2 keeps talking; number 4 says goodbye. */
static void clients(uint32_t now) {
  session_touch(now % SESSION_COUNT == 2 ? 0 : now % SESSION_COUNT, now);
  if (now == FIRST_EVENT + 1) {
    session_close(4);
  }
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  heap_init();
  for (uint32_t id = 0; id < SESSION_COUNT; id++) {
    session_open(id, 0);
  }
  uint32_t ticks = (uint32_t)boot_parameter("ticks", DEFAULT_TICKS);
  console_printf("message hub: %u sessions, %u ticks\n", SESSION_COUNT, ticks);
  for (uint32_t now = 1; now <= ticks; now++) {
    clients(now);
    receive_message(now);
    sessions_expire(now);
    if (now % EVENT_INTERVAL == FIRST_EVENT) {
      console_printf("tick %u: digest %016lx\n", now, digest);
      bus_publish(now / EVENT_INTERVAL);
    }
  }
  console_printf("done\n");
  return 0;
}
