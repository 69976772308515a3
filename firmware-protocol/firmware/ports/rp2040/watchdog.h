/* The watchdog (datasheet 4.7): starts the board again if the loop stands still, and says why afterwards. */
#ifndef NORBRIDGE_WATCHDOG_H
#define NORBRIDGE_WATCHDOG_H

#include <stdint.h>

/* Keeps why the board has started. To be called before the watchdog runs. */
void watchdog_begin(void);
/* The loop works: to be called in every turn. */
void watchdog_feed(uint32_t now_us);
/* Off while the processor sleeps: only an interrupt ends that. */
void watchdog_pause(void);
/* Restarts at once. */
__attribute__((noreturn)) void watchdog_restart_after_fault(void);

#endif
