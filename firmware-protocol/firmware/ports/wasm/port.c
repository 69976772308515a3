/* WebAssembly: everything comes from the program around; and the codec is exported, to be compared with its TypeScript
 * twin. */
#include "port.h"

#include "block-check.h"
#include "board.h"
#include "bridge.h"
#include "bytes.h"
#include "crc.h"
#include "frame-decoder.h"
#include "hello.h"
#include "record.h"
#include "run-length.h"
#include "status.h"

#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("read") uint32_t env_read(uint8_t *into, uint32_t most);
IMPORT("write") uint32_t env_write(const uint8_t *from, uint32_t count);
IMPORT("hasSent") uint32_t env_has_sent(void);
IMPORT("micros") uint32_t env_micros(void);
IMPORT("select") void env_select(void);
IMPORT("deselect") void env_deselect(void);
IMPORT("send") void env_send(const uint8_t *from, uint32_t count);
IMPORT("receive") void env_receive(uint8_t *into, uint32_t count);
IMPORT("clock") uint32_t env_clock(uint32_t wish_hz);
IMPORT("pins") void env_pins(uint32_t mask, uint32_t level);
IMPORT("drive") void env_drive(uint32_t is_driven);
IMPORT("baud") uint32_t env_baud(void);
IMPORT("maxBaud") uint32_t env_max_baud(void);
IMPORT("setBaud") void env_set_baud(uint32_t baud);
IMPORT("bootNumber") uint32_t env_boot_number(void);

#define PIN_WRITE_PROTECT 2
#define PIN_HOLD 4
#define LEAST_BAUD 9600u

uint16_t port_read(uint8_t *into, uint16_t most) { return (uint16_t)env_read(into, most); }
uint16_t port_waiting(void) { return 1; }

uint16_t port_write(const uint8_t *from, uint16_t count) { return (uint16_t)env_write(from, count); }
bool port_has_sent(void) { return env_has_sent() != 0; }
uint32_t port_micros(void) { return env_micros(); }
void port_spi_select(void) { env_select(); }
void port_spi_deselect(void) { env_deselect(); }

uint16_t port_spi_slice(void) { return BOARD_SLICE_BYTES; }
void port_spi_send(const uint8_t *from, uint16_t count) { env_send(from, count); }
void port_spi_receive(uint8_t *into, uint16_t count) { env_receive(into, count); }
uint32_t port_spi_clock(uint32_t wish_hz) { return env_clock(wish_hz); }
bool port_chip_select(uint8_t index) { return index == 0; }

bool port_set_pins(uint8_t mask, uint8_t level) {
  if ((mask & ~(PIN_WRITE_PROTECT | PIN_HOLD)) != 0) return false;
  env_pins(mask, level);
  return true;
}

void port_drive(bool is_driven) {
  env_pins(PIN_WRITE_PROTECT | PIN_HOLD, 0xff);
  env_drive(is_driven);
}

uint32_t port_baud(void) { return env_baud(); }
uint32_t port_max_baud(void) { return env_max_baud(); }

uint32_t port_possible_baud(uint32_t wish) {
  if (wish < LEAST_BAUD) return 0;
  return wish < env_max_baud() ? wish : env_max_baud();
}

void port_set_baud(uint32_t baud) { env_set_baud(baud); }
uint32_t port_boot_number(void) { return env_boot_number(); }

enum restart port_restart_reason(void) { return RESTART_NONE; }

uint8_t port_serial_number(uint8_t *into) {
  bytes_copy(into, (const uint8_t *)"WASM0001", BOARD_SERIAL_BYTES);
  return BOARD_SERIAL_BYTES;
}

EXPORT("begin") void wasm_begin(void) { bridge_begin(); }
EXPORT("work") uint32_t wasm_work(void) { return bridge_work(); }
EXPORT("hangUp") void wasm_hang_up(void) { bridge_hang_up(); }

/* --- the codec, for comparison --- */

static uint8_t input[4096];
static uint8_t output[8192];

EXPORT("input") uint8_t *wasm_input(void) { return input; }
EXPORT("output") uint8_t *wasm_output(void) { return output; }

EXPORT("crc32") uint32_t wasm_crc32(uint32_t count) {
  uint16_t half = (uint16_t)(count / 2);
  return crc_end(crc_add_block(crc_add_block(CRC_BEGIN, input, half), input + half, (uint16_t)(count - half)));
}

EXPORT("blockCheck") uint32_t wasm_block_check(uint32_t count) {
  uint16_t half = (uint16_t)(count / 2);
  return check_end(check_add_block(check_add_block(CHECK_BEGIN, input, half), input + half, (uint16_t)(count - half)));
}

/* Coded bytes of `count` bytes, given to the encoder in pieces. */
EXPORT("encodeRuns") uint32_t wasm_encode_runs(uint32_t count, uint32_t piece) {
  struct run_encoder encoder;
  uint32_t at, length = 0;
  run_encoder_begin(&encoder);
  for (at = 0; at < count; at += piece) {
    uint16_t now = (uint16_t)(count - at < piece ? count - at : piece);
    length += run_encoder_add(&encoder, input + at, now, output + length);
  }
  return length + run_encoder_end(&encoder, output + length);
}

/* Reads one record: 0 more bytes are wanted, 1 invalid, else its length with the fields in `output`. */
EXPORT("readRecord") uint32_t wasm_read_record(uint32_t count) {
  struct record record;
  uint32_t at = 0;
  record_begin(&record);
  while (at < count) {
    enum record_state state;
    if (record.skip > 0) {
      uint32_t piece = record.skip < count - at ? record.skip : count - at;
      state = record_skip(&record, piece);
      at += piece;
    } else {
      state = record_take(&record, input[at++]);
    }
    if (state == RECORD_INVALID) return 1;
    if (state != RECORD_DONE) continue;
    output[0] = record.code;
    output[1] = record.slot;
    output[2] = record.is_defined;
    output[3] = record.first;
    output[4] = record.step.mask;
    output[5] = record.step.value;
    bytes_put_u32(output + 8, record.step.send_bytes);
    bytes_put_u32(output + 12, record.step.receive_bytes);
    bytes_put_u32(output + 16, record.step.microseconds);
    bytes_put_u32(output + 20, record.step.timeout_ms);
    bytes_put_u32(output + 24, record.send_at);
    return record.length + 1;
  }
  return 0;
}

EXPORT("decoderReset") void wasm_decoder_reset(void) { decoder_reset(); }

/* Decodes `count` bytes; `output` gets the frames found: length, kind, session, offset, ack, payload. Returns its length;
 * bit 31: a part is held. */
EXPORT("decode") uint32_t wasm_decode(uint32_t count, uint32_t gives_up) {
  uint32_t at = 0, length = 0;
  struct frame frame;
  for (;;) {
    enum decoder_event event;
    if (gives_up) {
      decoder_give_up_part();
      gives_up = 0;
    } else if (at < count && !decoder_holds_part()) {
      if (input[at] == FRAME_MARKER) {
        decoder_take(input + at, 1);
      }
      at++;
    } else if (at < count) {
      uint32_t wants = decoder_wants();
      if (wants > count - at) wants = count - at;
      decoder_take(input + at, (uint16_t)wants);
      at += wants;
    } else {
      break;
    }
    while ((event = decoder_next(&frame)) != DECODER_NEEDS_MORE) {
      uint8_t *into = output + length;
      if (event == DECODER_DAMAGED) continue;
      bytes_put_u16(into, frame.payload_bytes);
      into[2] = frame.type;
      into[3] = frame.session;
      bytes_put_u16(into + 4, frame.offset);
      bytes_put_u16(into + 6, frame.ack);
      bytes_copy(into + 8, frame.payload, frame.payload_bytes);
      length += 8u + frame.payload_bytes;
    }
  }
  return length | (decoder_holds_part() ? 0x80000000u : 0);
}

/* A varint: 0 more bytes are wanted, 1 invalid, else 1 + its length, with the value in `output`. */
EXPORT("readVarint") uint32_t wasm_read_varint(uint32_t count) {
  struct varint number;
  uint32_t at = 0;
  varint_begin(&number);
  while (at < count) {
    switch (varint_take(&number, input[at++])) {
      case VARINT_MORE:
        break;
      case VARINT_DONE:
        bytes_put_u32(output, number.value);
        return at + 1;
      case VARINT_INVALID:
      default:
        return 1;
    }
  }
  return 0;
}

EXPORT("writeVarint") uint32_t wasm_write_varint(uint32_t value) { return varint_write(output, value); }

/* HELLO: its fields; 0: none. */
EXPORT("readHello") uint32_t wasm_read_hello(uint32_t session, uint32_t count) {
  struct frame frame;
  struct hello hello;
  frame.session = (uint8_t)session;
  frame.payload = input;
  frame.payload_bytes = (uint16_t)count;
  if (!hello_read(&hello, &frame)) return 0;
  bytes_put_u32(output, hello.nonce);
  output[4] = hello.lowest_version;
  output[5] = hello.highest_version;
  output[6] = hello.max_frame_units;
  output[7] = hello_version(&hello);
  return 1;
}

/* A host's STATUS: its fields; 0: none. */
EXPORT("readStatus") uint32_t wasm_read_status(uint32_t count) {
  struct status status;
  if (!status_read(&status, input, (uint16_t)count)) return 0;
  output[0] = status.sends_again;
  output[1] = status.shift;
  output[2] = status.max_frame_units;
  output[3] = status.stretch_count;
  return 1;
}
