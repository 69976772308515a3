/* Little-endian numbers and copies: all that the core would want of a C library. */
#ifndef NORBRIDGE_BYTES_H
#define NORBRIDGE_BYTES_H

#include <stdint.h>

#include "board.h"

/* What is on its way between chip and line. Its content is not kept from one call to the next. */
extern uint8_t bytes_slice[BOARD_SLICE_BYTES];

uint16_t bytes_u16(const uint8_t *from);
uint32_t bytes_u32(const uint8_t *from);
void bytes_put_u16(uint8_t *into, uint16_t value);
void bytes_put_u32(uint8_t *into, uint32_t value);
/* Neither range may overlap the other. */
void bytes_copy(uint8_t *into, const uint8_t *from, uint16_t count);
void bytes_fill(uint8_t *into, uint8_t value, uint16_t count);

/* Whether `limit_us` have passed at `now` since `then`; both wrap at 2^32. */
#define HAS_PASSED(now, then, limit_us) ((uint32_t)((now) - (then)) >= (uint32_t)(limit_us))

#endif
