/* The first C code of a guest: keeps what the PVH start info says, then calls main. */
#include "runtime.h"

#include "cpu.h"
#include "string.h"

#define DEBUG_EXIT_PORT 0xf4
#define COMMAND_LINE_SIZE 128
#define START_MAGIC 0x336ec578
#define MEMORY_TYPE_RAM 1

/* Layout: Xen's public header arch-x86/hvm/start_info.h. */
struct start_info {
  uint32_t magic;
  uint32_t version;
  uint32_t flags;
  uint32_t module_count;
  uint64_t modules;
  uint64_t command_line;
  uint64_t rsdp;
  uint64_t memory_map;
  uint32_t memory_map_entries;
  uint32_t reserved;
};

struct memory_map_entry {
  uint64_t address;
  uint64_t size;
  uint32_t type;
  uint32_t reserved;
};

static char command_line[COMMAND_LINE_SIZE];
static uint64_t ram_bytes;

const char *boot_command_line(void) { return command_line; }

uint64_t boot_ram_bytes(void) { return ram_bytes; }

uint64_t boot_parameter(const char *name, uint64_t fallback) {
  size_t length = strlen(name);
  const char *word = command_line;
  while (*word != '\0') {
    if (strncmp(word, name, length) == 0 && word[length] == '=') {
      uint64_t value = 0;
      for (const char *digit = word + length + 1; *digit >= '0' && *digit <= '9'; digit++) {
        value = value * 10 + (uint64_t)(*digit - '0');
      }
      return value;
    }
    while (*word != '\0' && *word != ' ') {
      word++;
    }
    while (*word == ' ') {
      word++;
    }
  }
  return fallback;
}

void guest_halt(void) {
  for (;;) {
    __asm__ volatile("cli; hlt");
  }
}

void guest_exit(uint8_t code) {
  outl(DEBUG_EXIT_PORT, code);
  guest_halt();
}

static void keep_start_info(const struct start_info *info) {
  if (info->magic != START_MAGIC) {
    panic("not started by the PVH boot protocol");
  }
  const char *line = (const char *)info->command_line;
  if (line != NULL) {
    for (size_t i = 0; i < COMMAND_LINE_SIZE - 1 && line[i] != '\0'; i++) {
      command_line[i] = line[i];
    }
  }
  if (info->version < 1) {
    return;
  }
  const struct memory_map_entry *map = (const struct memory_map_entry *)info->memory_map;
  for (uint32_t i = 0; i < info->memory_map_entries; i++) {
    if (map[i].type == MEMORY_TYPE_RAM) {
      ram_bytes += map[i].size;
    }
  }
}

_Noreturn void kernel_main(const struct start_info *info);

void kernel_main(const struct start_info *info) {
  console_init();
  keep_start_info(info);
  guest_exit((uint8_t)main());
}
