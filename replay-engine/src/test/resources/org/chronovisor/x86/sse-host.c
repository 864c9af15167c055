/* Runs the stubs over the records in a file, in place. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

extern void (*stubs[])(void *record, void *memory);

int main(int argc, char **argv) {
  struct stat st;
  int fd = argc > 1 ? open(argv[1], O_RDWR) : -1;
  if (fd < 0 || fstat(fd, &st) != 0) {
    return 1;
  }
  uint8_t *p = mmap(0, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) {
    return 1;
  }
  uint64_t count = *(uint64_t *)p;
  uint8_t *record = p + 64;
  for (uint64_t i = 0; i < count; i++, record += 96) {
    stubs[*(uint32_t *)record](record, record + 48);
  }
  return 0;
}
