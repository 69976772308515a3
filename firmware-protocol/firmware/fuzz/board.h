/* A board for the fuzzer: buffers that are soon full, and more stretches than a STATUS names. */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <stdint.h>

#define BOARD_NAME "norbridge fuzz"
#define BOARD_STEP_BUFFER_BYTES 640u
#define BOARD_RESULT_BUFFER_BYTES 384u
#define BOARD_MAX_FRAME_UNITS 52
#define BOARD_MAX_SEND_BYTES 272u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
#define BOARD_SPI_MIN_HZ 62500ul
#define BOARD_SPI_MAX_HZ 8000000ul
#define BOARD_SLOTS 4
#define BOARD_SLOT_BYTES 16
#define BOARD_STRETCHES 6
#define BOARD_PIECES 6
#define BOARD_SLICE_BYTES 32
#define BOARD_SERIAL_BYTES 8
#define BOARD_TURN_US 20
#define BOARD_READ_BYTES 8
#define BOARD_FEATURES \
  (FEATURE_BLOCK_CHECK | FEATURE_SPI_CLOCK | FEATURE_BAUD | FEATURE_WRITE_PROTECT_PIN | FEATURE_HOLD_PIN)
typedef uint32_t ring_at_t;
#define BOARD_RODATA
#define BOARD_READ_U32(at) (*(at))

#endif
