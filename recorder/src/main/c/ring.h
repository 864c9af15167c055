/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of docs/ring-protocol.md; RingLayout.java repeats them. */
#ifndef CV_RING_H
#define CV_RING_H

#include <stddef.h>
#include <stdint.h>

#define CV_MAGIC 0x3130474e49525643ull /* "CVRING01", little endian */
#define CV_HEADER_SIZE 0x1000
#define CV_MIN_DATA_SIZE 0x4000
#define CV_MAX_REGIONS 16
#define CV_PAGE_SIZE 4096
#define CV_PROTOCOL_VERSION 1

enum { CV_ARMED = 1, CV_CHECK = 2, CV_STOP_REQUESTED = 4 };

struct cv_region {
  uint64_t start, length, offset;
};

/* First page of the ring file. The owner of each field is the only one to write it. */
struct cv_header {
  uint64_t magic;
  uint64_t data_size;
  uint64_t segment_length;
  uint64_t segment_bytes;
  uint64_t flags;
  uint64_t start_address;
  uint64_t reserved0[2];
  uint64_t head; /* 0x40, plugin */
  uint64_t reserved1[7];
  uint64_t tail; /* 0x80, recorder */
  uint64_t reserved2[7];
  uint64_t live_position; /* 0xc0, plugin */
  uint64_t live_hash;
  uint64_t live_pc;
  uint64_t reserved3[5];
  uint64_t own_ns; /* 0x100, plugin */
  uint64_t rep_accesses;
  uint64_t speed_ns;
  uint64_t speed_calls;
  uint64_t reserved4[28];
  uint64_t region_count; /* 0x200, recorder */
  struct cv_region regions[CV_MAX_REGIONS];
};

_Static_assert(offsetof(struct cv_header, head) == 0x40, "head");
_Static_assert(offsetof(struct cv_header, tail) == 0x80, "tail");
_Static_assert(offsetof(struct cv_header, live_position) == 0xc0, "live");
_Static_assert(offsetof(struct cv_header, own_ns) == 0x100, "costs");
_Static_assert(offsetof(struct cv_header, region_count) == 0x200, "regions");

enum cv_record {
  CV_PAD = 1,
  CV_CAPTURE,
  CV_STORE,
  CV_EXTERNAL,
  CV_MMIO_LOAD,
  CV_MMIO_STORE,
  CV_NOTIFY,
  CV_TRANSFER,
  CV_PATH,
  CV_SEGMENT_END,
  CV_END,
  CV_MONITOR,
  CV_BLOCKS,
  CV_LOAD,
};

enum cv_message { CV_HELLO = 1, CV_TRANSLATE, CV_PLAN, CV_STOPPED, CV_GO, CV_ERROR };

enum cv_end {
  CV_END_FALL,
  CV_END_JUMP,
  CV_END_BRANCH,
  CV_END_REG,
  CV_END_MEM,
  CV_END_RET,
  CV_END_SPECIAL,
  CV_END_REP,
  CV_END_KINDS,
};

#define CV_IRET 1 /* the end register of CV_END_SPECIAL: an iret */

enum cv_plan_flag {
  CV_PLAN_CAPTURE = 1,
  CV_PLAN_STORES = 2,
  CV_PLAN_NOTIFY = 4,
  CV_PLAN_FLUSH = 8,
  CV_PLAN_MONITOR = 16,
  CV_PLAN_LOADS = 32,
};

/* Register numbers of plans, captures and transfers. */
enum {
  CV_RSP = 4,
  CV_EFLAGS = 16,
  CV_CS = 18,
  CV_SS = 19,
  CV_K_GS_BASE = 25,
  CV_CR0 = 26,
  CV_CR8 = 30,
  CV_EFER = 31,
  CV_TRANSFER_REGISTERS = 32,
  CV_XMM0 = 32,
  CV_MXCSR = 48,
  CV_ST0 = 49,
  CV_FCTRL = 57,
  CV_REGISTERS = 60,
};

#define CV_EFER_LMA (1u << 10)
#define CV_CR0_PE 1u

#endif
