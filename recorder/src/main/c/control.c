/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket: questions to the recorder, and waiting for its word. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin.h"

#define MAX_MESSAGE (1u << 20)

static int fd = -1;
static uint8_t *answer;
static uint32_t answer_size;

/*
 * Ends QEMU when the recorder has closed its end: a guest that waits, or has not been armed yet,
 * would not look for a long time.
 */
static void *watch(void *nothing) {
  struct pollfd end = {.fd = fd, .events = POLLRDHUP};
  while (poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
  cv_die("the recorder is gone; ending QEMU");
  return nothing;
}

/* QEMU's main thread handles its signals: this one takes none. */
static int start_watch(void) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread, NULL, watch, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

int cv_control_open(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr, "chronovisor plugin: socket path is too long: %s\n", path);
    return -1;
  }
  strcpy(address.sun_path, path);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
    fprintf(stderr, "chronovisor plugin: cannot connect to socket %s: %s\n", path,
            strerror(errno));
    return -1;
  }
  if (start_watch()) {
    fprintf(stderr, "chronovisor plugin: cannot start a thread\n");
    return -1;
  }
  return 0;
}

static int send_all(const void *data, size_t length) {
  const uint8_t *at = data;
  while (length) {
    ssize_t n = send(fd, at, length, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return -1;
    }
    at += n;
    length -= (size_t)n;
  }
  return 0;
}

static int send_message(enum cv_message type, const void *payload, uint32_t length) {
  uint32_t head[2] = {length, type};
  return send_all(head, sizeof head) || send_all(payload, length);
}

void cv_control_send(enum cv_message type, const void *payload, uint32_t length) {
  if (send_message(type, payload, length)) {
    cv_die("the recorder is gone (%s); ending QEMU", strerror(errno));
  }
}

void cv_control_error(const char *text) {
  if (fd >= 0) {
    send_message(CV_ERROR, text, (uint32_t)strlen(text));
  }
}

static void receive_all(void *data, size_t length) {
  uint8_t *at = data;
  while (length) {
    ssize_t n = recv(fd, at, length, 0);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      cv_die("the recorder is gone; ending QEMU");
    }
    at += n;
    length -= (size_t)n;
  }
}

/* Waits for a message of this type. The payload stays valid until the next call. */
uint8_t *cv_control_receive(enum cv_message type, uint32_t *length) {
  uint32_t head[2];
  receive_all(head, sizeof head);
  if (head[1] != type || head[0] > MAX_MESSAGE) {
    cv_die("message of type %u and %u bytes from the recorder where type %u is due", head[1],
           head[0], type);
  }
  if (head[0] > answer_size || !answer) {
    answer_size = head[0] < 4096 ? 4096 : head[0];
    answer = realloc(answer, answer_size);
    if (!answer) {
      cv_die("out of memory");
    }
  }
  receive_all(answer, head[0]);
  *length = head[0];
  return answer;
}

/*
 * Tells the recorder that the vCPU stands still, and waits until it may go on. Returns whether the
 * recorder could take the state: QEMU's main thread answers no monitor while it waits for this
 * vCPU itself, to stop the machine.
 */
int cv_control_stop(void) { return cv_control_ask(NULL, 0); }

/* The same; what the recorder answers behind its first word is stored, when it says so much. */
int cv_control_ask(void *into, uint32_t size) {
  uint32_t length, refused = 0;
  static uint64_t peeked[CV_MAX_VCPUS * CV_PEEKED_BYTES / 8];
  cv_control_send(CV_STOPPED, peeked, cv_peeked(peeked));
  const uint8_t *payload = cv_control_receive(CV_GO, &length);
  if (length >= sizeof refused) {
    memcpy(&refused, payload, sizeof refused);
  }
  if (refused) {
    return 0;
  }
  if (size) {
    if (length != sizeof refused + size) {
      cv_die("the recorder's answer has %u bytes", length);
    }
    memcpy(into, payload + sizeof refused, size);
  }
  return 1;
}

/* Ends QEMU when the recorder has closed its end. */
void cv_control_check(void) {
  uint8_t byte;
  ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
    cv_die("the recorder is gone; ending QEMU");
  }
}
