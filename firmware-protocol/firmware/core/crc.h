/* CRC-32 (IEEE 802.3, as zlib). Twin of crc.ts.
 *
 * The running value is kept inverted: begin with CRC_BEGIN, add bytes, read the sum with crc_end(). */
#ifndef NORBRIDGE_CRC_H
#define NORBRIDGE_CRC_H

#include <stdint.h>

#include "board.h"

#define CRC_BEGIN 0xffffffffu
/* The running value after any bytes and their own CRC, lowest byte first. */
#define CRC_OF_SOUND 0xdebb20e3u

uint32_t crc_add_block(uint32_t crc, const uint8_t *bytes, uint16_t count);

static inline uint32_t crc_end(uint32_t crc) { return ~crc; }

#endif
