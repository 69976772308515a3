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
/* Where the next bytes belong, and how many are wanted there: read no more than these. */
uint8_t *decoder_room(void);
uint16_t decoder_wants(void);
/* So many bytes were put there. The first byte of all has to be a marker. */
void decoder_took(uint16_t count);
/* Looks at what is there; to be called until it needs more. */
enum decoder_event decoder_next(struct frame *frame);
/* The line has been quiet: what waits for its rest was cut short. Then ask decoder_next(). */
void decoder_give_up_part(void);
/* Whether part of a frame waits for its rest. */
bool decoder_holds_part(void);

#endif
