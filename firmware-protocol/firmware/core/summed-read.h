/* Bytes from the line and their CRC in one go. A port whose processor has no cycles to pass over every byte twice has its own
 * version in place of summed-read.c. */
#ifndef NORBRIDGE_SUMMED_READ_H
#define NORBRIDGE_SUMMED_READ_H

#include <stdint.h>

/* As port_read(); what was read is added to the CRC. */
uint16_t summed_read(uint8_t *into, uint16_t most, uint32_t *crc);

#endif
