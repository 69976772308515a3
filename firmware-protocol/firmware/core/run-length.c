#include "run-length.h"

#define RUN_STARTS 3

void run_decoder_begin(struct run_decoder *decoder) {
  varint_begin(&decoder->count);
  decoder->equal = 0;
}

bool run_decoder_awaits_count(const struct run_decoder *decoder) { return decoder->equal == RUN_STARTS; }

enum run_event run_decoder_take(struct run_decoder *decoder, uint8_t byte) {
  if (decoder->equal == RUN_STARTS) {
    switch (varint_take(&decoder->count, byte)) {
      case VARINT_MORE:
        return RUN_COUNT_PART;
      case VARINT_DONE:
        decoder->equal = 0;
        return RUN_REPEAT;
      case VARINT_INVALID:
      default:
        return RUN_INVALID;
    }
  }
  if (decoder->equal > 0 && byte == decoder->last) {
    decoder->equal++;
    /* The next byte begins a count. */
    varint_begin(&decoder->count);
  } else {
    decoder->equal = 1;
    decoder->last = byte;
  }
  return RUN_BYTE;
}

void run_encoder_begin(struct run_encoder *encoder) {
  encoder->extra = 0;
  encoder->equal = 0;
}

uint8_t run_encoder_end(struct run_encoder *encoder, uint8_t *into) {
  if (encoder->equal != RUN_STARTS) return 0;
  encoder->equal = 0;
  return varint_write(into, encoder->extra);
}

uint16_t run_encoder_add(struct run_encoder *encoder, const uint8_t *bytes, uint16_t count, uint8_t *into) {
  uint8_t *out = into;
  uint8_t last = encoder->last;
  uint8_t equal = encoder->equal;
  while (count-- > 0) {
    uint8_t byte = *bytes++;
    if (equal == RUN_STARTS) {
      if (byte == last) {
        encoder->extra++;
        continue;
      }
      out += varint_write(out, encoder->extra);
      equal = 0;
    }
    if (byte != last || equal == 0) {
      equal = 1;
      last = byte;
    } else if (++equal == RUN_STARTS) {
      encoder->extra = 0;
    }
    *out++ = byte;
  }
  encoder->last = last;
  encoder->equal = equal;
  return (uint16_t)(out - into);
}
