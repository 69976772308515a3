#include "line-rate.h"

#include "bytes.h"
#include "frame-sender.h"
#include "port.h"

#define PROOF_WITHIN_US 250000u

enum change { SETTLED, WAITING, ON_TRIAL };

static uint8_t change;
static uint32_t new_baud;
static uint32_t old_baud;
static uint32_t changed_us;

void line_rate_reset(void) { change = SETTLED; }

bool line_rate_waits(void) { return change != SETTLED; }

bool line_rate_waits_for_line(void) { return change == WAITING; }

void line_rate_change_later(uint32_t baud) {
  /* While a rate is on trial the old one stays the one to return to. */
  if (change != ON_TRIAL) old_baud = port_baud();
  new_baud = baud;
  change = WAITING;
}

void line_rate_heard_good_frame(void) {
  if (change == ON_TRIAL) change = SETTLED;
}

void line_rate_tick(uint32_t now_us) {
  if (change == WAITING && sender_is_idle() && port_has_sent()) {
    port_set_baud(new_baud);
    changed_us = now_us;
    change = ON_TRIAL;
  } else if (change == ON_TRIAL && HAS_PASSED(now_us, changed_us, PROOF_WITHIN_US)) {
    port_set_baud(old_baud);
    change = SETTLED;
  }
}
