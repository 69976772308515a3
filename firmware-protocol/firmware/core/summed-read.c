#include "summed-read.h"

#include "crc.h"
#include "port.h"

uint16_t summed_read(uint8_t *into, uint16_t most, uint32_t *crc) {
  uint16_t count = port_read(into, most);
  *crc = crc_add_block(*crc, into, count);
  return count;
}
