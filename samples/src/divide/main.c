/*
 * A calibration that averages measurements after throwing out the outliers. The tolerance gets
 * narrower with every pass until no measurement is left.
 */
#include "interrupts.h"
#include "runtime.h"

#define EXIT_CODE 0x14
#define SAMPLES 256
#define DEFAULT_TOLERANCE 400

static int32_t samples[SAMPLES];

static void measure(void) {
  uint32_t noise = 12345;
  for (int i = 0; i < SAMPLES; i++) {
    noise = noise * 1103515245 + 12345;
    samples[i] = 20000 + (int32_t)(noise >> 16) % 801 - 400;
  }
}

/* Keeps what is within `tolerance` of `centre`; returns how many are left. */
static int32_t filter_outliers(int32_t count, int32_t centre, int32_t tolerance) {
  int32_t kept = 0;
  for (int32_t i = 0; i < count; i++) {
    int32_t distance = samples[i] - centre;
    if (distance < 0) {
      distance = -distance;
    }
    if (distance < tolerance) {
      samples[kept++] = samples[i];
    }
  }
  return kept;
}

static int32_t average(int32_t count) {
  int64_t sum = 0;
  for (int32_t i = 0; i < count; i++) {
    sum += samples[i];
  }
  return (int32_t)(sum / count);
}

static bool report_and_stop(struct trap_frame *frame) {
  interrupts_report(frame);
  if (boot_parameter("exit", 0) != 0) {
    guest_exit(EXIT_CODE);
  }
  guest_halt();
}

int main(void) {
  interrupts_install();
  interrupts_handle(VECTOR_DIVIDE_ERROR, report_and_stop);
  int32_t tolerance = (int32_t)boot_parameter("tolerance", DEFAULT_TOLERANCE);
  measure();
  int32_t count = SAMPLES;
  int32_t centre = average(count);
  while (tolerance >= 0) {
    count = filter_outliers(count, centre, tolerance);
    centre = average(count);
    if (tolerance % 50 == 0) {
      console_printf("tolerance %d: %d measurements, centre %d\n", tolerance, count, centre);
    }
    tolerance -= 5;
  }
  console_printf("done\n");
  return 0;
}
