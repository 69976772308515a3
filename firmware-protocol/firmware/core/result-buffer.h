/* The result stream on its way out: a ring of bytes that are unsent or not acknowledged yet, and the pieces they were sent
 * in, so that what was lost is sent again (PROTOCOL.md section 4). serprog uses it as a plain queue.
 *
 * What always holds: acknowledged <= sent <= written; pieces cover no byte twice; what a frame under way is made of is
 * kept until it has left. */
#ifndef NORBRIDGE_RESULT_BUFFER_H
#define NORBRIDGE_RESULT_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

void result_buffer_reset(void);
uint16_t result_buffer_free(void);
/* Unsent or not acknowledged. */
uint16_t result_buffer_held(void);
uint16_t result_buffer_unsent(void);
/* There is room: the caller has asked for it. */
void result_buffer_append(const uint8_t *bytes, uint16_t count);

/* Chooses what is to be sent next, at most `most` bytes: lost pieces first. False: nothing. It is kept until
 * result_buffer_left(). */
bool result_buffer_take(uint16_t most, uint32_t now_us, uint16_t *offset, uint16_t *count);
/* The bytes `behind` the first one of what was taken, as many as lie in a row and at most `count`. */
uint16_t result_buffer_look(uint16_t behind, uint16_t count, const uint8_t **bytes);
/* The frame that was made of them has left. */
void result_buffer_left(void);
bool result_buffer_has_lost(void);

/* The host has everything before `ack`, and the stretches (start and end, 2 bytes each). What was never sent is not
 * believed. */
void result_buffer_acknowledge(uint16_t ack, const uint8_t *stretches, uint8_t stretch_count, uint32_t now_us);
/* The host asks for what it misses. */
void result_buffer_send_again(uint32_t now_us);
/* Gives the first piece up for lost when its time is over. */
void result_buffer_check_patience(uint32_t now_us);

/* As a queue: the oldest bytes in a row, and that the first of them have gone. */
uint16_t result_buffer_peek(const uint8_t **bytes);
void result_buffer_drop(uint16_t count);

#endif
