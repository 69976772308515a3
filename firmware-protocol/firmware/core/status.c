#include "status.h"

#include "board.h"
#include "bytes.h"
#include "step-buffer.h"

#define TELL_AFTER_US 2000u
#define HEARTBEAT_US 200000u
#define ASK_AGAIN_AFTER_US 1000u
#define MOST_UNTOLD_BYTES 1024u
#define QUARTER (BOARD_STEP_BUFFER_BYTES / 4u)
#define UNTOLD_LIMIT (QUARTER < MOST_UNTOLD_BYTES ? QUARTER : MOST_UNTOLD_BYTES)

enum status_flag { FLAG_BUSY = 1, FLAG_SEND_AGAIN = 2, FLAG_CANCELLED = 4 };

/* As the last STATUS had it. */
static uint32_t told_consumed;
/* As the last frame of any type had it. */
static uint32_t acknowledged;
static uint32_t untold_since_us;
static bool has_untold;
static uint32_t last_status_us;
static bool is_due;
static bool asks_again;
static bool has_asked;
static bool asks_later;
static uint32_t asked_at;
static uint32_t asked_us;

bool status_read(struct status *status, const uint8_t *payload, uint16_t count) {
  if (count < STATUS_FIXED_BYTES) return false;
  status->sends_again = (payload[4] & FLAG_SEND_AGAIN) != 0;
  status->shift = payload[5] & 3;
  status->max_frame_units = payload[6];
  status->stretch_count = payload[7];
  status->stretches = payload + STATUS_FIXED_BYTES;
  return status->stretch_count <= STATUS_MAX_STRETCHES &&
         count >= (uint16_t)(STATUS_FIXED_BYTES + 4 * status->stretch_count);
}

void status_reset(uint32_t now_us) {
  told_consumed = 0;
  acknowledged = 0;
  has_untold = false;
  last_status_us = now_us;
  is_due = false;
  asks_again = false;
  has_asked = false;
  asks_later = false;
}

bool status_is_due(void) { return is_due; }

bool status_waits(void) { return has_untold || asks_later; }

void status_answer(void) { is_due = true; }

void status_moved(uint32_t now_us) {
  /* Neither is ever further than the buffer is long. */
  ring_at_t unacknowledged = (ring_at_t)step_buffer_received() - (ring_at_t)acknowledged;
  ring_at_t freed = (ring_at_t)step_buffer_consumed() - (ring_at_t)told_consumed;
  if (unacknowledged >= UNTOLD_LIMIT || freed >= UNTOLD_LIMIT) is_due = true;
  if (!has_untold && (unacknowledged > 0 || freed > 0)) {
    has_untold = true;
    untold_since_us = now_us;
  }
}

void status_damaged(uint32_t now_us) {
  uint32_t gap_at = step_buffer_received();
  if (has_asked && asked_at == gap_at && !HAS_PASSED(now_us, asked_us, ASK_AGAIN_AFTER_US)) {
    asks_later = true;
    return;
  }
  has_asked = true;
  asked_at = gap_at;
  asked_us = now_us;
  asks_later = false;
  asks_again = true;
  is_due = true;
}

void status_tick(bool is_busy, uint32_t now_us) {
  if (asks_later && HAS_PASSED(now_us, asked_us, ASK_AGAIN_AFTER_US)) {
    asks_later = false;
    if (asked_at == step_buffer_received()) status_damaged(now_us);
  }
  if (has_untold && HAS_PASSED(now_us, untold_since_us, TELL_AFTER_US)) is_due = true;
  if (is_busy && HAS_PASSED(now_us, last_status_us, HEARTBEAT_US)) is_due = true;
}

uint8_t status_write(uint8_t *payload, bool is_busy, bool is_cancelled, uint32_t now_us) {
  const struct stretch *stretches = step_buffer_stretches();
  uint8_t count = step_buffer_stretch_count();
  uint8_t i;
  if (count > STATUS_MAX_STRETCHES) count = STATUS_MAX_STRETCHES;
  told_consumed = step_buffer_consumed();
  acknowledged = step_buffer_received();
  bytes_put_u32(payload, told_consumed);
  payload[4] =
      (uint8_t)((is_busy ? FLAG_BUSY : 0) | (asks_again ? FLAG_SEND_AGAIN : 0) | (is_cancelled ? FLAG_CANCELLED : 0));
  payload[5] = 0;
  payload[6] = 0;
  payload[7] = count;
  for (i = 0; i < count; i++) {
    bytes_put_u16(payload + STATUS_FIXED_BYTES + 4 * i, (uint16_t)stretches[i].start);
    bytes_put_u16(payload + STATUS_FIXED_BYTES + 4 * i + 2, (uint16_t)stretches[i].end);
  }
  has_untold = false;
  last_status_us = now_us;
  is_due = false;
  asks_again = false;
  return (uint8_t)(STATUS_FIXED_BYTES + 4 * count);
}

void status_sent_other(void) {
  acknowledged = step_buffer_received();
  if (step_buffer_consumed() == told_consumed) has_untold = false;
}
