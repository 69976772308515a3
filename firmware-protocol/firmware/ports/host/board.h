/* A process on a Linux or macOS machine: the core as it is, for tests and for the CI of others. */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <stdint.h>

#define BOARD_NAME "norbridge host"
#define BOARD_SERIAL_BYTES 0
#define BOARD_STEP_BUFFER_BYTES 131072u
#define BOARD_RESULT_BUFFER_BYTES 32704u
#define BOARD_MAX_FRAME_UNITS 92
#define BOARD_MAX_SEND_BYTES 4352u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
/* The chip on the socket has no clock. */
#define BOARD_SPI_MIN_HZ 100000ul
#define BOARD_SPI_MAX_HZ 100000000ul
#define BOARD_SLOTS 8
#define BOARD_SLOT_BYTES 32
#define BOARD_STRETCHES 16
#define BOARD_PIECES 128
#define BOARD_SLICE_BYTES 256
#define BOARD_TURN_US 200
#define BOARD_READ_BYTES 1
#define BOARD_FEATURES (FEATURE_BLOCK_CHECK | FEATURE_SPI_CLOCK | FEATURE_WRITE_PROTECT_PIN | FEATURE_HOLD_PIN)

typedef uint32_t ring_at_t;
#define BOARD_RODATA
#define BOARD_READ_U32(at) (*(at))

#endif
