/* Client sessions; each owns one subscriber of the event bus. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include <stdint.h>

#define SESSION_COUNT 6

void session_open(uint32_t id, uint32_t now);

/* The client says goodbye. */
void session_close(uint32_t id);

/* The client has sent something. */
void session_touch(uint32_t id, uint32_t now);

/* Drops the sessions that have been silent for too long. */
void sessions_expire(uint32_t now);

#endif
