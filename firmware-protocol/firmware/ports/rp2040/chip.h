/* The stepping of the RP2040, and its boot loader. */
#ifndef NORBRIDGE_CHIP_H
#define NORBRIDGE_CHIP_H

#include <stdbool.h>

/* B2 or later: RP2040-E2 is mended. */
bool chip_can_abort(void);
/* The board becomes the drive RPI-RP2. */
__attribute__((noreturn)) void chip_start_boot_loader(void);

#endif
