/* Text and memory: the library's byte loops, and the string instructions. */
#include "string.h"

#include "work.h"

#define TEXT_SIZE 600

static char text[TEXT_SIZE + 1];
static char copy[2 * TEXT_SIZE + 2];

static void rep_movsb(void *to, const void *from, uint64_t size) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static void rep_movsq(void *to, const void *from, uint64_t words) {
  __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static void rep_stosb(void *to, uint8_t value, uint64_t size) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
}

/* Index of `value`, or `size` when it is not there. */
static uint64_t repne_scasb(const char *from, char value, uint64_t size) {
  const char *end = from;
  uint64_t left = size;
  __asm__ volatile("repne scasb" : "+D"(end), "+c"(left) : "a"(value) : "cc", "memory");
  return end[-1] == value ? (uint64_t)(end - from) - 1 : size;
}

/* Bytes that are equal before the first difference, at most `size`. */
static uint64_t repe_cmpsb(const char *left, const char *right, uint64_t size) {
  uint64_t count = size;
  uint8_t equal;
  __asm__ volatile("repe cmpsb; sete %3"
                   : "+S"(left), "+D"(right), "+c"(count), "=r"(equal)
                   :
                   : "cc", "memory");
  return size - count - (equal ? 0 : 1);
}

/* Copies backwards: rep movsb with the direction flag set. */
static void rep_movsb_down(char *to, const char *from, uint64_t size) {
  to += size - 1;
  from += size - 1;
  __asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static uint64_t count_words(const char *from) {
  uint64_t words = 0;
  for (int inside = 0; *from != '\0'; from++) {
    if (*from == ' ') {
      inside = 0;
    } else if (!inside) {
      inside = 1;
      words++;
    }
  }
  return words;
}

static void upper_case(char *from, uint64_t size) {
  for (uint64_t i = 0; i < size; i++) {
    from[i] = (char)(from[i] >= 'a' && from[i] <= 'z' ? from[i] - 32 : from[i]);
  }
}

uint64_t work_strings(uint64_t state) {
  for (int i = 0; i < TEXT_SIZE; i++) {
    uint64_t number = next_random(&state) % 32;
    text[i] = number < 26 ? (char)('a' + number) : ' ';
  }
  text[TEXT_SIZE] = '\0';
  rep_stosb(copy, '.', sizeof copy);
  memcpy(copy, text, TEXT_SIZE / 2);
  rep_movsb(copy + TEXT_SIZE, text, TEXT_SIZE + 1);
  rep_movsq(copy + TEXT_SIZE / 2, text + TEXT_SIZE / 2, TEXT_SIZE / 16);
  rep_movsb_down(copy + 8, copy, TEXT_SIZE / 2);
  state = mix(state, repne_scasb(copy, 'q', sizeof copy));
  state = mix(state, repe_cmpsb(text, copy + TEXT_SIZE, TEXT_SIZE));
  state = mix(state, repe_cmpsb(text + 8, copy, 64));
  state = mix(state, strlen(copy) + count_words(copy) * 65536);
  upper_case(copy, sizeof copy);
  memmove(copy + 3, copy, TEXT_SIZE);
  state = mix(state, (uint64_t)(memcmp(copy, text, TEXT_SIZE) > 0));
  for (unsigned i = 0; i < sizeof copy; i++) {
    state = state * 31 + (unsigned char)copy[i];
  }
  return state;
}
