/* Plain byte loops: easy to follow in a trace. */
#include "string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  char *t = to;
  const char *f = from;
  for (size_t i = 0; i < size; i++) {
    t[i] = f[i];
  }
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  char *t = to;
  const char *f = from;
  if (t <= f) {
    for (size_t i = 0; i < size; i++) {
      t[i] = f[i];
    }
  } else {
    for (size_t i = size; i > 0; i--) {
      t[i - 1] = f[i - 1];
    }
  }
  return to;
}

void *memset(void *to, int value, size_t size) {
  char *t = to;
  for (size_t i = 0; i < size; i++) {
    t[i] = (char)value;
  }
  return to;
}

int memcmp(const void *left, const void *right, size_t size) {
  const unsigned char *l = left;
  const unsigned char *r = right;
  for (size_t i = 0; i < size; i++) {
    if (l[i] != r[i]) {
      return l[i] - r[i];
    }
  }
  return 0;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != '\0') {
    length++;
  }
  return length;
}

int strcmp(const char *left, const char *right) {
  while (*left != '\0' && *left == *right) {
    left++;
    right++;
  }
  return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char *left, const char *right, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (left[i] != right[i] || left[i] == '\0') {
      return (unsigned char)left[i] - (unsigned char)right[i];
    }
  }
  return 0;
}

char *strcpy(char *restrict to, const char *restrict from) {
  size_t i = 0;
  do {
    to[i] = from[i];
  } while (from[i++] != '\0');
  return to;
}
