/* Arduino Uno, Nano, Pro Mini: ATmega328P at 16 MHz on a USB-serial converter. 2 KiB of RAM decide about all sizes; the
 * stack gets what they leave (test/firmware/avr measures how much of it is used). */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <avr/pgmspace.h>
#include <stdint.h>

#define BOARD_NAME "ATmega328P"
#define BOARD_SERIAL_BYTES 20
#define BOARD_STEP_BUFFER_BYTES 576u
#define BOARD_RESULT_BUFFER_BYTES 352u
#define BOARD_MAX_FRAME_UNITS 28
#define BOARD_MAX_SEND_BYTES 272u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
#define BOARD_SPI_MIN_HZ 500000ul
#define BOARD_SPI_MAX_HZ 8000000ul
#define BOARD_SLOTS 4
#define BOARD_SLOT_BYTES 16
#define BOARD_STRETCHES 3
#define BOARD_PIECES 6
#define BOARD_SLICE_BYTES 32
#define BOARD_TURN_US 600
#define BOARD_READ_BYTES 48
#define BOARD_FEATURES \
  (FEATURE_BLOCK_CHECK | FEATURE_SPI_CLOCK | FEATURE_BAUD | FEATURE_WRITE_PROTECT_PIN | FEATURE_HOLD_PIN)

typedef uint16_t ring_at_t;
#define BOARD_RODATA PROGMEM
#define BOARD_READ_U32(at) pgm_read_dword(at)

#endif
