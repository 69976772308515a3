/* The number that the board's own flash was made with: the RP2040 has none. */
#ifndef NORBRIDGE_FLASH_ID_H
#define NORBRIDGE_FLASH_ID_H

/* Asks the flash once. Nothing may run from flash meanwhile. */
void flash_id_begin(void);

#endif
