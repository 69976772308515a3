/* Puts frames on the line, piece by piece as the port has room. No frame is ever whole in memory: its payload is a few
 * bytes kept here, or lies in the result buffer. */
#ifndef NORBRIDGE_FRAME_SENDER_H
#define NORBRIDGE_FRAME_SENDER_H

#include <stdbool.h>
#include <stdint.h>

void sender_reset(void);
bool sender_is_idle(void);
/* The result buffer is about to be emptied: a frame that is made of it is broken off, and the host sees it damaged. */
void sender_drop_results(void);
/* This many bytes 55h go in front of the next frame: 0..3. */
void sender_align(uint8_t count);
/* Where a short payload is to be written before sender_begin(). Only while idle. */
uint8_t *sender_payload(void);
/* Begins a frame with `count` bytes of sender_payload(). Only while idle. */
void sender_begin(uint8_t type, uint8_t session, uint16_t offset, uint16_t ack, uint16_t count);
/* Begins a DATA frame of what result_buffer_take() chose. Only while idle. */
void sender_begin_results(uint8_t session, uint16_t offset, uint16_t ack, uint16_t count);
/* Hands over as much as the port takes; returns whether that was anything. */
bool sender_work(void);

#endif
