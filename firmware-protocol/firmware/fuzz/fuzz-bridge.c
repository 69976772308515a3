/* libFuzzer on all of the core: the input is what a host sends, how time goes, and what the chip returns. Half of it is raw
 * bytes; the other half is put into frames with the right check, or no search by chance would get after the CRC.
 *
 * The ports below trap (and so end the fuzzer with a finding) where a rule of port.h or of the protocol is broken. */
#include <stddef.h>
#include <stdint.h>

#include "bridge.h"
#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "hello.h"
#include "port.h"
#include "result-buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TRAP_UNLESS(condition)          \
  do {                                  \
    if (!(condition)) __builtin_trap(); \
  } while (0)

/* Passes of the loop that one input may take, and bytes that it may clock: a finding should come fast. */
#define MOST_PASSES 3000u
#define LINE_BYTES 1024u

static const uint8_t *input;
static size_t input_bytes;
static uint8_t line[LINE_BYTES];
static uint16_t line_filled;
static uint16_t line_taken;
static uint32_t now_us;
static uint32_t random_state;
static bool is_selected;
static bool is_driven;
static uint32_t baud;
static uint32_t written_us;
static uint32_t pass_us;
static uint8_t most_turns;
static uint16_t sent_offset;
static uint8_t session;
/* The line takes no more. */
static bool is_stuck;
static bool has_rate;
/* The chip returns nothing but FF. */
static bool is_blank;
/* Every byte comes three times: what run-length code makes longest. */
static bool is_triple;

static uint8_t next_byte(void) {
  if (input_bytes == 0) return 0;
  input_bytes--;
  return *input++;
}

static uint32_t next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 16;
}

/* --- the board --- */

uint16_t port_read(uint8_t *into, uint16_t most) {
  uint16_t count = 0;
  while (count < most && line_taken < line_filled) into[count++] = line[line_taken++];
  return count;
}

uint16_t port_waiting(void) { return (uint16_t)(line_filled - line_taken); }

uint16_t port_write(const uint8_t *from, uint16_t count) {
  uint16_t i, taken = is_stuck ? 0 : (uint16_t)(count < 40 ? count : 40);
  volatile uint8_t sink;
  /* Reads all of it, so that a sanitizer sees a range that is not ours. */
  for (i = 0; i < taken; i++) sink = from[i];
  (void)sink;
  if (taken > 0) written_us = now_us;
  return taken;
}

/* What was written is on its way for a while. */
bool port_has_sent(void) { return !is_stuck && HAS_PASSED(now_us, written_us, 30); }
uint32_t port_micros(void) { return now_us; }

void port_spi_select(void) {
  TRAP_UNLESS(!is_selected && is_driven);
  is_selected = true;
}

void port_spi_deselect(void) { is_selected = false; }

uint16_t port_spi_slice(void) { return BOARD_SLICE_BYTES; }

void port_spi_send(const uint8_t *from, uint16_t count) {
  volatile uint8_t sink;
  TRAP_UNLESS(is_selected && count > 0 && count <= BOARD_SLICE_BYTES);
  now_us += count;
  while (count-- > 0) sink = *from++;
  (void)sink;
}

void port_spi_receive(uint8_t *into, uint16_t count) {
  TRAP_UNLESS(is_selected && count > 0 && count <= BOARD_SLICE_BYTES);
  now_us += count;
  /* Runs are as likely as noise. */
  while (count-- > 0) {
    uint8_t noise = next_random() & 1 ? 0xff : (uint8_t)next_random();
    *into++ = is_blank ? 0xff : is_triple ? (uint8_t)(random_state++ / 3) : noise;
  }
}

uint32_t port_spi_clock(uint32_t wish_hz) { return wish_hz < BOARD_SPI_MAX_HZ ? wish_hz : BOARD_SPI_MAX_HZ; }
bool port_chip_select(uint8_t index) { return index == 0; }
bool port_set_pins(uint8_t mask, uint8_t level) { return (mask & ~6u) == 0 && level <= 0xff; }

void port_drive(bool drives) {
  TRAP_UNLESS(!is_selected);
  is_driven = drives;
}

uint32_t port_baud(void) { return has_rate ? baud : 0; }
uint32_t port_max_baud(void) { return has_rate ? 2000000 : 0; }
uint32_t port_possible_baud(uint32_t wish) { return wish < 9600 ? 0 : wish; }

void port_set_baud(uint32_t new_baud) {
  TRAP_UNLESS(new_baud >= 9600);
  baud = new_baud;
}

uint32_t port_boot_number(void) { return 1; }

enum restart port_restart_reason(void) { return RESTART_NONE; }

uint8_t port_serial_number(uint8_t *into) {
  bytes_fill(into, 'x', BOARD_SERIAL_BYTES);
  return BOARD_SERIAL_BYTES;
}

/* --- the host --- */

static void put(uint8_t byte) {
  if (line_filled < LINE_BYTES) line[line_filled++] = byte;
}

static void put_frame(uint8_t type, uint16_t offset, uint16_t ack, const uint8_t *payload, uint16_t count) {
  uint8_t padding = (uint8_t)((4 - (FRAME_HEADER_BYTES + count) % 4) % 4);
  uint16_t start = line_filled, i;
  uint32_t crc;
  if (line_filled + FRAME_HEADER_BYTES + count + padding + FRAME_CRC_BYTES > (uint16_t)LINE_BYTES) return;
  put(FRAME_MARKER);
  put((uint8_t)(FRAME_SIZE_BIAS + (FRAME_HEADER_BYTES + count + padding + FRAME_CRC_BYTES) / 4));
  put((uint8_t)(type << 2 | padding));
  put(session);
  put((uint8_t)offset);
  put((uint8_t)(offset >> 8));
  put((uint8_t)ack);
  put((uint8_t)(ack >> 8));
  for (i = 0; i < count; i++) put(payload[i]);
  for (i = 0; i < padding; i++) put(FRAME_PADDING);
  crc = crc_end(crc_add_block(CRC_BEGIN, line + start, (uint16_t)(line_filled - start)));
  for (i = 0; i < 4; i++) put((uint8_t)(crc >> (8 * i)));
}

/* Bytes of the input as a payload. */
static uint16_t take_payload(uint8_t *payload, uint16_t most) {
  uint16_t count = next_byte(), i;
  if (count > most) count = most;
  for (i = 0; i < count; i++) payload[i] = next_byte();
  return count;
}

static void put_hello(void) {
  uint8_t payload[12] = {'N', 'O', 'R', 'B', 0x81, 0x81, 0xdc, 0x80, 0x80, 0x80, 0x80, 0x80};
  uint8_t change = next_byte();
  session = (uint8_t)(0x20 + change % 4);
  payload[4] = (uint8_t)(0x81 + (change >> 6));
  payload[8] = (uint8_t)(0x80 | change);
  sent_offset = 0;
  put_frame(FRAME_HELLO, 0x5555, 0x5555, payload, 12);
}

static void put_data(uint16_t offset) {
  uint8_t payload[200];
  uint16_t count = take_payload(payload, sizeof payload);
  put_frame(FRAME_DATA, offset, (uint16_t)next_byte(), payload, count);
}

static void act(void) {
  uint8_t payload[64];
  uint8_t action = next_byte();
  uint16_t count, i;
  switch (action & 15) {
    case 0:
      put_hello();
      break;
    case 1:
    case 2:
    case 3: {
      uint16_t start = line_filled;
      put_data(sent_offset);
      /* The next piece continues where this one ended. */
      if (line_filled > start) {
        sent_offset = (uint16_t)(sent_offset + 4 * (line[start + 1] & 0x7f) - 12 - (line[start + 2] & 3));
      }
      break;
    }
    case 4:
      put_data((uint16_t)(sent_offset + (int8_t)next_byte()));
      break;
    case 5: {
      uint16_t ack = next_byte();
      ack = (uint16_t)(ack | next_byte() << 8);
      count = take_payload(payload, 24);
      put_frame(FRAME_STATUS, 0, ack, payload, count);
      break;
    }
    case 6:
      /* Everything that was sent has arrived. */
      bytes_fill(payload, 0, 8);
      put_frame(FRAME_STATUS, 0, (uint16_t)(next_byte() * 4), payload, 8);
      break;
    case 7: {
      uint8_t type = next_byte() & 63;
      uint8_t offset = next_byte();
      count = take_payload(payload, 40);
      put_frame(type, offset, 0, payload, count);
      break;
    }
    case 8:
      put_frame(FRAME_BYE, next_byte(), 0, payload, 0);
      break;
    case 9:
      bytes_put_u32(payload, (uint32_t)next_byte() << 12);
      put_frame(FRAME_BAUD, 0, 0, payload, 4);
      break;
    case 10:
    case 11:
    case 12:
      count = next_byte() & 31;
      for (i = 0; i < count; i++) put(next_byte());
      break;
    case 13:
      now_us += (uint32_t)next_byte() << (action >> 4);
      break;
    case 14:
      is_stuck = (action & 16) != 0;
      is_blank = (action & 32) != 0;
      is_triple = (action & 64) != 0;
      break;
    default:
      if (action & 16) bridge_hang_up();
      /* Few: the next action comes while this one is still at work. */
      most_turns = action & 32 ? 2 : 60;
      pass_us = next_byte();
      break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint32_t passes = 0;
  input = data;
  input_bytes = size;
  line_filled = 0;
  line_taken = 0;
  now_us = 0xffff0000u;
  random_state = (uint32_t)size;
  is_selected = false;
  is_driven = true;
  is_stuck = false;
  is_blank = false;
  is_triple = false;
  baud = 115200;
  written_us = now_us;
  pass_us = 3;
  most_turns = 60;
  session = 0x21;
  sent_offset = 0;
  has_rate = (next_byte() & 1) != 0;
  bridge_begin();
  while (input_bytes > 0 && passes < MOST_PASSES) {
    uint8_t turns;
    uint16_t i;
    line_filled = (uint16_t)(line_filled - line_taken);
    for (i = 0; i < line_filled; i++) line[i] = line[line_taken + i];
    line_taken = 0;
    act();
    for (turns = 0; turns < most_turns; turns++) {
      bool is_busy = bridge_work();
      passes++;
      now_us += pass_us;
      TRAP_UNLESS(result_buffer_held() <= BOARD_RESULT_BUFFER_BYTES);
      if (is_busy || line_taken < line_filled) continue;
      /* Asleep: nothing may be left selected. */
      TRAP_UNLESS(!is_selected);
      break;
    }
  }
  bridge_hang_up();
  TRAP_UNLESS(!is_selected);
  return 0;
}
