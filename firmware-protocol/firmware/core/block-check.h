/* The check of a range of the chip: a CRC with a polynomial of its own, 93A409EB. Twin of block-check.ts, which has the reasons.
 *
 * The running value is kept inverted, as in crc.h: begin with CHECK_BEGIN, add bytes, read the sum with check_end(). */
#ifndef NORBRIDGE_BLOCK_CHECK_H
#define NORBRIDGE_BLOCK_CHECK_H

#include <stdint.h>

#define CHECK_BEGIN 0xffffffffu

uint32_t check_add_block(uint32_t check, const uint8_t *bytes, uint16_t count);

static inline uint32_t check_end(uint32_t check) { return ~check; }

#endif
