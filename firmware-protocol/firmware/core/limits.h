/* Refuses a board whose sizes the core cannot work with: the ranges of port.h, checked by the preprocessor. */
#ifndef NORBRIDGE_LIMITS_H
#define NORBRIDGE_LIMITS_H

#include "board.h"
#include "frame.h"

#if BOARD_SERIAL_BYTES < 0 || BOARD_SERIAL_BYTES > 32
#error "BOARD_SERIAL_BYTES must be 0 to 32"
#endif
#if BOARD_STEP_BUFFER_BYTES < 256
#error "BOARD_STEP_BUFFER_BYTES must be 256 or more"
#endif
#if BOARD_RESULT_BUFFER_BYTES < 128 || BOARD_RESULT_BUFFER_BYTES > 32704
#error "BOARD_RESULT_BUFFER_BYTES must be 128 to 32704"
#endif
#if BOARD_MAX_FRAME_UNITS < 16 || BOARD_MAX_FRAME_UNITS > FRAME_MAX_UNITS
#error "BOARD_MAX_FRAME_UNITS must be 16 to 92"
#endif
#if BOARD_MAX_SEND_BYTES < 16 || BOARD_MAX_SEND_BYTES + 12 > BOARD_STEP_BUFFER_BYTES
#error "BOARD_MAX_SEND_BYTES must be 16 or more, and fit the step buffer with 12 bytes to spare"
#endif
#if BOARD_MAX_RECEIVE_BYTES < 256 || BOARD_MAX_RECEIVE_BYTES > 268435456
#error "BOARD_MAX_RECEIVE_BYTES must be 256 to 2^28"
#endif
#if BOARD_SPI_MIN_HZ < 1 || BOARD_SPI_MIN_HZ > BOARD_SPI_MAX_HZ
#error "BOARD_SPI_MIN_HZ must be 1 to BOARD_SPI_MAX_HZ"
#endif
#if BOARD_SLOTS < 1 || BOARD_SLOTS > 8
#error "BOARD_SLOTS must be 1 to 8"
#endif
#if BOARD_SLOT_BYTES < 16 || BOARD_SLOT_BYTES > 255
#error "BOARD_SLOT_BYTES must be 16 to 255"
#endif
#if BOARD_STRETCHES < 1 || BOARD_STRETCHES > 16
#error "BOARD_STRETCHES must be 1 to 16"
#endif
#if BOARD_PIECES < 2 || BOARD_PIECES > 255
#error "BOARD_PIECES must be 2 to 255"
#endif
#if BOARD_SLICE_BYTES < 16 || BOARD_SLICE_BYTES > 256
#error "BOARD_SLICE_BYTES must be 16 to 256"
#endif
#if BOARD_TURN_US < 1 || BOARD_TURN_US > 1000
#error "BOARD_TURN_US must be 1 to 1000"
#endif
#if BOARD_READ_BYTES < 1 || BOARD_READ_BYTES > 64
#error "BOARD_READ_BYTES must be 1 to 64"
#endif

/* An array of -1 elements, which no compiler accepts, if ring_at_t is too small for the name's condition. */
typedef char ring_at_holds_step_buffer[(ring_at_t)BOARD_STEP_BUFFER_BYTES == BOARD_STEP_BUFFER_BYTES ? 1 : -1];
typedef char ring_at_holds_result_buffer[(ring_at_t)BOARD_RESULT_BUFFER_BYTES == BOARD_RESULT_BUFFER_BYTES ? 1 : -1];

#endif
