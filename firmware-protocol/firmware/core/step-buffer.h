/* Where the step stream is put together again: a ring indexed by stream offset, with the stretches that came ahead of their
 * turn (PROTOCOL.md section 4). serprog uses it as a plain queue.
 *
 * What always holds: consumed <= received <= consumed + capacity; stretches lie after `received`, in order, apart. */
#ifndef NORBRIDGE_STEP_BUFFER_H
#define NORBRIDGE_STEP_BUFFER_H

#include <stdint.h>

#include "board.h"

/* A stretch that is kept: first offset, and the first after it, counted from the start of the session. */
struct stretch {
  uint32_t start;
  uint32_t end;
};

enum placement { PLACED_NEW, PLACED_KNOWN, PLACED_DROPPED, PLACED_BEYOND_CREDIT };

void step_buffer_reset(void);
uint32_t step_buffer_received(void);
uint32_t step_buffer_consumed(void);
/* Bytes that wait to be run. */
ring_at_t step_buffer_available(void);
uint8_t step_buffer_stretch_count(void);
const struct stretch *step_buffer_stretches(void);

/* Puts a piece at its offset, which is meant near `received`, mod 65,536. */
enum placement step_buffer_place(uint16_t offset, const uint8_t *piece, uint16_t count);

/* As a queue: where the next bytes may be put, how many there, and that they were. */
uint8_t *step_buffer_room(ring_at_t *count);
void step_buffer_took(ring_at_t count);

/* The bytes `behind` the first one that waits, as many as lie in a row and at most `count`; returns how many. */
ring_at_t step_buffer_look(uint32_t behind, uint32_t count, const uint8_t **bytes);
/* The first `count` bytes were run: their room is free. */
void step_buffer_consume(uint32_t count);

#endif
