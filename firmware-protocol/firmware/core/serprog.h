/* serprog, version 1, for an SPI bus (serprog/SERPROG.md): what flashrom speaks. Twin of serprog/command.ts and answer.ts.
 *
 * Spoken only outside of a session, and on the session's buffers: input queues in the step buffer, output in the result
 * buffer. An operation touches the chip when all of its data is there, so a host that vanishes leaves nothing partially
 * written. */
#ifndef NORBRIDGE_SERPROG_H
#define NORBRIDGE_SERPROG_H

#include <stdbool.h>
#include <stdint.h>

#define SERPROG_NOP 0x00
#define SERPROG_SYNCNOP 0x10

/* Starts again, with empty buffers. */
void serprog_reset(void);
/* Between two commands, with nothing more to read: the next byte is an opcode. */
bool serprog_is_idle(void);
/* Nothing to do and nothing to send. */
bool serprog_is_quiet(void);
/* Puts a byte into the empty queue. */
void serprog_take(uint8_t byte);
/* Reads from the port straight into the queue; returns whether anything came. */
bool serprog_read(void);
/* Does a slice; returns whether there was anything to do. */
bool serprog_work(uint32_t now_us);
/* A host that has sent half a command has been silent for long: forgets it. */
void serprog_give_up(void);

#endif
