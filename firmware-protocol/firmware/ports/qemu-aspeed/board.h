/* QEMU's ast2500-evb, for tests only: a flash chip modelled by another project, on a half-duplex controller. */
#ifndef NORBRIDGE_BOARD_H
#define NORBRIDGE_BOARD_H

#include <stdint.h>

#define BOARD_NAME "QEMU ast2500-evb"
#define BOARD_SERIAL_BYTES 0
#define BOARD_STEP_BUFFER_BYTES 16384u
#define BOARD_RESULT_BUFFER_BYTES 8192u
#define BOARD_MAX_FRAME_UNITS 92
#define BOARD_MAX_SEND_BYTES 4352u
#define BOARD_MAX_RECEIVE_BYTES 65536ul
/* The model has no clock. */
#define BOARD_SPI_MIN_HZ 100000ul
#define BOARD_SPI_MAX_HZ 50000000ul
#define BOARD_SLOTS 8
#define BOARD_SLOT_BYTES 16
#define BOARD_STRETCHES 8
#define BOARD_PIECES 32
#define BOARD_SLICE_BYTES 256
#define BOARD_TURN_US 100
#define BOARD_READ_BYTES 1
#define BOARD_FEATURES (FEATURE_BLOCK_CHECK | FEATURE_SPI_CLOCK)

typedef uint32_t ring_at_t;
#define BOARD_RODATA
#define BOARD_READ_U32(at) (*(at))

#endif
