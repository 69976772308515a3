#include "bytes.h"

uint8_t bytes_slice[BOARD_SLICE_BYTES];

uint16_t bytes_u16(const uint8_t *from) { return (uint16_t)(from[0] | ((uint16_t)from[1] << 8)); }

uint32_t bytes_u32(const uint8_t *from) {
  return (uint32_t)from[0] | ((uint32_t)from[1] << 8) | ((uint32_t)from[2] << 16) | ((uint32_t)from[3] << 24);
}

void bytes_put_u16(uint8_t *into, uint16_t value) {
  into[0] = (uint8_t)value;
  into[1] = (uint8_t)(value >> 8);
}

void bytes_put_u32(uint8_t *into, uint32_t value) {
  bytes_put_u16(into, (uint16_t)value);
  bytes_put_u16(into + 2, (uint16_t)(value >> 16));
}

void bytes_copy(uint8_t *into, const uint8_t *from, uint16_t count) {
  while (count-- > 0) *into++ = *from++;
}

void bytes_fill(uint8_t *into, uint8_t value, uint16_t count) {
  while (count-- > 0) *into++ = value;
}
