#include "watchdog.h"

#include "bytes.h"
#include "port.h"
#include "registers.h"

/* About 8 s, the longest: RP2040-E1 counts the register down by two in each microsecond. The longest turn of the loop takes
 * less than a millisecond. */
#define LOAD_UNITS 0xffffffu
#define FEED_EVERY_US 250000u
/* In a scratch register, which survives every restart but a loss of power. The boot ROM restarts boards by the watchdog as
 * well, after a new image has come: then neither is there. */
#define RUNS_MARK 0x4e42524eu
#define FAULT_MARK 0x4e424654u
/* The boot ROM would start what this one names (datasheet 2.8.2.1). */
#define BOOT_SCRATCH 4

static enum restart reason;
static uint32_t fed_us;
static bool is_on;

void watchdog_begin(void) {
  uint32_t mark = WATCHDOG_SCRATCH(0);
  WATCHDOG_SCRATCH(0) = 0;
  if (WATCHDOG_REASON == 0) return;
  if (mark == RUNS_MARK) reason = RESTART_WATCHDOG;
  if (mark == FAULT_MARK) reason = RESTART_FAULT;
}

enum restart port_restart_reason(void) { return reason; }

static void arm(uint32_t mark) {
  WATCHDOG_SCRATCH(0) = mark;
  PSM_WDSEL = PSM_ALL_BUT_OSCILLATORS;
  WATCHDOG_SCRATCH(BOOT_SCRATCH) = 0;
}

void watchdog_feed(uint32_t now_us) {
  if (is_on && !HAS_PASSED(now_us, fed_us, FEED_EVERY_US)) return;
  fed_us = now_us;
  WATCHDOG_LOAD = LOAD_UNITS;
  if (is_on) return;
  is_on = true;
  arm(RUNS_MARK);
  SET_BITS(WATCHDOG) = WATCHDOG_ENABLE;
}

void watchdog_pause(void) {
  CLEAR_BITS(WATCHDOG) = WATCHDOG_ENABLE;
  WATCHDOG_SCRATCH(0) = 0;
  is_on = false;
}

void watchdog_restart_after_fault(void) {
  arm(FAULT_MARK);
  SET_BITS(WATCHDOG) = WATCHDOG_TRIGGER;
  for (;;) {
  }
}
