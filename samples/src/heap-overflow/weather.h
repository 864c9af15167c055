/* A weather logger: stations send values every minute; means are kept per hour and per day. */
#ifndef WEATHER_H
#define WEATHER_H

#include <stdint.h>

#define MINUTES_PER_HOUR 60
#define STATION_COUNT 8

struct station {
  char *label;
  int32_t last;
  int64_t hour_sum;
  int64_t day_sum;
  uint32_t interval;
};

/* Reads the built-in configuration; every station gets its label. */
void stations_configure(struct station *stations[STATION_COUNT]);

/* Appends `suffix` to a label. */
void append_label(char *label, const char *suffix);

#endif
