#include "frame-decoder.h"

#include "board.h"
#include "bytes.h"
#include "crc.h"
#include "summed-read.h"

static uint8_t buffer[BOARD_MAX_FRAME_UNITS * FRAME_UNIT_BYTES];
static uint16_t filled;
/* Length of the frame that was handed out and still lies in front. */
static uint16_t handed_out;
/* Of all that is in the buffer, as long as nothing was thrown away in front of it. */
static uint32_t crc;
static bool has_crc;
/* The front cannot be a frame any more. */
static bool is_cut;

void decoder_reset(void) {
  filled = 0;
  handed_out = 0;
  is_cut = false;
  has_crc = true;
  crc = CRC_BEGIN;
}

/* Length that the header promises; 0 if no frame can start. */
static uint16_t promised(void) {
  uint8_t units = (uint8_t)(buffer[1] - FRAME_SIZE_BIAS);
  if (units < FRAME_MIN_UNITS || units > BOARD_MAX_FRAME_UNITS) return 0;
  return (uint16_t)units * FRAME_UNIT_BYTES;
}

uint16_t decoder_wants(void) { return filled < 2 ? 1 : (uint16_t)(promised() - filled); }

void decoder_take(const uint8_t *bytes, uint16_t count) {
  bytes_copy(buffer + filled, bytes, count);
  crc = crc_add_block(crc, bytes, count);
  filled = (uint16_t)(filled + count);
}

uint16_t decoder_read(uint16_t most) {
  uint16_t count = summed_read(buffer + filled, most, &crc);
  filled = (uint16_t)(filled + count);
  return count;
}

bool decoder_holds_part(void) { return filled > handed_out; }

/* Throws away `count` bytes in front, and what follows up to the next marker. */
static void drop(uint16_t count) {
  uint16_t left, i;
  while (count < filled && buffer[count] != FRAME_MARKER) count++;
  left = (uint16_t)(filled - count);
  for (i = 0; i < left; i++) buffer[i] = buffer[count + i];
  filled = left;
  has_crc = left == 0;
  crc = CRC_BEGIN;
}

static bool is_sound(struct frame *frame, uint16_t length) {
  uint16_t crc_at = (uint16_t)(length - FRAME_CRC_BYTES);
  uint16_t payload_end = (uint16_t)(crc_at - (buffer[2] & 3));
  /* What is in the buffer ends where the frame does, unless something was thrown away. */
  uint32_t sum = has_crc ? crc : crc_add_block(CRC_BEGIN, buffer, length);
  if (sum != CRC_OF_SOUND || payload_end < FRAME_HEADER_BYTES) return false;
  frame->type = buffer[2] >> 2;
  frame->session = buffer[3];
  frame->offset = bytes_u16(buffer + 4);
  frame->ack = bytes_u16(buffer + 6);
  frame->payload = buffer + FRAME_HEADER_BYTES;
  frame->payload_bytes = (uint16_t)(payload_end - FRAME_HEADER_BYTES);
  return true;
}

enum decoder_event decoder_next(struct frame *frame) {
  uint16_t length;
  if (handed_out > 0) {
    drop(handed_out);
    handed_out = 0;
  }
  if (is_cut) {
    is_cut = false;
    drop(1);
    return DECODER_DAMAGED;
  }
  for (;;) {
    if (filled < 2) return DECODER_NEEDS_MORE;
    length = promised();
    if (length > 0) break;
    drop(1);
  }
  if (filled < length) return DECODER_NEEDS_MORE;
  if (is_sound(frame, length)) {
    handed_out = length;
    return DECODER_FRAME;
  }
  drop(1);
  return DECODER_DAMAGED;
}

void decoder_give_up_part(void) { is_cut = decoder_holds_part(); }
