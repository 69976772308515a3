/* Why a bridge has started: byte 46 of WELCOME (PROTOCOL.md section 3). Twin of RESTART_REASONS in hello.ts. */
#ifndef NORBRIDGE_RESTART_H
#define NORBRIDGE_RESTART_H

/* NONE: power, the reset pin, a new image, or a board that cannot know. */
enum restart { RESTART_NONE = 0, RESTART_WATCHDOG = 1, RESTART_FAULT = 2 };

#endif
