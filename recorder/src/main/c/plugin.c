/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Installation and translation: every block is shown to the recorder, which answers with a plan. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "plugin.h"

CV_EXPORT int qemu_plugin_version = 4;

struct cv_state cv;
uint8_t cv_markers[CV_MAX_VCPUS + 8];

static struct qemu_plugin_scoreboard *scoreboard;
static struct termios terminal;
static int has_terminal;
static uint8_t *question;
static size_t question_size, question_length;

/*
 * Ends QEMU at once: an orderly exit would wait for this vCPU. So QEMU's own exit handlers do not
 * run, and a terminal it has set to raw mode is restored here.
 */
void cv_die(const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fprintf(stderr, "chronovisor plugin: %s\n", text);
  cv_control_error(text);
  if (has_terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
  }
  _exit(1);
}

static void append(const void *bytes, size_t length) {
  if (question_size - question_length < length) {
    question_size = 2 * question_size + length + 4096;
    question = realloc(question, question_size);
    if (!question) {
      cv_die("out of memory");
    }
  }
  memcpy(question + question_length, bytes, length);
  question_length += length;
}

/* Sends TRANSLATE. */
static void ask(const struct qemu_plugin_tb *tb, uint32_t n, uint32_t base) {
  /* The registers are in memory while a block is being translated (tried on 10.0.2). */
  uint64_t head[4] = {qemu_plugin_tb_vaddr(tb), cv_register(CV_CS), cv_register(CV_CR0),
                      cv_register(CV_EFER)};
  uint32_t count[2] = {n, base};
  question_length = 0;
  append(head, sizeof head);
  append(count, sizeof count);
  for (uint32_t i = 0; i < n; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    uint8_t bytes[16];
    uint64_t address = qemu_plugin_insn_vaddr(insn);
    uint8_t size[2] = {(uint8_t)qemu_plugin_insn_data(insn, bytes, sizeof bytes), 0};
    char *text = qemu_plugin_insn_disas(insn);
    size_t length = text ? strnlen(text, UINT16_MAX) : 0;
    uint16_t text_length = (uint16_t)length;
    append(&address, 8);
    append(size, 2);
    append(&text_length, 2);
    append(bytes, size[0]);
    append(text, length);
    g_free(text);
  }
  cv_control_send(CV_TRANSLATE, question, (uint32_t)question_length);
}

struct reader {
  const uint8_t *at;
  uint32_t left;
};

static const uint8_t *take(struct reader *reader, uint32_t length) {
  if (reader->left < length) {
    cv_die("the recorder's plan is cut short");
  }
  const uint8_t *at = reader->at;
  reader->at += length;
  reader->left -= length;
  return at;
}

static void *allocate(size_t length) {
  void *memory = calloc(1, length);
  if (!memory) {
    cv_die("out of memory");
  }
  return memory;
}

/* Receives PLAN. Blocks are never freed: QEMU may still call back with an old translation. */
static struct cv_block *receive_plan(const struct qemu_plugin_tb *tb, uint32_t n) {
  struct reader reader;
  uint32_t ids[2];
  uint64_t target;
  reader.at = cv_control_receive(CV_PLAN, &reader.left);
  memcpy(ids, take(&reader, 8), 8);
  memcpy(&target, take(&reader, 8), 8);
  const uint8_t *end = take(&reader, 8);
  if (ids[1] != n || end[0] >= CV_END_KINDS ||
      (end[0] == CV_END_REG && end[1] >= CV_TRANSFER_REGISTERS)) {
    cv_die("the recorder's plan does not fit its block");
  }
  struct cv_block *block = allocate(sizeof *block + n * sizeof block->insns[0]);
  block->id = ids[0];
  block->n = n;
  block->end = end[0];
  block->end_register = end[1];
  for (uint32_t i = 0; i < n; i++) {
    struct cv_insn *insn = &block->insns[i];
    const uint8_t *head = take(&reader, 6);
    insn->block = block;
    insn->index = i;
    memcpy(&insn->flags, head, 4);
    insn->captures = head[4];
    insn->notifies = head[5];
    block->planned |= (uint8_t)insn->flags & (CV_PLAN_CAPTURE | CV_PLAN_NOTIFY | CV_PLAN_FLUSH |
                                              CV_PLAN_MONITOR);
    uint32_t registers = (uint32_t)head[4] + head[5];
    if (registers) {
      insn->registers = allocate(registers);
      memcpy(insn->registers, take(&reader, registers), registers);
    }
    for (uint32_t j = 0; j < registers; j++) {
      if (!cv_register_exists(insn->registers[j])) {
        cv_die("the recorder asks for register %u, which does not exist", insn->registers[j]);
      }
    }
    struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, i);
    insn->pc = qemu_plugin_insn_vaddr(last);
    block->next = insn->pc + qemu_plugin_insn_size(last);
  }
  block->pc = qemu_plugin_tb_vaddr(tb);
  block->code64 = end[2] & 1;
  int falls = block->end == CV_END_FALL || block->end == CV_END_BRANCH || block->end == CV_END_REP;
  int jumps = block->end == CV_END_JUMP || block->end == CV_END_BRANCH;
  block->expected[0] = falls ? block->next : CV_NOWHERE;
  block->expected[1] = jumps ? target : CV_NOWHERE;
  return block;
}

/* Code fetches are no loads: whether a device has put the code there is found out here. */
static void note_code(const struct qemu_plugin_tb *tb, uint32_t n) {
  for (uint32_t i = 0; i < n; i += n > 1 ? n - 1 : 1) {
    const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    cv_memory_note_code(qemu_plugin_insn_haddr(insn));
  }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  if (!(__atomic_load_n(&cv.header->flags, __ATOMIC_ACQUIRE) & CV_ARMED)) {
    return;
  }
  uint32_t n = (uint32_t)qemu_plugin_tb_n_insns(tb);
  /* Outside long mode QEMU finds translations by the segment's base, too: it is the block's own. */
  int legacy = !(cv_register(CV_EFER) & CV_EFER_LMA);
  uint32_t base = legacy ? (uint32_t)(qemu_plugin_tb_vaddr(tb) - cv_register_rip()) : 0;
  uint64_t begin = cv_cost_begin();
  ask(tb, n, base);
  struct cv_block *block = receive_plan(tb, n);
  block->legacy = (uint8_t)legacy;
  block->base = base;
  /*
   * QEMU computes the place as data + number * element size + offset. In 10.0, with vCPUs on one
   * thread, it multiplies a constant in place (accel/tcg/plugin-gen.c, gen_plugin_u64_ptr), which
   * would spoil the translation for any element size but 1.
   */
  char *data = qemu_plugin_scoreboard_find(scoreboard, 0);
  qemu_plugin_u64 marker = {scoreboard, (size_t)((char *)cv_markers - data)};
  int loads_target = block->end == CV_END_MEM || block->end == CV_END_RET;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, cv.vcpus > 1 ? cv_on_block_of_many : cv_on_block,
                                       QEMU_PLUGIN_CB_R_REGS, block);
  note_code(tb, n);
  for (uint32_t i = 0; i < n; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    struct cv_insn *planned = &block->insns[i];
    int is_last = i == n - 1;
    if (is_last) {
      qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_STORE_U64,
                                                          marker, 1);
    }
    if (i && planned[-1].flags & (CV_PLAN_CAPTURE | CV_PLAN_NOTIFY | CV_PLAN_MONITOR)) {
      qemu_plugin_register_vcpu_insn_exec_cb(insn, cv_on_planned, QEMU_PLUGIN_CB_R_REGS,
                                             &planned[-1]);
    }
    if (cv.vcpus > 1 && planned->flags & (CV_PLAN_SWAPGS | CV_PLAN_WRMSR)) {
      qemu_plugin_register_vcpu_insn_exec_cb(insn, cv_on_base_change, QEMU_PLUGIN_CB_R_REGS,
                                             planned);
    }
    int is_rep = is_last && block->end == CV_END_REP;
    qemu_plugin_register_vcpu_mem_cb(insn,
                                     is_last && loads_target          ? cv_on_target
                                     : planned->flags & CV_PLAN_LOADS ? cv_on_captured_load
                                     : is_rep                         ? cv_on_rep_load
                                                                      : cv_on_load,
                                     QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_R, planned);
    qemu_plugin_register_vcpu_mem_cb(insn,
                                     planned->flags & CV_PLAN_STORES ? cv_on_captured_store
                                     : is_rep                        ? cv_on_rep_store
                                                                     : cv_on_store,
                                     QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_W, planned);
  }
  cv_cost_end(begin);
}

static void on_vcpu(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id;
  if (cv.started || vcpu >= cv.vcpus) {
    cv_die("a vCPU was added, which cannot be recorded");
  }
  if (vcpu) {
    return;
  }
  struct {
    uint32_t version, zero;
    uint64_t registers;
  } hello = {CV_PROTOCOL_VERSION, 0, cv_registers_find()};
  cv_control_send(CV_HELLO, &hello, sizeof hello);
}

static void on_exit_of_qemu(qemu_plugin_id_t id, void *nothing) {
  (void)id;
  (void)nothing;
  cv_finish();
}

/* Value of the argument NAME=VALUE, or NULL with a message. */
static const char *argument(const char *name, int argc, char **argv) {
  size_t length = strlen(name);
  for (int i = 0; i < argc; i++) {
    if (!strncmp(argv[i], name, length) && argv[i][length] == '=' && argv[i][length + 1]) {
      return argv[i] + length + 1;
    }
  }
  fprintf(stderr, "chronovisor plugin: argument %s=PATH is missing\n", name);
  return NULL;
}

CV_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                  char **argv) {
  if (strcmp(info->target_name, "x86_64") || !info->system_emulation) {
    fprintf(stderr, "chronovisor plugin: needs qemu-system-x86_64, this is a %s%s\n",
            info->target_name, info->system_emulation ? "" : " user-mode emulator");
    return 1;
  }
  if (info->system.smp_vcpus > CV_MAX_VCPUS) {
    fprintf(stderr, "chronovisor plugin: at most %d vCPUs are supported, this guest has %d (-smp)\n",
            CV_MAX_VCPUS, info->system.smp_vcpus);
    return 1;
  }
  cv.vcpus = (unsigned)info->system.smp_vcpus;
#ifndef __x86_64__
  if (cv.vcpus > 1) {
    fprintf(stderr, "chronovisor plugin: several vCPUs need an x86-64 host\n");
    return 1;
  }
#endif
  const char *ring = argument("ring", argc, argv);
  const char *ram = argument("ram", argc, argv);
  const char *shadow = argument("shadow", argc, argv);
  const char *socket = argument("socket", argc, argv);
  if (!ring || !ram || !shadow || !socket || cv_ring_open(ring) || cv_memory_open(ram, shadow) ||
      cv_control_open(socket)) {
    return 1;
  }
  has_terminal = !tcgetattr(STDIN_FILENO, &terminal);
  scoreboard = qemu_plugin_scoreboard_new(1);
  cv.complete = (cv_marker *)cv_markers;
  qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
  return 0;
}
