/* Runs the records of a session one after the other, a slice at a time, so that the line is looked at in between
 * (PROTOCOL.md section 5).
 *
 * What always holds: a record is run only when all of it is there; a window that sends is never cut short; when the runner
 * is idle or stopped, chip select is high. */
#ifndef NORBRIDGE_STEP_RUNNER_H
#define NORBRIDGE_STEP_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

/* Starts again: kept records and runs are discarded. */
void runner_reset(void);
/* The results are no longer needed: what is being sent to the chip is sent to its end, all else stops at once. */
void runner_stop(void);
/* Continues for BOARD_TURN_US, and the slice of bytes that is then under way; returns whether there was anything to do. */
bool runner_work(uint32_t now_us);
/* Whether a step is under way, also one that waits for room. */
bool runner_is_busy(void);
/* Whether it stands still until the host takes results. */
bool runner_is_blocked(void);
bool runner_is_cancelled(void);
/* The step stream makes no sense: the session has to end. */
bool runner_is_invalid(void);
/* Cancels the run of that number if it is the one under way. */
void runner_cancel(uint8_t run);

#endif
