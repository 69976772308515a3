/* How a session begins (PROTOCOL.md section 3). Twin of hello.ts. */
#ifndef NORBRIDGE_HELLO_H
#define NORBRIDGE_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "frame.h"

#define HELLO_LOWEST_VERSION 1
#define HELLO_HIGHEST_VERSION 1
#define HELLO_FIRST_SESSION 0x20
/* Three names of at most 32 characters after the numbers. */
#define WELCOME_MAX_BYTES (48 + 3 + (sizeof BOARD_NAME - 1) + (sizeof FIRMWARE_VERSION - 1) + BOARD_SERIAL_BYTES)

/* Version of this firmware, on all boards. */
#define FIRMWARE_VERSION "1.2.0"

/* Feature bits (PROTOCOL.md section 8). A board leaves out `baud` by itself where its link has no rate. */
/* Bit 0 was that of a digest by CRC-32, up to 1.0.1. */
#define FEATURE_SPI_CLOCK (1ul << 1)
#define FEATURE_BAUD (1ul << 2)
#define FEATURE_RESET_PIN (1ul << 3)
#define FEATURE_WRITE_PROTECT_PIN (1ul << 4)
#define FEATURE_HOLD_PIN (1ul << 5)
#define FEATURE_TARGET_POWER (1ul << 6)
#define FEATURE_CHIP_SELECTS (1ul << 7)
#define FEATURE_BLOCK_CHECK (1ul << 8)

struct hello {
  uint32_t nonce;
  uint8_t session;
  uint8_t lowest_version;
  uint8_t highest_version;
  uint8_t max_frame_units;
};

/* Reads a HELLO; false if the frame is none. */
bool hello_read(struct hello *hello, const struct frame *frame);
/* The highest version both speak; 0: none. */
uint8_t hello_version(const struct hello *hello);
/* Writes WELCOME's payload into up to WELCOME_MAX_BYTES; returns its length. */
uint8_t welcome_write(uint8_t *payload, const struct hello *hello);

#endif
