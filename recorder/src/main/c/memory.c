/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow memory: what the CPU knows of the guest's RAM. Loads are compared with
 * it, stores go to it, and the audit compares all of it with the RAM itself.
 */
#define _GNU_SOURCE /* SEEK_DATA */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "plugin.h"

#define CACHE_PAGES 1024
#define NO_PAGE UINT64_MAX
#define UNKNOWN_PHYSICAL UINT64_MAX

/* One virtual page in RAM. The store tag is set only while the page is marked as changed. */
struct page {
  uint64_t load_tag, store_tag;
  uint8_t *shadow;
};

static struct page cache[CACHE_PAGES];
static int ram_fd = -1;
static const uint8_t *ram;
static uint8_t *shadow;
static uint8_t *changed; /* one byte per page of RAM */
static uint64_t ram_size;
static ptrdiff_t to_ram; /* from a place in the shadow to the same in the RAM */
static struct cv_region regions[CV_MAX_REGIONS];
static unsigned region_count;

static void *map_file(const char *path, int flags, int protection, int *fd, uint64_t *size) {
  struct stat status;
  *fd = open(path, flags | O_CLOEXEC);
  if (*fd < 0 || fstat(*fd, &status)) {
    fprintf(stderr, "chronovisor plugin: cannot open %s: %s\n", path, strerror(errno));
    return NULL;
  }
  *size = (uint64_t)status.st_size;
  void *map = *size ? mmap(NULL, *size, protection, MAP_SHARED, *fd, 0) : MAP_FAILED;
  if (map == MAP_FAILED) {
    fprintf(stderr, "chronovisor plugin: cannot map %s (%llu bytes)\n", path,
            (unsigned long long)*size);
    return NULL;
  }
  return map;
}

int cv_memory_open(const char *ram_path, const char *shadow_path) {
  int fd;
  uint64_t size;
  ram = map_file(ram_path, O_RDONLY, PROT_READ, &ram_fd, &ram_size);
  if (!ram) {
    return -1;
  }
  shadow = map_file(shadow_path, O_RDWR, PROT_READ | PROT_WRITE, &fd, &size);
  if (!shadow) {
    return -1;
  }
  close(fd);
  if (ram_size % CV_PAGE_SIZE || size < ram_size + ram_size / CV_PAGE_SIZE) {
    fprintf(stderr,
            "chronovisor plugin: %s is too small for %s, or the latter is no multiple of %d\n",
            shadow_path, ram_path, CV_PAGE_SIZE);
    return -1;
  }
  changed = shadow + ram_size;
  to_ram = ram - shadow;
  return 0;
}

/* Takes the guest physical layout from the ring's header. */
void cv_memory_regions(void) {
  uint64_t count = cv.header->region_count;
  if (count == 0 || count > CV_MAX_REGIONS) {
    cv_die("the ring names %llu RAM regions", (unsigned long long)count);
  }
  for (unsigned i = 0; i < count; i++) {
    struct cv_region r = cv.header->regions[i];
    if ((r.start | r.length | r.offset) % CV_PAGE_SIZE || r.offset > ram_size ||
        r.length > ram_size - r.offset) {
      cv_die("RAM region %u does not fit the RAM file", i);
    }
    regions[i] = r;
  }
  region_count = (unsigned)count;
}

void cv_memory_flush(void) {
  for (unsigned i = 0; i < CACHE_PAGES; i++) {
    cache[i] = (struct page){NO_PAGE, NO_PAGE, NULL};
  }
}

/* After the recorder has cleared the marks every page must be marked anew at its next store. */
void cv_memory_renew_marks(void) {
  for (unsigned i = 0; i < CACHE_PAGES; i++) {
    cache[i].store_tag = NO_PAGE;
  }
}

static void mark(const uint8_t *place) { changed[(uint64_t)(place - shadow) / CV_PAGE_SIZE] = 1; }

/* Shadow of a physical address, or NULL when it lies outside the RAM regions. */
static uint8_t *shadow_of(uint64_t physical) {
  for (unsigned i = 0; i < region_count; i++) {
    uint64_t offset = physical - regions[i].start;
    if (offset < regions[i].length) {
      return shadow + regions[i].offset + offset;
    }
  }
  return NULL;
}

/* Physical address of an offset in the RAM file; the inverse of shadow_of. */
static uint64_t physical_of(uint64_t offset) {
  for (unsigned i = 0; i < region_count; i++) {
    uint64_t inside = offset - regions[i].offset;
    if (inside < regions[i].length) {
      return regions[i].start + inside;
    }
  }
  return UNKNOWN_PHYSICAL;
}

/*
 * Asks QEMU where an access went and refreshes the cache. Returns the shadow of the place, or NULL
 * for anything but RAM. QEMU knows no address when the access itself has emptied its TLB (a device
 * register that moves memory): the access is then logged like MMIO, with its value.
 */
static uint8_t *look_up(qemu_plugin_meminfo_t info, uint64_t linear, uint64_t *physical) {
  struct page *page = &cache[(linear / CV_PAGE_SIZE) % CACHE_PAGES];
  struct qemu_plugin_hwaddr *address = qemu_plugin_get_hwaddr(info, linear);
  uint8_t *place = NULL;
  *physical = UNKNOWN_PHYSICAL;
  if (address) {
    *physical = qemu_plugin_hwaddr_phys_addr(address);
    if (!qemu_plugin_hwaddr_is_io(address)) {
      place = shadow_of(*physical);
    }
  }
  if (!place) {
    *page = (struct page){NO_PAGE, NO_PAGE, NULL};
    return NULL;
  }
  uint8_t *start = place - linear % CV_PAGE_SIZE;
  if (page->load_tag != linear / CV_PAGE_SIZE || page->shadow != start) {
    *page = (struct page){linear / CV_PAGE_SIZE, NO_PAGE, start};
  }
  return place;
}

static void put_access(enum cv_record type, const struct cv_insn *insn, uint64_t linear,
                       uint64_t physical, const uint8_t *bytes, uint32_t size) {
  uint64_t addresses[2] = {linear, physical};
  uint8_t *to = cv_ring_begin(type, (uint16_t)size, cv_position_of(insn), 16 + size);
  memcpy(to, addresses, 16);
  memcpy(to + 16, bytes, size);
  cv_ring_publish();
}

static void put_external(uint16_t aux, uint64_t position, uint64_t physical, const uint8_t *bytes,
                         uint32_t size) {
  uint32_t sizes[2] = {size, 0};
  uint8_t *to = cv_ring_begin(CV_EXTERNAL, aux, position, 16 + size);
  memcpy(to, &physical, 8);
  memcpy(to + 8, sizes, 8);
  memcpy(to + 16, bytes, size);
  cv_ring_publish();
}

static void load_in_page(const struct cv_insn *insn, qemu_plugin_meminfo_t info, uint64_t linear,
                         const uint8_t *bytes, uint32_t size) {
  uint64_t physical;
  uint8_t *place = look_up(info, linear, &physical);
  if (!place) {
    put_access(CV_MMIO_LOAD, insn, linear, physical, bytes, size);
  } else if (memcmp(place, bytes, size)) {
    put_external(0, cv_position_of(insn), physical, bytes, size);
    memcpy(place, bytes, size);
    mark(place);
  }
}

static void store_in_page(const struct cv_insn *insn, qemu_plugin_meminfo_t info, uint64_t linear,
                          const uint8_t *bytes, uint32_t size) {
  uint64_t physical;
  uint8_t *place = look_up(info, linear, &physical);
  if (!place) {
    put_access(CV_MMIO_STORE, insn, linear, physical, bytes, size);
    return;
  }
  if (insn->flags & CV_PLAN_STORES) {
    put_access(CV_STORE, insn, linear, physical, bytes, size);
  }
  memcpy(place, bytes, size);
  mark(place);
  cache[(linear / CV_PAGE_SIZE) % CACHE_PAGES].store_tag = linear / CV_PAGE_SIZE;
}

/* First miss of a page, MMIO, page crossings and differences; an access is cut at a page end. */
static __attribute__((noinline)) void load_slowly(const struct cv_insn *insn,
                                                  qemu_plugin_meminfo_t info, uint64_t linear) {
  qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
  const uint8_t *bytes = (const uint8_t *)&value.data;
  uint32_t size = 1u << value.type;
  uint32_t room = CV_PAGE_SIZE - linear % CV_PAGE_SIZE;
  uint32_t first = size < room ? size : room;
  load_in_page(insn, info, linear, bytes, first);
  if (first < size) {
    load_in_page(insn, info, linear + first, bytes + first, size - first);
  }
}

static __attribute__((noinline)) void store_slowly(const struct cv_insn *insn,
                                                   qemu_plugin_meminfo_t info, uint64_t linear) {
  qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
  const uint8_t *bytes = (const uint8_t *)&value.data;
  uint32_t size = 1u << value.type;
  uint32_t room = CV_PAGE_SIZE - linear % CV_PAGE_SIZE;
  uint32_t first = size < room ? size : room;
  store_in_page(insn, info, linear, bytes, first);
  if (first < size) {
    store_in_page(insn, info, linear + first, bytes + first, size - first);
  }
}

/*
 * Sizes of accesses, remembered by QEMU's opaque description: few different ones exist, and asking
 * QEMU is a good part of a callback's cost. Loads and stores have a table each, as their
 * descriptions may differ in high bits only.
 */
struct sizes {
  struct {
    qemu_plugin_meminfo_t info;
    uint32_t size; /* 0: not known yet */
  } by_info[256];
};

static struct sizes load_sizes, store_sizes;

static __attribute__((noinline)) uint32_t ask_size(struct sizes *sizes,
                                                   qemu_plugin_meminfo_t info) {
  uint32_t size = 1u << qemu_plugin_mem_size_shift(info);
  sizes->by_info[info % 256].info = info;
  sizes->by_info[info % 256].size = size;
  return size;
}

static inline uint32_t size_of(struct sizes *sizes, qemu_plugin_meminfo_t info) {
  uint32_t size = sizes->by_info[info % 256].size;
  return likely(size && sizes->by_info[info % 256].info == info) ? size : ask_size(sizes, info);
}

static inline int same(const uint8_t *a, const uint8_t *b, uint32_t size) {
  switch (size) {
    case 1:
      return *a == *b;
    case 2:
      return !memcmp(a, b, 2);
    case 4:
      return !memcmp(a, b, 4);
    case 8:
      return !memcmp(a, b, 8);
    default:
      return !memcmp(a, b, 16);
  }
}

/*
 * Compares the RAM itself with the shadow, and fetches the value loaded only when these differ.
 * What is missed is a device that changes the place before the load and restores it between the
 * load and this callback.
 *
 * The entry is chosen by the page of the first byte and compared with that of the last: an access
 * that crosses pages never hits.
 */
void cv_on_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  (void)vcpu;
  const struct page *page = &cache[(linear / CV_PAGE_SIZE) % CACHE_PAGES];
  uint32_t size = size_of(&load_sizes, info);
  if (unlikely(page->load_tag != (linear + size - 1) / CV_PAGE_SIZE)) {
    load_slowly(insn, info, linear);
    return;
  }
  const uint8_t *place = page->shadow + linear % CV_PAGE_SIZE;
  if (unlikely(!same(place, place + to_ram, size))) {
    load_slowly(insn, info, linear);
  }
}

/* A load whose value the recorder wants to see. */
void cv_on_captured_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  cv_on_load(vcpu, info, linear, insn);
  qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
  put_access(CV_LOAD, insn, linear, UNKNOWN_PHYSICAL, (const uint8_t *)&value.data,
             1u << value.type);
}

/* A load by a block's last instruction that may be where control goes next. */
void cv_on_target(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  cv_on_load(vcpu, info, linear, insn);
  const struct cv_insn *i = insn;
  if (i->block->end == CV_END_RET && cv.target != CV_NOWHERE) {
    return;
  }
  qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
  uint64_t target = 0;
  memcpy(&target, &value.data, value.type < 3 ? 1u << value.type : 8);
  cv.target = target;
}

/* The value is QEMU's, not the RAM's: a device may have overwritten it already. */
void cv_on_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  (void)vcpu;
  const struct page *page = &cache[(linear / CV_PAGE_SIZE) % CACHE_PAGES];
  if (unlikely(page->store_tag != (linear + size_of(&store_sizes, info) - 1) / CV_PAGE_SIZE)) {
    store_slowly(insn, info, linear);
    return;
  }
  uint8_t *place = page->shadow + linear % CV_PAGE_SIZE;
  qemu_plugin_mem_value value = qemu_plugin_mem_get_value(info);
  switch (value.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8:
      *place = value.data.u8;
      break;
    case QEMU_PLUGIN_MEM_VALUE_U16:
      memcpy(place, &value.data, 2);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U32:
      memcpy(place, &value.data, 4);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U64:
      memcpy(place, &value.data, 8);
      break;
    default:
      memcpy(place, &value.data, 16);
  }
}

/* How often a rep instruction accesses memory only its callbacks know: they count. */
void cv_on_rep_load(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  cv.header->rep_accesses++;
  cv_on_load(vcpu, info, linear, insn);
}

void cv_on_rep_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  cv.header->rep_accesses++;
  cv_on_store(vcpu, info, linear, insn);
}

void cv_on_captured_store(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t linear, void *insn) {
  (void)vcpu;
  store_slowly(insn, info, linear);
}

/*
 * Takes over what the CPU has pushed unseen; the recorder was told its first bytes in a TRANSFER
 * and is told the rest, when it is news, as an external write. The stack's page is the cached one
 * or, as every transfer empties the cache, one of the last frames' (two, as a frame may lie on two
 * pages), and its RAM must hold the very bytes. Failing that the shadow stays behind, and a load or
 * the audit finds the difference.
 */
static void frame_in_page(uint64_t linear, const uint8_t *bytes, uint32_t length, uint32_t told) {
  static struct page stacks[2] = {{NO_PAGE, NO_PAGE, NULL}, {NO_PAGE, NO_PAGE, NULL}};
  const struct page *page = &cache[(linear / CV_PAGE_SIZE) % CACHE_PAGES];
  struct page *stack = &stacks[linear / CV_PAGE_SIZE % 2];
  if (page->load_tag == linear / CV_PAGE_SIZE) {
    *stack = *page;
  }
  if (stack->load_tag != linear / CV_PAGE_SIZE) {
    cv.audit_due = 1;
    return;
  }
  uint8_t *place = stack->shadow + linear % CV_PAGE_SIZE;
  if (memcmp(place + to_ram, bytes, length)) {
    cv.audit_due = 1;
  } else if (memcmp(place, bytes, length)) {
    if (length > told && memcmp(place + told, bytes + told, length - told)) {
      put_external(0, cv.base, physical_of((uint64_t)(place + told - shadow)), bytes + told,
                   length - told);
    }
    memcpy(place, bytes, length);
    mark(place);
  }
}

void cv_memory_frame(uint64_t linear, const uint8_t *bytes, uint32_t length, uint32_t told) {
  uint32_t room = CV_PAGE_SIZE - linear % CV_PAGE_SIZE;
  uint32_t first = length < room ? length : room;
  if (!length) {
    cv.audit_due = 1;
    return;
  }
  frame_in_page(linear, bytes, first, told < first ? told : first);
  if (first < length) {
    frame_in_page(linear + first, bytes + first, length - first, told < first ? 0 : told - first);
  }
}

/* Calls the visitor for every page of the RAM file that holds data. */
static void each_data_page(void (*visit)(uint64_t offset)) {
  off_t at = 0;
  for (;;) {
    off_t begin = lseek(ram_fd, at, SEEK_DATA);
    if (begin < 0) {
      if (errno != ENXIO) {
        cv_die("the RAM file cannot be searched for data: %s", strerror(errno));
      }
      return;
    }
    at = lseek(ram_fd, begin, SEEK_HOLE);
    if (at < 0) {
      cv_die("the RAM file cannot be searched for holes: %s", strerror(errno));
    }
    uint64_t stop = (uint64_t)at < ram_size ? (uint64_t)at : ram_size;
    for (uint64_t page = (uint64_t)begin & ~(CV_PAGE_SIZE - 1ull); page < stop;
         page += CV_PAGE_SIZE) {
      visit(page);
    }
  }
}

static void take_page(uint64_t offset) {
  memcpy(shadow + offset, ram + offset, CV_PAGE_SIZE);
  changed[offset / CV_PAGE_SIZE] = 1;
}

/* At the start the CPU is taken to know all of the RAM. */
void cv_memory_start(void) {
  cv_memory_flush();
  each_data_page(take_page);
}

/* Emits what differs between RAM and shadow in a page, or in its first bytes. */
static void compare_page(uint64_t offset, uint32_t size, uint16_t aux) {
  uint8_t now[CV_PAGE_SIZE];
  uint8_t *known = shadow + offset;
  if (!memcmp(ram + offset, known, size)) {
    return;
  }
  uint64_t physical = physical_of(offset);
  if (physical == UNKNOWN_PHYSICAL) {
    return;
  }
  memcpy(now, ram + offset, size); /* a device may still be writing */
  for (uint32_t i = 0; i < size;) {
    if (now[i] == known[i]) {
      i++;
      continue;
    }
    uint32_t stop = i + 1; /* behind the last different byte of the run */
    for (uint32_t j = stop; j < size && j - stop < 8; j++) {
      if (now[j] != known[j]) {
        stop = j + 1;
      }
    }
    put_external(aux, cv.base, physical + i, now + i, stop - i);
    memcpy(known + i, now + i, stop - i);
    mark(known);
    i = stop;
  }
}

static void audit_page(uint64_t offset) { compare_page(offset, CV_PAGE_SIZE, 1); }

void cv_memory_audit(void) { each_data_page(audit_page); }

/* Where QEMU itself has mapped the RAM file. */
static struct {
  const uint8_t *start, *end;
  uint64_t offset;
} ram_of_qemu;

static void find_ram_of_qemu(void) {
  struct stat status;
  unsigned long long start, end, offset, inode;
  unsigned major_number, minor_number;
  char line[1024];
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps || fstat(ram_fd, &status)) {
    cv_die("QEMU's memory map cannot be read: %s", strerror(errno));
  }
  while (fgets(line, sizeof line, maps)) {
    if (sscanf(line, "%llx-%llx %*s %llx %x:%x %llu", &start, &end, &offset, &major_number,
               &minor_number, &inode) == 6 &&
        inode == status.st_ino && major_number == major(status.st_dev) &&
        minor_number == minor(status.st_dev) && (const uint8_t *)(uintptr_t)start != ram) {
      ram_of_qemu.start = (const uint8_t *)(uintptr_t)start;
      ram_of_qemu.end = (const uint8_t *)(uintptr_t)end;
      ram_of_qemu.offset = offset;
    }
  }
  fclose(maps);
}

#define CODE_PAGES 16
static uint64_t code_pages[CODE_PAGES]; /* of translations made since the last block start */
static unsigned code_count;

/*
 * QEMU translates the instruction at a host address. Code that a device writes is translated anew,
 * so it is here that its bytes are seen first; the next block start will compare the page.
 */
void cv_memory_note_code(const void *host) {
  const uint8_t *place = host;
  if (!ram_of_qemu.start) {
    find_ram_of_qemu();
  }
  if (!place || place < ram_of_qemu.start || place >= ram_of_qemu.end) {
    return;
  }
  uint64_t offset = (uint64_t)(place - ram_of_qemu.start) + ram_of_qemu.offset;
  uint64_t page = offset & ~(CV_PAGE_SIZE - 1ull);
  for (unsigned i = 0; i < code_count; i++) {
    if (code_pages[i] == page) {
      return;
    }
  }
  /* Behind the page too: an instruction may end there. When that is other RAM, no harm is done. */
  uint32_t behind = page + 2 * CV_PAGE_SIZE <= ram_size ? 16 : 0;
  if (memcmp(ram + page, shadow + page, CV_PAGE_SIZE + behind)) {
    code_pages[code_count < CODE_PAGES ? code_count++ : 0] = page;
    cv.event_at = 0;
  }
}

int cv_memory_code_pending(void) { return code_count != 0; }

void cv_memory_check_code(void) {
  for (unsigned i = 0; i < code_count; i++) {
    compare_page(code_pages[i], CV_PAGE_SIZE, 0);
    if (code_pages[i] + 2 * CV_PAGE_SIZE <= ram_size) {
      compare_page(code_pages[i] + CV_PAGE_SIZE, 16, 0);
    }
  }
  code_count = 0;
}
