/* Four-level page tables (Intel SDM volume 3, section 4.5), built by hand. */
#ifndef TABLES_H
#define TABLES_H

#include <stdint.h>

#define PAGE_SIZE 4096ul
#define LARGE_PAGE_SIZE (2ul << 20)

#define PAGE_PRESENT 0x001
#define PAGE_WRITABLE 0x002
#define PAGE_USER 0x004
#define PAGE_UNCACHED 0x018
#define PAGE_ACCESSED 0x020
#define PAGE_DIRTY 0x040
#define PAGE_LARGE 0x080

/* Starts an empty set of tables; returns the value for cr3. */
uint64_t tables_create(void);

/* A zeroed frame that is never given back; its address is physical and identity-mapped. */
uint64_t frame_alloc(void);

/* Maps the 4 KiB page at `address` to `frame`; an earlier mapping is replaced. */
void map_page(uint64_t address, uint64_t frame, uint64_t flags);

/* Maps the 2 MiB page at `address`, which no 4 KiB page may share. */
void map_large_page(uint64_t address, uint64_t frame, uint64_t flags);

/* The entry that maps the 4 KiB page at `address`; tables on the way are made as needed. */
uint64_t *page_entry(uint64_t address);

#endif
