/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens at a block's start: how much of the block before has retired and
 * how control came here, plans carried out, segments ended.
 *
 * QEMU's x86 translations are position-independent (CF_PCREL since 7.2): where a page of code is
 * mapped twice, a block translated at one address is also executed at the other. The addresses in
 * the descriptors are those of the translation; cv.alias, a multiple of the page size, is what the
 * current block's true addresses exceed them by.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "plugin.h"

#define PATH_INTERVAL 32768 /* instructions between two PATH records, on average */
#define IDS_PER_RECORD 1000
#define MAX_FLAG_CHECKS 20000 /* a run, of about half a millisecond each */
#define FRAME_BYTES 64 /* in a TRANSFER, at most */
#define STACK_BYTES 128 /* looked at: an interrupt can follow an exception at once, two frames */

static uint32_t fresh[IDS_PER_RECORD]; /* blocks new in the segment, not yet in a record */
static uint32_t fresh_count;
static uint64_t start_ns, audit_ns;
static GByteArray *frame_buffer;

/* What an interrupt has changed before the interrupted instruction's plan could be carried out. */
static struct {
  int valid;
  uint64_t rsp, eflags, cs, ss;
} interrupted;

struct frame {
  uint64_t linear;
  uint32_t length;
  uint8_t bytes[STACK_BYTES];
};

static struct frame latest; /* that of the last transfer */

/* An interrupt's frame and, under it, that of the exception whose handler it interrupted. */
struct two_frames {
  struct frame inner;
  uint64_t handler, interrupted_rip;
  uint64_t outer_rip, inner_rip; /* where the two stand */
  uint32_t outer_length, inner_length;
};

static inline uint64_t hash_with(uint64_t hash, uint64_t pc) {
  return ((hash << 5 | hash >> 59) ^ pc) * 0x9E3779B97F4A7C15ull;
}

static uint64_t sum(uint64_t a, uint64_t b) { return a + b < a ? UINT64_MAX : a + b; }

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/* Index of the instruction of the current block at an address, or -1. */
static int index_at(const struct cv_block *block, uint64_t pc) {
  for (uint32_t i = 0; i < block->n; i++) {
    if (block->insns[i].pc + cv.alias == pc) {
      return (int)i;
    }
  }
  return -1;
}

/*
 * Position of an access: its descriptor is another block's when QEMU repeats an access alone. That
 * block may have been translated at another address; a block is never longer than a page.
 */
uint64_t cv_position_of(const struct cv_insn *insn) {
  if (likely(insn->block == cv.block)) {
    return cv.base + insn->index;
  }
  int i = cv.block ? (int)cv.block->n - 1 : -1;
  while (i >= 0 && (cv.block->insns[i].pc ^ insn->pc) % CV_PAGE_SIZE) {
    i--;
  }
  if (i < 0) {
    fprintf(stderr, "chronovisor plugin: access by %#llx outside the current block\n",
            (unsigned long long)insn->pc);
    return cv.base;
  }
  return cv.base + (uint64_t)i;
}

/* Replaces a value by that before the interrupt. */
static void restore(unsigned number, uint8_t *value) {
  const uint64_t *from = number == CV_RSP      ? &interrupted.rsp
                         : number == CV_EFLAGS ? &interrupted.eflags
                         : number == CV_CS     ? &interrupted.cs
                         : number == CV_SS     ? &interrupted.ss
                                               : NULL;
  if (from) {
    memcpy(value, from, 8);
  }
}

static void put_values(enum cv_record type, const struct cv_insn *insn, uint64_t position,
                       const uint8_t *registers, uint32_t count) {
  uint32_t ids[2] = {insn->block->id, insn->index};
  uint32_t length = 8;
  for (uint32_t i = 0; i < count; i++) {
    length += cv_register_bytes(registers[i]);
  }
  uint8_t *to = cv_ring_begin(type, (uint16_t)count, position, length);
  memcpy(to, ids, 8);
  to += 8;
  for (uint32_t i = 0; i < count; i++) {
    cv_register_read(registers[i], to);
    if (unlikely(interrupted.valid)) {
      restore(registers[i], to);
    }
    to += cv_register_bytes(registers[i]);
  }
  cv_ring_publish();
}

/* Carries out the plan of an instruction of the current block that has just retired. */
static void carry_out(const struct cv_insn *insn) {
  uint64_t position = cv.base + insn->index;
  cv.captured = (int32_t)insn->index;
  if (insn->flags & CV_PLAN_CAPTURE) {
    put_values(CV_CAPTURE, insn, position, insn->registers, insn->captures);
  }
  if (insn->flags & CV_PLAN_NOTIFY) {
    put_values(CV_NOTIFY, insn, position, insn->registers + insn->captures, insn->notifies);
  }
  if (insn->flags & CV_PLAN_MONITOR) {
    put_values(CV_MONITOR, insn, position, NULL, 0);
    cv_control_stop();
  }
}

/* Callback before the instruction behind a planned one. */
void cv_on_planned(unsigned vcpu, void *insn) {
  (void)vcpu;
  carry_out(insn);
}

static void put_fresh(void) {
  if (fresh_count) {
    uint32_t head[2] = {fresh_count, 0};
    uint8_t *to = cv_ring_begin(CV_BLOCKS, 0, cv.base, 8 + 4 * fresh_count);
    memcpy(to, head, 8);
    memcpy(to + 8, fresh, 4 * fresh_count);
    cv_ring_publish();
    fresh_count = 0;
  }
}

static __attribute__((noinline)) void note_fresh(struct cv_block *block) {
  block->segment = cv.segment;
  fresh[fresh_count++] = block->id;
  if (fresh_count == IDS_PER_RECORD) {
    put_fresh();
  }
}

/* The next position to look at. Not evenly spaced, so that no loop of the guest keeps step. */
static uint64_t next_path(void) {
  return cv.base + PATH_INTERVAL / 2 + (cv.hash >> 32) % PATH_INTERVAL;
}

/* The block in which the position fell that was to be looked at is a sample of what is executed. */
static void put_path(void) {
  uint32_t sample[2] = {cv.block ? cv.block->id : 0, 0};
  uint8_t *to = cv_ring_begin(CV_PATH, 0, cv.base, 16);
  memcpy(to, &cv.hash, 8);
  memcpy(to + 8, sample, 8);
  cv_ring_publish();
}

static void end_segment(uint64_t pc, int audited) {
  uint64_t begin = cv_cost_begin();
  cv_cost_speed();
  put_fresh();
  uint64_t values[4] = {cv.hash, pc, cv_register(CV_K_GS_BASE), cv_register(CV_CR8)};
  uint8_t *to = cv_ring_begin(CV_SEGMENT_END, (uint16_t)audited, cv.base, sizeof values);
  memcpy(to, values, sizeof values);
  cv_ring_publish();
  if (cv_control_stop()) {
    cv_memory_renew_marks();
    cv.segment++;
  }
  cv.head_limit = sum(cv_ring_head(), cv.header->segment_bytes);
  cv.segment_at = sum(cv.base, cv.header->segment_length);
  cv.path_at = next_path();
  cv.event_at = cv.segment_at < cv.path_at ? cv.segment_at : cv.path_at;
  cv_cost_end(begin);
}

static int audit_in_time(int always) {
  uint64_t before = now_ns();
  if (!always && !cv.audit_due && audit_ns > (before - start_ns) / 20) {
    return 0;
  }
  cv.audit_due = 0;
  uint64_t begin = cv_cost_begin();
  cv_memory_audit();
  cv_cost_end(begin);
  audit_ns += now_ns() - before;
  return 1;
}

static void start(struct cv_block *first) {
  start_ns = now_ns();
  frame_buffer = g_byte_array_new();
  cv.base = 0;
  cv.hash = 0;
  cv.captured = -1;
  cv.target = CV_NOWHERE;
  cv.alias = 0;
  cv.segment = 0;
  cv_memory_regions();
  cv_memory_start();
  end_segment(first->pc, 1);
}

/* Whether an offset in the code segment, of 16 or 32 bits, names an address. */
static int names(const struct cv_block *block, uint64_t offset, uint64_t pc) {
  uint32_t is = (uint32_t)pc - block->base;
  return is == (uint32_t)offset || is == (uint16_t)offset;
}

/* Where the current block's last instruction was due to go, as far as its end kind tells. */
static int is_expected(const struct cv_block *block, uint64_t pc) {
  if (pc - cv.alias == block->expected[0] || pc - cv.alias == block->expected[1]) {
    return 1;
  }
  if (block->legacy) {
    switch (block->end) {
      case CV_END_JUMP:
      case CV_END_BRANCH: /* the offset wraps at 64 KiB in 16-bit code */
        return names(block, (uint16_t)(block->expected[1] - block->base), pc);
      case CV_END_REG:
        return names(block, cv_register(block->end_register), pc);
      case CV_END_MEM:
      case CV_END_RET:
        return cv.target != CV_NOWHERE && names(block, cv.target, pc);
      default:
        return 0;
    }
  }
  switch (block->end) {
    case CV_END_REG:
      return pc == cv_register(block->end_register);
    case CV_END_MEM:
    case CV_END_RET:
      return pc == cv.target;
    default:
      return 0;
  }
}

/* Beyond its page the stack may not be mapped. */
static void read_frame_at(struct frame *frame, uint64_t linear) {
  uint32_t room = CV_PAGE_SIZE - linear % CV_PAGE_SIZE;
  frame->linear = linear;
  frame->length = STACK_BYTES;
  if (!qemu_plugin_read_memory_vaddr(linear, frame_buffer, STACK_BYTES)) {
    frame->length = room;
    if (room >= STACK_BYTES || !qemu_plugin_read_memory_vaddr(linear, frame_buffer, room)) {
      frame->length = 0;
    }
  }
  memcpy(frame->bytes, frame_buffer->data, frame->length);
}

/* Bytes that an interrupt pushes for each value, by the mode that it leads to. */
static uint32_t frame_slot(void) {
  if (cv_register(CV_EFER) & CV_EFER_LMA) {
    return 8;
  }
  return cv_register(CV_CR0) & CV_CR0_PE ? 4 : 2;
}

static void read_frame(struct frame *frame, uint32_t slot) {
  uint64_t rsp = cv_register(CV_RSP);
  if (slot == 2) { /* real mode */
    rsp = (cv_register(CV_SS) << 4) + (uint16_t)rsp;
  } else if (slot == 4) {
    rsp &= 0xffffffffu;
  }
  read_frame_at(frame, rsp);
}

/*
 * The address in an interrupt frame, with an error code below it or not: rip, cs, flags. The
 * selector and the flags must look like such, so that other stack content is rarely taken for a
 * frame. The block is the interrupted one.
 */
static uint64_t frame_rip(const struct cv_block *block, const struct frame *frame, uint32_t slot,
                          int with_error) {
  uint64_t values[3] = {0, 0, 0};
  uint32_t at = with_error ? slot : 0;
  for (unsigned i = 0; i < 3; i++, at += slot) {
    if (at + slot > frame->length) {
      return i ? values[0] + block->base : CV_NOWHERE; /* clipped at the page's end */
    }
    memcpy(&values[i], frame->bytes + at, slot);
  }
  int plausible = values[1] <= 0xffff && (values[2] & 0xffffffffffc0802aull) == 2;
  return plausible ? values[0] + block->base : CV_NOWHERE;
}

/*
 * The address at which a system management interrupt came, when this is the start of its handler,
 * else CV_NOWHERE. The CPU saves its state at a fixed place above the base of the code segment
 * (AMD64 APM volume 2, 10.2.3; QEMU 10.0, target/i386/tcg/system/smm_helper.c).
 */
static uint64_t smm_rip(const struct cv_block *to) {
  enum { SAVED_CS_BASE = 0xfe00 + 16 + 8, SAVED_RIP = 0xff78 };
  if (!to->legacy || to->pc - to->base != 0x8000 || (cv_register(CV_CR0) & CV_CR0_PE) ||
      cv_register(CV_CS) != (uint16_t)(to->base >> 4)) {
    return CV_NOWHERE;
  }
  uint64_t base, rip;
  if (!qemu_plugin_read_memory_vaddr(to->base + SAVED_CS_BASE, frame_buffer, 8)) {
    return CV_NOWHERE;
  }
  memcpy(&base, frame_buffer->data, 8);
  if (!qemu_plugin_read_memory_vaddr(to->base + SAVED_RIP, frame_buffer, 8)) {
    return CV_NOWHERE;
  }
  memcpy(&rip, frame_buffer->data, 8);
  return cv.block && cv.block->legacy ? (uint32_t)(base + rip) : rip;
}

static void put_transfer(uint16_t aux, uint64_t pc, const struct frame *frame, uint32_t told) {
  uint32_t lengths[2] = {frame->length < told ? frame->length : told, 0};
  uint8_t *to = cv_ring_begin(CV_TRANSFER, aux, cv.base,
                              8 + 8 * CV_TRANSFER_REGISTERS + 16 + lengths[0]);
  memcpy(to, &pc, 8);
  to += 8;
  for (unsigned i = 0; i < CV_TRANSFER_REGISTERS; i++, to += 8) {
    cv_register_read(i, to);
    if (unlikely(interrupted.valid)) {
      restore(i, to);
    }
  }
  memcpy(to, &frame->linear, 8);
  memcpy(to + 8, lengths, 8);
  memcpy(to + 16, frame->bytes, lengths[0]);
  cv_ring_publish();
}

/* Retires r instructions of the current block; the last one's plan may still be due. */
static void retire(const struct cv_block *block, uint32_t r) {
  if (block->planned && r && cv.captured < (int32_t)r - 1 && block->insns[r - 1].flags) {
    carry_out(&block->insns[r - 1]);
  }
  cv.base += r;
}

/* Retired instructions of the interrupted block by the frame's rip, or -1. */
static int retired_by_frame(const struct cv_block *block, int complete, uint64_t rip) {
  if (rip == CV_NOWHERE) {
    return -1;
  }
  if (complete && is_expected(block, rip)) {
    return (int)block->n;
  }
  int i = index_at(block, rip);
  if (i >= 0) {
    return i;
  }
  return rip == block->next + cv.alias ? (int)block->n : -1;
}

/*
 * Whether a frame says that the block's special instruction itself has failed. An iret fails with
 * an error code; without one it has led to its own address, where an interrupt came.
 */
static int failed_by_frame(const struct cv_block *block, uint32_t slot, int with_error,
                           uint64_t rip) {
  int returned = block->end_register == CV_IRET && slot > 2 && !with_error;
  return rip == block->insns[block->n - 1].pc + cv.alias && !returned;
}

/* Reads back the registers that an interrupt has pushed; the frame's rip lies at an address. */
static void read_interrupted(uint64_t linear, uint32_t slot) {
  int long_mode = slot == 8;
  uint64_t rsp = linear;
  if (slot == 2) {
    uint64_t now = cv_register(CV_RSP);
    rsp = (now & ~0xffffull) | (uint16_t)(linear - (cv_register(CV_SS) << 4));
  }
  uint64_t values[5] = {0};
  if (!qemu_plugin_read_memory_vaddr(linear, frame_buffer, 5 * slot) &&
      !qemu_plugin_read_memory_vaddr(linear, frame_buffer, 3 * slot)) {
    return;
  }
  for (unsigned i = 0; i < frame_buffer->len / slot && i < 5; i++) {
    memcpy(&values[i], frame_buffer->data + i * slot, slot);
  }
  interrupted.cs = values[1] & 0xffff;
  interrupted.eflags = values[2] & ~0x10000ull; /* RF is set in the pushed image only */
  int switched = long_mode || (slot == 4 && (interrupted.cs & 3) > (cv_register(CV_CS) & 3));
  interrupted.rsp = switched ? values[3] : rsp + 3 * slot;
  interrupted.ss = switched ? values[4] & 0xffff : cv_register(CV_SS);
  interrupted.valid = 1;
}

/*
 * An interrupt can find the handler of an exception, or of INT n, before its first instruction: its
 * frame names the handler, and the exception's frame, under it, what was interrupted. Then only
 * this function can tell how much retired; it is -1 when there is no such pair of frames.
 */
static int two_frames(const struct cv_block *block, int complete, uint32_t slot,
                      const struct frame *outer, struct two_frames *two) {
  int long_mode = slot == 8;
  int special = complete && block->end == CV_END_SPECIAL;
  for (unsigned errors = 0; errors < 4; errors++) {
    uint32_t outer_error = errors & 1, inner_error = errors >> 1;
    two->handler = frame_rip(block, outer, slot, (int)outer_error);
    two->outer_rip = outer->linear + outer_error * slot;
    two->outer_length = (outer_error + (long_mode ? 5 : 3)) * slot;
    uint64_t below = two->outer_rip + 3 * slot;
    if (two->handler == CV_NOWHERE || outer->length < (4 + outer_error) * slot) {
      continue;
    }
    if (long_mode) {
      memcpy(&below, outer->bytes + (3 + outer_error) * slot, 8);
    }
    read_frame_at(&two->inner, below);
    uint64_t rip = frame_rip(block, &two->inner, slot, (int)inner_error);
    int r = -1;
    if (!special) {
      r = retired_by_frame(block, complete, rip);
    } else if (rip == block->next + cv.alias) {
      r = (int)block->n; /* INT n */
    } else if (failed_by_frame(block, slot, (int)inner_error, rip)) {
      r = (int)block->n - 1;
    }
    if (r >= 0) {
      two->interrupted_rip = rip;
      two->inner_rip = below + inner_error * slot;
      two->inner_length = (inner_error + 5) * slot;
      return r;
    }
  }
  return -1;
}

/*
 * A block's instruction starts again: whether it does so as a handler that an exception in the
 * same block has called. Then a new frame lies on the stack that names an instruction of the block.
 */
static int is_nested(const struct cv_block *block) {
  uint32_t slot = frame_slot();
  struct frame frame;
  read_frame(&frame, slot);
  if (frame.linear == latest.linear && frame.length == latest.length &&
      !memcmp(frame.bytes, latest.bytes, frame.length)) {
    return 0;
  }
  return index_at(block, frame_rip(block, &frame, slot, 0)) >= 0 ||
         index_at(block, frame_rip(block, &frame, slot, 1)) >= 0;
}

/* The TRANSFER before it cannot tell all: the recorder takes the whole state. */
static void put_state(void) {
  uint32_t ids[2] = {cv.block->id, UINT32_MAX};
  uint8_t *to = cv_ring_begin(CV_MONITOR, 0, cv.base, sizeof ids);
  memcpy(to, ids, sizeof ids);
  cv_ring_publish();
  cv_control_stop();
}

/* Control came here by way of an interrupt, an exception or a special instruction. */
static void transfer(const struct cv_block *block, int complete, const struct cv_block *to,
                     uint64_t pc) {
  uint32_t slot = frame_slot();
  int special = complete && block->end == CV_END_SPECIAL;
  uint16_t aux = special ? 1 : 0;
  struct frame frame;
  read_frame(&frame, slot);
  latest = frame;
  uint32_t told = special ? 0 : FRAME_BYTES;
  int r = -1;
  uint64_t rip = CV_NOWHERE;
  for (int with_error = 0; with_error < 2 && r < 0; with_error++) {
    rip = frame_rip(block, &frame, slot, with_error);
    if (!special) {
      r = retired_by_frame(block, complete, rip);
      if (r >= 0) {
        told = (uint32_t)(with_error ? 6 : 5) * slot;
      }
      if (r > 0 && block->planned) {
        read_interrupted(frame.linear + (with_error ? slot : 0), slot);
      }
    } else if (failed_by_frame(block, slot, with_error, rip)) {
      r = (int)block->n - 1;
      aux = 0;
      told = FRAME_BYTES;
    } else if (rip != CV_NOWHERE) {
      told = FRAME_BYTES; /* INT n, or an interrupt right behind */
    }
  }
  int managed = 0;
  if (r < 0 && !special) {
    rip = smm_rip(to);
    r = retired_by_frame(block, complete, rip);
    managed = r >= 0;
    if (managed) {
      aux = 3;
      told = 0;
      cv.audit_due = 1; /* the saved state */
    }
  }
  struct two_frames two;
  int interrupted_handler = 0;
  if (r < 0 && slot > 2) {
    r = two_frames(block, complete, slot, &frame, &two);
    interrupted_handler = r >= 0;
    if (interrupted_handler) {
      rip = two.interrupted_rip;
      aux = special && r == (int)block->n;
      if (r > 0 && block->planned) {
        read_interrupted(two.inner_rip, slot);
      }
    }
  }
  if (r < 0) {
    r = complete ? (int)block->n : cv.captured + 1;
    if (!special) {
      aux = 2;
      fprintf(stderr, "chronovisor plugin: control came from block %#llx to %#llx unexplained\n",
              (unsigned long long)(block->pc + cv.alias), (unsigned long long)pc);
    }
  }
  if ((aux == 0 || managed) && (uint32_t)r == block->n && rip != block->next + cv.alias) {
    cv.hash = hash_with(cv.hash, rip); /* a jump whose target never started */
  }
  retire(block, (uint32_t)r);
  interrupted.valid = 0;
  if (interrupted_handler) {
    read_interrupted(two.outer_rip, slot);
    put_transfer(aux, two.handler, &two.inner, two.inner_length);
    interrupted.valid = 0;
    cv_memory_frame(two.inner.linear, two.inner.bytes, two.inner.length, two.inner_length);
    cv.hash = hash_with(cv.hash, two.handler);
    aux = 0;
    told = two.outer_length;
  }
  put_transfer(aux, pc, &frame, told);
  if (aux > 1) {
    put_state();
  }
  cv_memory_frame(frame.linear, frame.bytes, frame.length, told);
  cv_memory_flush();
  cv.hash = hash_with(cv.hash, pc);
}

/* Where a block is being executed, in 64-bit code. */
static uint64_t true_address(const struct cv_block *block) {
  uint64_t rip = cv_register(CV_EFER) & CV_EFER_LMA ? cv_register_rip() : block->pc;
  return (rip ^ block->pc) % CV_PAGE_SIZE ? block->pc : rip;
}

/*
 * All but a static successor of a block without plans. Returns whether the last instruction is
 * being executed again: a rep instruction under way, so that this is no place to end a segment.
 */
static __attribute__((noinline)) int arrive(const struct cv_block *block, int complete,
                                            const struct cv_block *to) {
  int again = 0;
  uint64_t pc = to->pc + cv.alias;
  int expected = complete && is_expected(block, pc);
  if (!expected) {
    pc = true_address(to);
    expected = complete && is_expected(block, pc);
  }
  if (expected) {
    retire(block, block->n);
    if (pc != block->next + cv.alias) {
      cv.hash = hash_with(cv.hash, pc);
    }
  } else {
    int i = complete && block->end == CV_END_SPECIAL ? -1 : index_at(block, pc);
    if (i >= 0 && (!complete || (uint32_t)i == block->n - 1) &&
        ((complete && block->end == CV_END_REP) || !is_nested(block))) {
      retire(block, (uint32_t)i);
      again = complete;
    } else {
      transfer(block, complete, to, pc);
    }
  }
  cv.alias = pc - to->pc;
  cv.target = CV_NOWHERE;
  if (block->planned & CV_PLAN_FLUSH) {
    cv_memory_flush();
  }
  return again;
}

/* A PATH record, a segment's end, or the start. */
static __attribute__((noinline)) void event(struct cv_block *block, int again) {
  if (!cv.block) {
    start(block);
    return;
  }
  if (cv_memory_code_pending()) {
    cv_memory_check_code();
    cv.event_at = cv.segment_at < cv.path_at ? cv.segment_at : cv.path_at;
  }
  uint64_t flags = __atomic_load_n(&cv.header->flags, __ATOMIC_RELAXED);
  int due = cv.base >= cv.segment_at || (flags & CV_STOP_REQUESTED) ||
            cv_ring_head() >= cv.head_limit;
  if (due && !again) {
    int audited = audit_in_time((flags & CV_STOP_REQUESTED) != 0);
    end_segment(block->pc + cv.alias, audited);
  } else if (cv.base >= cv.path_at) {
    cv.path_at = next_path();
    cv.event_at = cv.segment_at < cv.path_at ? cv.segment_at : cv.path_at;
    put_path();
  }
}

/* The start of a block, once it is known what has retired. */
static inline void enter(struct cv_block *block, uint64_t base, uint64_t hash, int again) {
  struct cv_header *header = cv.header;
  *cv.complete = 0;
  cv.base = base;
  cv.hash = hash;
  header->live_position = base;
  header->live_hash = hash;
  header->live_pc = block->pc + cv.alias;
  if (unlikely(base >= cv.event_at || (header->flags & CV_STOP_REQUESTED))) {
    event(block, again);
  }
  cv.block = block;
  if (unlikely(block->segment != cv.segment)) {
    note_fresh(block);
  }
}

/*
 * Under --check a segment also ends behind the 1st, 16th, 256th ... execution of each block: its
 * keyframe then proves what the block did to the flags, which no plugin can read. Blocks are single
 * instructions there.
 */
static void check_flags(struct cv_block *before) {
  static uint32_t checks;
  uint32_t n = ++before->executions;
  if (!(n & (n - 1)) && __builtin_ctz(n) % 4 == 0 && checks < MAX_FLAG_CHECKS) {
    checks++;
    cv.event_at = cv.segment_at = cv.base;
  }
}

static __attribute__((noinline)) void enter_slowly(struct cv_block *block) {
  struct cv_block *before = cv.block;
  int again = before && arrive(before, *cv.complete != 0, block);
  if (before && !again && (cv.header->flags & CV_CHECK)) {
    check_flags(before);
  }
  cv.captured = -1;
  enter(block, cv.base, cv.hash, again);
}

/*
 * Base and hash travel in registers, not through the state: reading back both at once what was
 * just written apart stalls the processor's store forwarding.
 */
void cv_on_block(unsigned vcpu, void *opaque) {
  (void)vcpu;
  struct cv_block *block = opaque;
  const struct cv_block *before = cv.block;
  uint64_t pc = block->pc;
  if (unlikely(!before || !*cv.complete || before->planned)) {
    enter_slowly(block);
    return;
  }
  if (unlikely(pc != before->expected[0] && pc != before->expected[1])) {
    if (unlikely(pc != cv.target || cv.alias)) {
      enter_slowly(block);
      return;
    }
    cv.target = CV_NOWHERE;
  }
  uint64_t hash = cv.hash;
  if (pc != before->next) {
    hash = hash_with(hash, pc + cv.alias);
  }
  enter(block, cv.base + before->n, hash, 0);
}

/* At QEMU's exit. */
void cv_finish(void) {
  const struct cv_block *block = cv.block;
  if (!block) {
    return;
  }
  cv_memory_audit();
  put_fresh();
  uint32_t numbers[2] = {block->id, (uint32_t)(cv.captured + 1)};
  uint8_t *to = cv_ring_begin(CV_END, *cv.complete ? 1 : 0, cv.base, 24);
  memcpy(to, &cv.hash, 8);
  memcpy(to + 8, numbers, 8);
  uint64_t pc = block->pc + cv.alias;
  memcpy(to + 16, &pc, 8);
  cv_ring_publish();
}
