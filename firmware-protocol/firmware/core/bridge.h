/* The bridge: bytes of the line in, SPI and bytes of the line out. A board calls bridge_begin() once and bridge_work() for
 * ever; nothing here blocks for longer than a slice of SPI. */
#ifndef NORBRIDGE_BRIDGE_H
#define NORBRIDGE_BRIDGE_H

#include <stdbool.h>

void bridge_begin(void);
/* Does what is due. False: nothing can happen before a byte comes, so the processor may sleep until then. */
bool bridge_work(void);
/* A host has a session. */
bool bridge_has_session(void);
/* The other end of the line has closed it: what was sent to it and by it is discarded, the pins are released. */
void bridge_hang_up(void);

#endif
