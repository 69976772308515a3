#include "result.h"

#include "board.h"
#include "result-buffer.h"
#include "run-length.h"

/* Longest result that is not a transfer's, and what the end of a transfer may still add (a count). */
#define RESERVE_BYTES 12

enum result_code { RESULT_DONE = 0, RESULT_FAILED = 1, RESULT_SKIPPED = 2 };

static struct run_encoder runs;
static uint32_t last_byte_us;

uint32_t result_last_byte_us(void) { return last_byte_us; }

uint16_t result_room_for_received(void) {
  uint16_t free = result_buffer_free();
  /* Triples grow by a third. */
  return free <= RESERVE_BYTES ? 0 : (uint16_t)((uint32_t)(free - RESERVE_BYTES) * 3 / 4);
}

bool result_has_room(void) { return result_room_for_received() >= RESULT_SMALLEST_PIECE; }

static void append(const uint8_t *bytes, uint16_t count, uint32_t now_us) {
  if (count == 0) return;
  result_buffer_append(bytes, count);
  last_byte_us = now_us;
}

static void append_code(uint8_t code, uint32_t now_us) { append(&code, 1, now_us); }

void result_skipped(uint32_t now_us) { append_code(RESULT_SKIPPED, now_us); }

void result_failed(enum step_failure reason, uint8_t status, uint32_t now_us) {
  uint8_t bytes[3];
  bytes[0] = RESULT_FAILED;
  bytes[1] = (uint8_t)reason;
  bytes[2] = status;
  append(bytes, 3, now_us);
}

void result_done(const uint8_t *bytes, uint8_t count, uint32_t now_us) {
  append_code(RESULT_DONE, now_us);
  append(bytes, count, now_us);
}

void result_begin_transfer(uint32_t now_us) {
  run_encoder_begin(&runs);
  append_code(RESULT_DONE, now_us);
}

void result_add_received(const uint8_t *bytes, uint16_t count, uint32_t now_us) {
  uint8_t coded[RUN_CODED_BYTES(BOARD_SLICE_BYTES)];
  append(coded, run_encoder_add(&runs, bytes, count, coded), now_us);
}

void result_end_transfer(uint32_t now_us) {
  uint8_t coded[5];
  append(coded, run_encoder_end(&runs, coded), now_us);
}
