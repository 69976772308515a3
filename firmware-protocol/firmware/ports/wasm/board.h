/* The core as WebAssembly, for tests: sizes of a small board or, with -DLARGE, of a large one. */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <stdint.h>

#ifdef LARGE
#define BOARD_NAME "norbridge wasm large"
#define BOARD_STEP_BUFFER_BYTES 131072u
#define BOARD_RESULT_BUFFER_BYTES 16384u
#define BOARD_MAX_FRAME_UNITS 92
#define BOARD_MAX_SEND_BYTES 4352u
#define BOARD_MAX_RECEIVE_BYTES 1048576ul
#define BOARD_SPI_MIN_HZ 100000ul
#define BOARD_SPI_MAX_HZ 30000000ul
#define BOARD_SLOTS 8
#define BOARD_SLOT_BYTES 16
#define BOARD_STRETCHES 16
#define BOARD_PIECES 128
#define BOARD_SLICE_BYTES 256
#else
#define BOARD_NAME "norbridge wasm small"
#define BOARD_STEP_BUFFER_BYTES 640u
#define BOARD_RESULT_BUFFER_BYTES 384u
#define BOARD_MAX_FRAME_UNITS 52
#define BOARD_MAX_SEND_BYTES 272u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
#define BOARD_SPI_MIN_HZ 62500ul
#define BOARD_SPI_MAX_HZ 8000000ul
#define BOARD_SLOTS 4
#define BOARD_SLOT_BYTES 16
#define BOARD_STRETCHES 3
#define BOARD_PIECES 6
#define BOARD_SLICE_BYTES 32
#endif

#define BOARD_FEATURES (FEATURE_DIGEST | FEATURE_SPI_CLOCK | FEATURE_BAUD | FEATURE_WRITE_PROTECT_PIN | FEATURE_HOLD_PIN)
typedef uint32_t ring_at_t;
#define BOARD_RODATA
#define BOARD_READ_U32(at) (*(at))

#endif
