#include "varint.h"

/* Four bits are left for the fifth byte. */
#define LAST_INDEX 4
#define LAST_LIMIT 0x10

void varint_begin(struct varint *number) {
  number->value = 0;
  number->count = 0;
}

enum varint_state varint_take(struct varint *number, uint8_t byte) {
  uint8_t index = number->count++;
  /* One spelling for a number: no zero on top, and nothing beyond 32 bits. */
  if (index > 0 && byte == 0) return VARINT_INVALID;
  if (index == LAST_INDEX && byte >= LAST_LIMIT) return VARINT_INVALID;
  number->value |= (uint32_t)(byte & 0x7f) << (uint8_t)(7 * index);
  return byte < 0x80 ? VARINT_DONE : VARINT_MORE;
}

uint8_t varint_write(uint8_t *into, uint32_t value) {
  uint8_t count = 0;
  while (value >= 0x80) {
    into[count++] = (uint8_t)value | 0x80;
    value >>= 7;
  }
  into[count++] = (uint8_t)value;
  return count;
}
