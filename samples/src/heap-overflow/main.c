/* The logger's main loop: a day of minutes, a message for each value, a report at the end. */
#include "heap.h"
#include "interrupts.h"
#include "runtime.h"
#include "string.h"
#include "weather.h"

#define EXIT_CODE 0x11
#define DEFAULT_MINUTES 1440
#define MESSAGE_SIZE 48
#define REPORT_SIZE 2048

static struct station *stations[STATION_COUNT];
static uint32_t random_state = 20250101;
static uint32_t log_checksum;

static uint32_t next_random(void) {
  random_state = random_state * 1664525 + 1013904223;
  return random_state >> 16;
}

/* Tenths of a degree, a random walk. */
static int32_t read_sensor(struct station *station) {
  station->last += (int32_t)(next_random() % 7) - 3;
  return station->last;
}

static uint32_t checksum(const char *text) {
  uint32_t sum = 1;
  for (; *text != '\0'; text++) {
    sum = sum * 31 + (unsigned char)*text;
  }
  return sum;
}

/* Writes "label=value". */
static void format_message(char *message, const struct station *station, int32_t value) {
  size_t length = strlen(station->label);
  memcpy(message, station->label, length);
  message[length++] = '=';
  if (value < 0) {
    message[length++] = '-';
    value = -value;
  }
  for (int32_t unit = 1000; unit > 0; unit /= 10) {
    message[length++] = (char)('0' + value / unit % 10);
  }
  message[length] = '\0';
}

static void log_value(const struct station *station, int32_t value) {
  char *message = heap_alloc(MESSAGE_SIZE);
  format_message(message, station, value);
  log_checksum = log_checksum * 16777619 ^ checksum(message);
  heap_free(message);
}

static void one_minute(uint32_t minute) {
  for (int i = 0; i < STATION_COUNT; i++) {
    struct station *station = stations[i];
    int32_t value = read_sensor(station);
    station->hour_sum += value;
    if (minute % station->interval == 0) {
      log_value(station, value);
    }
  }
}

/* The first full hour turns values into hourly means, and the labels say so. */
static void one_hour(uint32_t hour) {
  for (int i = 0; i < STATION_COUNT; i++) {
    struct station *station = stations[i];
    if (hour == 1) {
      append_label(station->label, "/hour");
    }
    station->day_sum += station->hour_sum / MINUTES_PER_HOUR;
    station->hour_sum = 0;
  }
  if (hour % 6 == 0 || hour == 1) {
    console_printf("hour %2u: log checksum %08x\n", hour, log_checksum);
  }
}

static void daily_report(int64_t hours) {
  char *report = heap_alloc(REPORT_SIZE);
  char *end = report;
  for (int i = 0; i < STATION_COUNT; i++) {
    format_message(end, stations[i], (int32_t)(stations[i]->day_sum / hours));
    end += strlen(end);
    *end++ = '\n';
  }
  *end = '\0';
  console_printf("%s", report);
  heap_free(report);
}

int main(void) {
  panic_exit_code = EXIT_CODE;
  interrupts_install();
  heap_init();
  stations_configure(stations);
  uint32_t minutes = (uint32_t)boot_parameter("minutes", DEFAULT_MINUTES);
  console_printf("weather logger: %u stations, %u minutes\n", STATION_COUNT, minutes);
  for (uint32_t minute = 1; minute <= minutes; minute++) {
    one_minute(minute);
    if (minute % MINUTES_PER_HOUR == 0) {
      one_hour(minute / MINUTES_PER_HOUR);
    }
  }
  daily_report(minutes < MINUTES_PER_HOUR ? 1 : minutes / MINUTES_PER_HOUR);
  console_printf("done\n");
  return 0;
}
