/* The frame of PROTOCOL.md section 2. Twin of frame.ts. */
#ifndef NORBRIDGE_FRAME_H
#define NORBRIDGE_FRAME_H

#include <stdint.h>

#define FRAME_MARKER 0xd5
#define FRAME_SIZE_BIAS 0x80
#define FRAME_UNIT_BYTES 4
#define FRAME_HEADER_BYTES 8
#define FRAME_CRC_BYTES 4
#define FRAME_MIN_UNITS 3
#define FRAME_MAX_UNITS 92
#define FRAME_PADDING 0x55

enum frame_type {
  FRAME_BYE = 0x2a,
  FRAME_BYE_DONE = 0x2b,
  FRAME_HELLO = 0x30,
  FRAME_WELCOME = 0x31,
  FRAME_DATA = 0x32,
  FRAME_STATUS = 0x33,
  FRAME_PING = 0x34,
  FRAME_PONG = 0x35,
  FRAME_CANCEL = 0x36,
  FRAME_BAUD = 0x37,
  FRAME_BAUD_READY = 0x38,
  FRAME_NO_SESSION = 0x39,
  FRAME_UNKNOWN_TYPE = 0x3f
};

/* A frame that was received whole. `payload` is good until the decoder is asked for the next one. */
struct frame {
  uint8_t type;
  uint8_t session;
  uint16_t offset;
  uint16_t ack;
  const uint8_t *payload;
  uint16_t payload_bytes;
};

/* Most payload bytes of a frame of this many units. */
#define FRAME_PAYLOAD_BYTES(units) ((uint16_t)((units)*FRAME_UNIT_BYTES - FRAME_HEADER_BYTES - FRAME_CRC_BYTES))

#endif
