/* Raspberry Pi Pico and every other RP2040 board with a 12 MHz crystal. 264 KiB of RAM hold what a chip needs for its longest
 * erase, so that the line never waits for it. */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <stdint.h>

#define BOARD_NAME "RP2040"
#define BOARD_SERIAL_BYTES 16
#define BOARD_STEP_BUFFER_BYTES 131072u
#define BOARD_RESULT_BUFFER_BYTES 32704u
#define BOARD_MAX_FRAME_UNITS 92
#define BOARD_MAX_SEND_BYTES 4352u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
#define BOARD_SPI_MIN_HZ 250000ul
#define BOARD_SPI_MAX_HZ 30000000ul
#define BOARD_SLOTS 8
#define BOARD_SLOT_BYTES 32
#define BOARD_STRETCHES 16
#define BOARD_PIECES 128
#define BOARD_SLICE_BYTES 64
#define BOARD_TURN_US 100
#define BOARD_READ_BYTES 1
#define BOARD_FEATURES \
  (FEATURE_BLOCK_CHECK | FEATURE_SPI_CLOCK | FEATURE_BAUD | FEATURE_WRITE_PROTECT_PIN | FEATURE_HOLD_PIN)

typedef uint32_t ring_at_t;
#define BOARD_RODATA
#define BOARD_READ_U32(at) (*(at))

#endif
