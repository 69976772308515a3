/* Numbers of one to five bytes, seven bits each, lowest first. Twin of varint.ts. */
#ifndef NORBRIDGE_VARINT_H
#define NORBRIDGE_VARINT_H

#include <stdint.h>

/* A number that comes byte by byte. All zero: nothing has come. */
struct varint {
  uint32_t value;
  uint8_t count;
};

enum varint_state { VARINT_MORE, VARINT_DONE, VARINT_INVALID };

/* Takes the next byte. After DONE or INVALID the reader starts again with varint_begin(). */
enum varint_state varint_take(struct varint *number, uint8_t byte);
void varint_begin(struct varint *number);
/* Writes `value` into up to five bytes; returns how many. */
uint8_t varint_write(uint8_t *into, uint32_t value);

#endif
