/* Bytes in, frames out. Twin of frame-decoder.ts.
 *
 * What always holds: the buffer is empty or begins with a marker; it never holds more than the largest frame. */
#ifndef NORBRIDGE_FRAME_DECODER_H
#define NORBRIDGE_FRAME_DECODER_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

enum decoder_event { DECODER_NEEDS_MORE, DECODER_FRAME, DECODER_DAMAGED };

void decoder_reset(void);
/* How many bytes it can take next: offer no more than these. */
uint16_t decoder_wants(void);
/* Takes bytes. The first of all has to be a marker. */
void decoder_take(const uint8_t *bytes, uint16_t count);
/* Takes what has come on the line, at most `most` bytes; returns how many. */
uint16_t decoder_read(uint16_t most);
/* Looks at what is there; to be called until it needs more. */
enum decoder_event decoder_next(struct frame *frame);
/* The line has been quiet: what waits for its rest was cut short. Then ask decoder_next(). */
void decoder_give_up_part(void);
/* Whether part of a frame waits for its rest. */
bool decoder_holds_part(void);

#endif
