#include "frame-sender.h"

#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "hello.h"
#include "port.h"
#include "result-buffer.h"

enum part { PART_NONE, PART_ALIGNMENT, PART_HEADER, PART_PAYLOAD, PART_PADDING, PART_CRC };

static const uint8_t padding[3] = {FRAME_PADDING, FRAME_PADDING, FRAME_PADDING};
static uint8_t payload[WELCOME_MAX_BYTES];
static uint8_t header[FRAME_HEADER_BYTES];
static uint8_t sum[FRAME_CRC_BYTES];
static uint8_t part;
/* Bytes of the part that are handed over. */
static uint16_t done;
static uint16_t payload_bytes;
static uint8_t padding_bytes;
static uint8_t alignment;
static bool is_of_results;
static uint32_t crc;

void sender_reset(void) {
  part = PART_NONE;
  alignment = 0;
}

bool sender_is_idle(void) { return part == PART_NONE; }

void sender_drop_results(void) {
  if (is_of_results) part = PART_NONE;
}

void sender_align(uint8_t count) { alignment = count; }

uint8_t *sender_payload(void) { return payload; }

static void begin(uint8_t type, uint8_t session, uint16_t offset, uint16_t ack, uint16_t count) {
  uint16_t units = (uint16_t)((FRAME_HEADER_BYTES + count + FRAME_CRC_BYTES + FRAME_UNIT_BYTES - 1) / FRAME_UNIT_BYTES);
  payload_bytes = count;
  padding_bytes = (uint8_t)(FRAME_PAYLOAD_BYTES(units) - count);
  header[0] = FRAME_MARKER;
  header[1] = (uint8_t)(FRAME_SIZE_BIAS + units);
  header[2] = (uint8_t)(type << 2 | padding_bytes);
  header[3] = session;
  bytes_put_u16(header + 4, offset);
  bytes_put_u16(header + 6, ack);
  part = PART_ALIGNMENT;
  done = 0;
  crc = CRC_BEGIN;
}

void sender_begin(uint8_t type, uint8_t session, uint16_t offset, uint16_t ack, uint16_t count) {
  is_of_results = false;
  begin(type, session, offset, ack, count);
}

void sender_begin_results(uint8_t session, uint16_t offset, uint16_t ack, uint16_t count) {
  is_of_results = true;
  begin(FRAME_DATA, session, offset, ack, count);
}

/* What is next of the part under way; 0 bytes: it is through. */
static uint16_t look(const uint8_t **bytes) {
  switch (part) {
    case PART_ALIGNMENT:
      *bytes = padding;
      return (uint16_t)(alignment - done);
    case PART_HEADER:
      *bytes = header + done;
      return (uint16_t)(FRAME_HEADER_BYTES - done);
    case PART_PAYLOAD:
      if (is_of_results) return result_buffer_look(done, (uint16_t)(payload_bytes - done), bytes);
      *bytes = payload + done;
      return (uint16_t)(payload_bytes - done);
    case PART_PADDING:
      *bytes = padding;
      return (uint16_t)(padding_bytes - done);
    default:
      *bytes = sum + done;
      return (uint16_t)(FRAME_CRC_BYTES - done);
  }
}

/* The part under way is through. */
static void next_part(void) {
  done = 0;
  switch (part) {
    case PART_ALIGNMENT:
      alignment = 0;
      break;
    case PART_PADDING:
      bytes_put_u32(sum, crc_end(crc));
      break;
    case PART_CRC:
      part = PART_NONE;
      if (is_of_results) result_buffer_left();
      return;
    default:
      break;
  }
  part++;
}

bool sender_work(void) {
  bool has_moved = false;
  while (part != PART_NONE) {
    const uint8_t *bytes;
    uint16_t count = look(&bytes);
    uint16_t taken;
    if (count == 0) {
      next_part();
      continue;
    }
    taken = port_write(bytes, count);
    if (taken == 0) break;
    has_moved = true;
    if (part != PART_ALIGNMENT && part != PART_CRC) crc = crc_add_block(crc, bytes, taken);
    done = (uint16_t)(done + taken);
  }
  return has_moved;
}
