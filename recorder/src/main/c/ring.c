/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing records into the shared ring. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin.h"

static uint8_t *data;
static uint64_t size;
static uint64_t head; /* as published */
static uint64_t tail; /* as last seen: the true one is never lower */
static uint64_t end;  /* of the record begun */

int cv_ring_open(const char *path) {
  struct stat status;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status)) {
    fprintf(stderr, "chronovisor plugin: cannot open ring %s: %s\n", path, strerror(errno));
    return -1;
  }
  uint64_t length = (uint64_t)status.st_size;
  uint8_t *map = MAP_FAILED;
  if (length >= CV_HEADER_SIZE + CV_MIN_DATA_SIZE) {
    map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  close(fd);
  if (map == MAP_FAILED) {
    fprintf(stderr, "chronovisor plugin: cannot map ring %s (%llu bytes)\n", path,
            (unsigned long long)length);
    return -1;
  }
  cv.header = (struct cv_header *)map;
  data = map + CV_HEADER_SIZE;
  size = cv.header->data_size;
  if (cv.header->magic != CV_MAGIC || size < CV_MIN_DATA_SIZE || (size & (size - 1)) ||
      size > length - CV_HEADER_SIZE) {
    fprintf(stderr, "chronovisor plugin: %s is not a ring of this version\n", path);
    return -1;
  }
  head = cv.header->head;
  tail = __atomic_load_n(&cv.header->tail, __ATOMIC_ACQUIRE);
  return 0;
}

static __attribute__((noinline)) void wait_for_room(uint64_t wanted_end) {
  const struct timespec nap = {0, 50000};
  for (unsigned round = 0;; round++) {
    tail = __atomic_load_n(&cv.header->tail, __ATOMIC_ACQUIRE);
    if (wanted_end - tail <= size) {
      return;
    }
    if (round % 64 == 0) {
      cv_control_check();
    }
    nanosleep(&nap, NULL);
  }
}

/* Reserves a record and returns its payload, padded to 8 with zeros. */
uint8_t *cv_ring_begin(enum cv_record type, uint16_t aux, uint64_t position, uint32_t payload) {
  uint32_t padded = (payload + 7u) & ~7u;
  uint32_t total = 16 + padded;
  uint64_t at = head & (size - 1);
  uint64_t pad = size - at < total ? size - at : 0;
  end = head + pad + total;
  if (unlikely(end - tail > size)) {
    wait_for_room(end);
  }
  if (pad) {
    uint32_t filler[4] = {(uint32_t)pad, CV_PAD, 0, 0};
    memcpy(data + at, filler, pad < 16 ? 8 : 16);
    at = 0;
  }
  uint8_t *record = data + at;
  uint32_t first[2] = {total, (uint32_t)type | (uint32_t)aux << 16};
  memcpy(record, first, 8);
  memcpy(record + 8, &position, 8);
  if (padded != payload) {
    memset(record + 8 + padded, 0, 8);
  }
  return record + 16;
}

/* Makes the record begun visible to the recorder. */
void cv_ring_publish(void) {
  head = end;
  __atomic_store_n(&cv.header->head, head, __ATOMIC_RELEASE);
  if (head >= cv.head_limit) {
    cv.event_at = 0;
  }
}

uint64_t cv_ring_head(void) { return head; }
