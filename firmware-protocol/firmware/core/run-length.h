/* Run-length code: after three equal bytes a count of how many more follow. Twin of run-length.ts. */
#ifndef NORBRIDGE_RUN_LENGTH_H
#define NORBRIDGE_RUN_LENGTH_H

#include <stdbool.h>
#include <stdint.h>

#include "varint.h"

/* Bytes that coding `count` bytes can take: triples grow by a third, and a count from before may end. */
#define RUN_CODED_BYTES(count) ((count) + (count) / 3 + 6)

/* What a coded byte was: itself; a part of a count; the end of one. */
enum run_event { RUN_BYTE, RUN_COUNT_PART, RUN_REPEAT, RUN_INVALID };

/* All zero: at the beginning. */
struct run_decoder {
  struct varint count;
  uint8_t last;
  uint8_t equal;
};

void run_decoder_begin(struct run_decoder *decoder);
/* Takes the next coded byte. After RUN_REPEAT `last` comes count.value times more. */
enum run_event run_decoder_take(struct run_decoder *decoder, uint8_t byte);
/* Whether a count has to follow. */
bool run_decoder_awaits_count(const struct run_decoder *decoder);

struct run_encoder {
  uint32_t extra;
  uint8_t last;
  uint8_t equal;
};

void run_encoder_begin(struct run_encoder *encoder);
/* Codes `count` bytes; `into` has room for RUN_CODED_BYTES(count). Returns how many it became. */
uint16_t run_encoder_add(struct run_encoder *encoder, const uint8_t *bytes, uint16_t count, uint8_t *into);
/* The count that is still owed: up to five bytes. */
uint8_t run_encoder_end(struct run_encoder *encoder, uint8_t *into);

#endif
