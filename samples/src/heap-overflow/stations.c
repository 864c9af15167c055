/* The configuration: one text line per station, "name,interval". */
#include "heap.h"
#include "string.h"
#include "weather.h"

#define LINE_SIZE 64

static const char *const configuration[STATION_COUNT] = {
    "harbour-mole,5",
    "airport-runway-east,1",
    "reservoir-north-spillway-gauge1,10",
    "town-hall-roof-mast,5",
    "lighthouse-gallery,5",
    "valley-bridge-north,10",
    "summit-hut-balcony,15",
    "quarry-rim-lower-path,15",
};

static char *copy_line(const char *line) {
  char *copy = heap_alloc(LINE_SIZE);
  strcpy(copy, line);
  return copy;
}

static uint32_t parse_number(const char *digit) {
  uint32_t value = 0;
  while (*digit >= '0' && *digit <= '9') {
    value = value * 10 + (uint32_t)(*digit++ - '0');
  }
  return value;
}

/* Ends the name at the comma in place and returns what follows it. */
static char *split_at_comma(char *line) {
  while (*line != ',') {
    line++;
  }
  *line = '\0';
  return line + 1;
}

static struct station *create_station(char *line) {
  char *interval = split_at_comma(line);
  struct station *station = heap_alloc(sizeof *station);
  memset(station, 0, sizeof *station);
  station->interval = parse_number(interval);
  station->label = heap_alloc(strlen(line) + 1);
  strcpy(station->label, line);
  return station;
}

void stations_configure(struct station *stations[STATION_COUNT]) {
  char *lines[STATION_COUNT];
  for (int i = 0; i < STATION_COUNT; i++) {
    lines[i] = copy_line(configuration[i]);
    stations[i] = create_station(lines[i]);
  }
  for (int i = 0; i < STATION_COUNT; i++) {
    heap_free(lines[i]);
  }
}

void append_label(char *label, const char *suffix) {
  char *end = label + strlen(label);
  while (*suffix != '\0') {
    *end++ = *suffix++;
  }
  *end = '\0';
}
