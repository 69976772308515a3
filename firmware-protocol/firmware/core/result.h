/* Writes results into the result buffer as they come about (PROTOCOL.md section 6). Twin of result.ts. */
#ifndef NORBRIDGE_RESULT_H
#define NORBRIDGE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "step.h"

/* Less room than for so many received bytes is not worth a piece, unless it is the rest. */
#define RESULT_SMALLEST_PIECE 16

/* Whether any result fits, or a piece of received bytes. */
bool result_has_room(void);
/* How many received bytes fit whatever they are. */
uint16_t result_room_for_received(void);

void result_skipped(uint32_t now_us);
void result_failed(enum step_failure reason, uint8_t status, uint32_t now_us);
/* Done, with this many bytes after it (0..4). */
void result_done(const uint8_t *bytes, uint8_t count, uint32_t now_us);

/* A transfer that was done: its bytes come in pieces of at most BOARD_SLICE_BYTES. */
void result_begin_transfer(uint32_t now_us);
void result_add_received(const uint8_t *bytes, uint16_t count, uint32_t now_us);
void result_end_transfer(uint32_t now_us);

/* When the last byte was written. */
uint32_t result_last_byte_us(void);

#endif
