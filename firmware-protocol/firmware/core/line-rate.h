/* The line rate of the bridge's end (PROTOCOL.md section 9): a new rate stands once a good frame has come at it; if none
 * comes within 250 ms the old one returns. Twin of the simulator's line-rate.ts. */
#ifndef NORBRIDGE_LINE_RATE_H
#define NORBRIDGE_LINE_RATE_H

#include <stdbool.h>
#include <stdint.h>

void line_rate_reset(void);
/* To be changed once all that was written has left. */
void line_rate_change_later(uint32_t baud);
void line_rate_heard_good_frame(void);
void line_rate_tick(uint32_t now_us);
/* Whether a change waits or is on trial. */
bool line_rate_waits(void);
/* Whether a change waits for the line to be empty: nothing may be written then. */
bool line_rate_waits_for_line(void);

#endif
