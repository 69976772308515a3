#include "flash-id.h"

#include "port.h"
#include "registers.h"

/* "Read unique ID": four bytes of nothing, then eight of the number (Winbond W25Q16JV datasheet, 8.2.30). */
#define READ_UNIQUE_ID 0x4bu
#define COMMAND_BYTES 5u
#define ID_BYTES 8u
#define FIFO_BYTES 16u

static uint8_t id[ID_BYTES];
/* Flash without this command leaves the line high or low. */
static bool has_id;

void flash_id_begin(void) {
  uint32_t control = SSI_CTRLR0;
  uint32_t written, read = 0;
  SSI_ENABLE = 0;
  SSI_CTRLR0 = SSI_8_BITS_BOTH_WAYS;
  SSI_ENABLE = 1;
  /* The interface raises chip select between two bytes by itself, so it is held by hand. */
  QSPI_SS_CTRL = QSPI_SS_LOW;
  for (written = 0; read < COMMAND_BYTES + ID_BYTES;) {
    if (written < COMMAND_BYTES + ID_BYTES && written - read < FIFO_BYTES && (SSI_SR & SSI_HAS_ROOM)) {
      SSI_DR0 = written == 0 ? READ_UNIQUE_ID : 0;
      written++;
    }
    if (written > read && (SSI_SR & SSI_HAS_DATA)) {
      uint8_t byte = (uint8_t)SSI_DR0;
      if (read >= COMMAND_BYTES) id[read - COMMAND_BYTES] = byte;
      read++;
    }
  }
  for (read = 1; read < ID_BYTES; read++) has_id |= id[read] != id[0];
  QSPI_SS_CTRL = QSPI_SS_HIGH;
  QSPI_SS_CTRL = 0;
  SSI_ENABLE = 0;
  SSI_CTRLR0 = control;
  SSI_ENABLE = 1;
}

static uint8_t hex_digit(uint8_t nibble) { return (uint8_t)(nibble < 10 ? '0' + nibble : 'A' + nibble - 10); }

uint8_t port_serial_number(uint8_t *into) {
  uint8_t i;
  if (!has_id) return 0;
  for (i = 0; i < ID_BYTES; i++) {
    *into++ = hex_digit(id[i] >> 4);
    *into++ = hex_digit(id[i] & 15);
  }
  return 2 * ID_BYTES;
}
