#include "hello.h"

#include "bytes.h"
#include "port.h"

#define HELLO_BYTES 12
#define BIAS 0x80

bool hello_read(struct hello *hello, const struct frame *frame) {
  const uint8_t *payload = frame->payload;
  if (frame->payload_bytes < HELLO_BYTES || frame->session < HELLO_FIRST_SESSION) return false;
  if (payload[0] != 'N' || payload[1] != 'O' || payload[2] != 'R' || payload[3] != 'B') return false;
  hello->session = frame->session;
  hello->lowest_version = (uint8_t)(payload[4] - BIAS);
  hello->highest_version = (uint8_t)(payload[5] - BIAS);
  hello->max_frame_units = (uint8_t)(payload[6] - BIAS);
  hello->nonce = bytes_u32(payload + 8);
  if (payload[6] < BIAS + FRAME_MIN_UNITS) return false;
  if (hello->max_frame_units > FRAME_MAX_UNITS) hello->max_frame_units = FRAME_MAX_UNITS;
  return true;
}

uint8_t hello_version(const struct hello *hello) {
  uint8_t version = hello->highest_version < HELLO_HIGHEST_VERSION ? hello->highest_version : HELLO_HIGHEST_VERSION;
  return version >= hello->lowest_version && version >= HELLO_LOWEST_VERSION ? version : 0;
}

/* A length and this many characters; returns where the next one goes. */
static uint8_t *put_name(uint8_t *into, const char *name) {
  uint8_t length = 0;
  while (name[length] != 0) {
    into[1 + length] = (uint8_t)name[length];
    length++;
  }
  into[0] = length;
  return into + 1 + length;
}

uint8_t welcome_write(uint8_t *payload, const struct hello *hello) {
  uint8_t *end;
  bytes_put_u32(payload, hello->nonce);
  payload[4] = hello_version(hello);
  payload[5] = HELLO_LOWEST_VERSION;
  payload[6] = HELLO_HIGHEST_VERSION;
  payload[7] = BOARD_MAX_FRAME_UNITS;
  bytes_put_u32(payload + 8, port_boot_number());
  bytes_put_u32(payload + 12, BOARD_STEP_BUFFER_BYTES);
  bytes_put_u32(payload + 16, BOARD_RESULT_BUFFER_BYTES);
  bytes_put_u32(payload + 20, BOARD_MAX_SEND_BYTES);
  bytes_put_u32(payload + 24, BOARD_MAX_RECEIVE_BYTES);
  bytes_put_u32(payload + 28, BOARD_SPI_MIN_HZ);
  bytes_put_u32(payload + 32, BOARD_SPI_MAX_HZ);
  bytes_put_u32(payload + 36, port_max_baud() == 0 ? BOARD_FEATURES & ~FEATURE_BAUD : BOARD_FEATURES);
  bytes_put_u32(payload + 40, port_max_baud());
  payload[44] = BOARD_SLOTS;
  payload[45] = BOARD_SLOT_BYTES;
  payload[46] = (uint8_t)port_restart_reason();
  payload[47] = 0;
  end = put_name(payload + 48, BOARD_NAME);
  end = put_name(end, FIRMWARE_VERSION);
  *end = port_serial_number(end + 1);
  end += 1 + *end;
  return (uint8_t)(end - payload);
}
