/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plugin's files share: the descriptors of translations, the recording's state. */
#ifndef CV_PLUGIN_H
#define CV_PLUGIN_H

#include "qemu-api.h"
#include "ring.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Not canonical, so never an address of code. */
#define CV_NOWHERE 0x8000000000000001ull

/* An instruction of a translation, with the recorder's plan for it. */
struct cv_insn {
  struct cv_block *block;
  uint64_t pc;
  uint32_t index;
  uint32_t flags;
  uint8_t captures, notifies;
  uint8_t *registers; /* the captured, then the notified */
};

/* A translation. What the block callback reads stands first. */
struct cv_block {
  uint64_t pc;
  uint64_t next;
  uint64_t expected[2]; /* static successors, or CV_NOWHERE */
  uint32_t n;
  uint32_t id;
  uint32_t segment; /* the last segment it was executed in */
  uint8_t end;
  uint8_t end_register; /* CV_IRET where the special instruction is one */
  uint8_t legacy;  /* outside long mode: addresses are offsets from the base below */
  uint32_t base;   /* of the code segment, 0 in long mode */
  uint8_t planned; /* flags of all its instructions that concern their end */
  uint32_t executions; /* counted under --check */
  struct cv_insn insns[];
};

struct cv_state {
  struct cv_block *block; /* the one being executed, or NULL before the start */
  uint64_t *complete;     /* nonzero once its last instruction was started */
  uint64_t base;          /* position at its start */
  uint64_t hash;          /* path hash at its start */
  uint64_t event_at;      /* the lower of the next PATH and the next segment end */
  uint64_t path_at;
  uint64_t segment_at;
  uint64_t head_limit; /* ring head that ends the segment */
  uint32_t segment;  /* number of the current segment, from 1 */
  int32_t captured;  /* index of the last instruction whose plan was carried out, or -1 */
  int audit_due;     /* the shadow misses a frame: the next audit must not be skipped */
  uint64_t target;   /* what the last instruction loaded (MEM and RET), or CV_NOWHERE */
  uint64_t alias;    /* where the block is executed, minus where it was translated; see blocks.c */
  struct cv_header *header;
};

extern struct cv_state cv;

/* plugin.c */
void cv_die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* blocks.c */
void cv_on_block(unsigned vcpu, void *block);
void cv_on_planned(unsigned vcpu, void *insn);
uint64_t cv_position_of(const struct cv_insn *insn);
void cv_finish(void);

/* memory.c */
int cv_memory_open(const char *ram, const char *shadow);
void cv_memory_regions(void);
void cv_memory_start(void);
void cv_memory_flush(void);
void cv_memory_renew_marks(void);
void cv_memory_frame(uint64_t linear, const uint8_t *bytes, uint32_t length, uint32_t told);
void cv_memory_audit(void);
void cv_memory_note_code(const void *host);
int cv_memory_code_pending(void);
void cv_memory_check_code(void);
void cv_on_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_captured_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_target(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_rep_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_rep_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);
void cv_on_captured_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn);

/* cost.c */
void cv_cost_speed(void);
uint64_t cv_cost_begin(void);
void cv_cost_end(uint64_t begin);

/* ring.c */
int cv_ring_open(const char *path);
uint8_t *cv_ring_begin(enum cv_record type, uint16_t aux, uint64_t position, uint32_t payload);
void cv_ring_publish(void);
uint64_t cv_ring_head(void);

/* registers.c */
uint64_t cv_registers_find(void);
int cv_register_exists(unsigned number);
uint32_t cv_register_bytes(unsigned number);
void cv_register_read(unsigned number, uint8_t *to);
uint64_t cv_register(unsigned number);
uint64_t cv_register_rip(void);

/* control.c */
int cv_control_open(const char *path);
void cv_control_send(enum cv_message type, const void *payload, uint32_t length);
uint8_t *cv_control_receive(enum cv_message type, uint32_t *length);
int cv_control_stop(void);
void cv_control_check(void);
void cv_control_error(const char *text);

#endif
