#include "step-runner.h"

#include "block-check.h"
#include "board.h"
#include "bytes.h"
#include "hello.h"
#include "port.h"
#include "record.h"
#include "result.h"
#include "step-buffer.h"

/* Longest time that can be distinguished from none on a clock that wraps. */
#define LONGEST_US 0xf0000000u
#define US_PER_MS 1000u
#define NO_RUN 0xffffu

enum state {
  /* Reads the next record. */
  READING,
  /* It is whole, and begins when there is room for its result. */
  READY_TO_BEGIN,
  SENDING,
  RECEIVING,
  POLLING,
  PAUSING,
  DIGESTING,
  DELAYING
};

/* A record that is used again, as it came. */
struct slot {
  uint8_t length;
  uint8_t bytes[BOARD_SLOT_BYTES];
};

static struct slot slots[BOARD_SLOTS];
static struct record record;
/* Bytes in the step buffer that the record took; its own length may be that of a kept one. */
static uint32_t taken;
/* Where the record's bytes are: the slot, or null for the step buffer. */
static const struct slot *source;
/* An enum state. As a byte it costs an ATmega328P fewer cycles. */
static uint8_t state;
static bool is_blocked;
static bool has_failed;
static bool is_cancelled;
static bool is_invalid;
static uint16_t run;
/* What is left of the step's bytes. */
static uint32_t rest;
/* Coded bytes that are sent: where the next one is, and what a count still repeats. */
static uint32_t coded_at;
/* Plain bytes that are sent: where the next one is. */
static uint32_t sent_at;
static uint32_t repeats;
static uint32_t started_us;
static uint32_t paused_us;
static uint32_t limit_us;
static uint32_t check;
/* What a poll and a digest send. */
static uint8_t command[STEP_MAX_DIGEST_SEND];

void runner_reset(void) {
  uint8_t i;
  for (i = 0; i < BOARD_SLOTS; i++) slots[i].length = 0;
  record_begin(&record);
  taken = 0;
  source = 0;
  state = READING;
  is_blocked = false;
  has_failed = false;
  is_cancelled = false;
  is_invalid = false;
  run = NO_RUN;
}

bool runner_is_busy(void) { return state != READING; }

bool runner_is_blocked(void) { return is_blocked; }

bool runner_is_cancelled(void) { return is_cancelled; }

bool runner_is_invalid(void) { return is_invalid; }

void runner_cancel(uint8_t number) {
  if (run == number) is_cancelled = true;
}

/* Bytes of the record from `at` on, as many as lie in a row and at most `count`. */
static uint32_t look(uint32_t at, uint32_t count, const uint8_t **bytes) {
  if (source == 0) return step_buffer_look(at, count, bytes);
  *bytes = source->bytes + at;
  return count;
}

static void copy_command(void) {
  uint8_t i;
  for (i = 0; i < record.step.send_bytes; i++) {
    const uint8_t *byte;
    look(record.send_at + i, 1, &byte);
    command[i] = *byte;
  }
}

/* --- reading records --- */

/* Takes what has come; true once a record is whole. */
static bool read_record(void) {
  for (;;) {
    uint32_t left = step_buffer_available() - taken;
    enum record_state progress;
    if (left == 0) {
      /* Longer than the buffer: the rest of it can never come. */
      if (taken == BOARD_STEP_BUFFER_BYTES) is_invalid = true;
      return false;
    }
    if (record.skip > 0) {
      uint32_t count = record.skip < left ? record.skip : left;
      progress = record_skip(&record, count);
      taken += count;
    } else {
      const uint8_t *byte;
      step_buffer_look(taken, 1, &byte);
      progress = record_take(&record, *byte);
      taken++;
    }
    if (progress == RECORD_DONE) return true;
    if (progress == RECORD_INVALID) {
      is_invalid = true;
      return false;
    }
  }
}

/* Keeps the record's own bytes, which lie after the byte of DEFINE. */
static bool keep(void) {
  uint32_t length = taken - 1;
  struct slot *slot;
  uint8_t i;
  if (record.slot >= BOARD_SLOTS || length > BOARD_SLOT_BYTES) return false;
  slot = &slots[record.slot];
  for (i = 0; i < length; i++) {
    const uint8_t *byte;
    step_buffer_look(1u + i, 1, &byte);
    slot->bytes[i] = *byte;
  }
  slot->length = (uint8_t)length;
  return true;
}

/* Reads the kept record in place of the one that names it. */
static bool recall(void) {
  uint8_t index = record.slot;
  uint8_t at = 0;
  if (index >= BOARD_SLOTS || slots[index].length == 0) return false;
  source = &slots[index];
  record_begin(&record);
  while (at < source->length) {
    if (record.skip > 0) {
      at = (uint8_t)(at + record.skip);
      record_skip(&record, record.skip);
    } else {
      record_take(&record, source->bytes[at++]);
    }
  }
  return true;
}

/* What has been sent to the chip is not needed any more, and the host waits for its room: frees the front of the record. */
static void free_sent(uint32_t count) {
  step_buffer_consume(count);
  taken -= count;
}

/* --- the end of a record --- */

static void finish(void) {
  step_buffer_consume(taken);
  record_begin(&record);
  taken = 0;
  source = 0;
  state = READING;
}

static void fail(enum step_failure reason, uint8_t status, uint32_t now_us) {
  has_failed = true;
  result_failed(reason, status, now_us);
  finish();
}

static void done(const uint8_t *bytes, uint8_t count, uint32_t now_us) {
  result_done(bytes, count, now_us);
  finish();
}

/* --- steps --- */

static void begin_receiving(uint32_t now_us) {
  result_begin_transfer(now_us);
  rest = record.step.receive_bytes;
  state = RECEIVING;
}

static void begin_transfer(uint32_t now_us) {
  port_spi_select();
  rest = record.step.send_bytes;
  coded_at = record.send_at;
  sent_at = record.send_at;
  repeats = 0;
  run_decoder_begin(&record.runs);
  if (rest == 0) {
    begin_receiving(now_us);
  } else {
    state = SENDING;
  }
}

/* Decodes up to a slice of the bytes to be sent; the reader of records has found them sound. */
static uint16_t decode_slice(void) {
  uint16_t count = 0;
  while (count < BOARD_SLICE_BYTES && count < rest) {
    const uint8_t *byte;
    if (repeats > 0) {
      repeats--;
      bytes_slice[count++] = record.runs.last;
      continue;
    }
    step_buffer_look(coded_at++, 1, &byte);
    switch (run_decoder_take(&record.runs, *byte)) {
      case RUN_BYTE:
        bytes_slice[count++] = *byte;
        break;
      case RUN_REPEAT:
        repeats = record.runs.count.value;
        break;
      case RUN_COUNT_PART:
      case RUN_INVALID:
      default:
        break;
    }
  }
  return count;
}

static void send_slice(void) {
  const uint8_t *bytes = bytes_slice;
  uint16_t count;
  if (record.code == RECORD_TRANSFER_CODED) {
    count = decode_slice();
    free_sent(coded_at);
    coded_at = 0;
  } else {
    uint16_t slice = port_spi_slice();
    count = (uint16_t)look(sent_at, rest < slice ? rest : slice, &bytes);
  }
  port_spi_send(bytes, count);
  rest -= count;
  if (record.code == RECORD_TRANSFER_CODED) return;
  sent_at += count;
  if (source != 0) return;
  free_sent(sent_at);
  sent_at = 0;
}

static void end_transfer(uint32_t now_us) {
  port_spi_deselect();
  result_end_transfer(now_us);
  finish();
}

static void receive_slice(uint32_t now_us) {
  uint16_t room = result_room_for_received();
  uint16_t count = rest < BOARD_SLICE_BYTES ? (uint16_t)rest : BOARD_SLICE_BYTES;
  if (room < count) {
    is_blocked = room < RESULT_SMALLEST_PIECE;
    if (is_blocked) return;
    count = room;
  }
  port_spi_receive(bytes_slice, count);
  result_add_received(bytes_slice, count, now_us);
  rest -= count;
}

static void begin_poll(void) {
  uint32_t timeout_ms = record.step.timeout_ms;
  copy_command();
  limit_us = timeout_ms > LONGEST_US / US_PER_MS ? LONGEST_US : timeout_ms * US_PER_MS;
  if (record.step.microseconds > LONGEST_US) record.step.microseconds = LONGEST_US;
  started_us = port_micros();
  state = POLLING;
}

static void poll_once(void) {
  uint8_t status;
  uint32_t now_us;
  port_spi_select();
  port_spi_send(command, (uint16_t)record.step.send_bytes);
  port_spi_receive(&status, 1);
  port_spi_deselect();
  now_us = port_micros();
  if ((status & record.step.mask) == record.step.value) {
    done(&status, 1, now_us);
  } else if (HAS_PASSED(now_us, started_us, limit_us)) {
    fail(STEP_TIMEOUT, status, now_us);
  } else {
    paused_us = now_us;
    state = PAUSING;
  }
}

static void begin_digest(uint32_t now_us) {
  if ((BOARD_FEATURES & FEATURE_BLOCK_CHECK) == 0) {
    fail(STEP_NOT_SUPPORTED, 0, now_us);
    return;
  }
  copy_command();
  port_spi_select();
  port_spi_send(command, (uint16_t)record.step.send_bytes);
  rest = record.step.receive_bytes;
  check = CHECK_BEGIN;
  state = DIGESTING;
}

static void digest_slice(uint32_t now_us) {
  uint16_t count = rest < BOARD_SLICE_BYTES ? (uint16_t)rest : BOARD_SLICE_BYTES;
  uint8_t sum[4];
  if (count > 0) {
    port_spi_receive(bytes_slice, count);
    check = check_add_block(check, bytes_slice, count);
    rest -= count;
  }
  if (rest > 0) return;
  port_spi_deselect();
  bytes_put_u32(sum, check_end(check));
  done(sum, 4, now_us);
}

static void begin_delay(void) {
  limit_us = record.step.microseconds > LONGEST_US ? LONGEST_US : record.step.microseconds;
  started_us = port_micros();
  state = DELAYING;
}

static void set_clock(uint32_t now_us) {
  uint8_t clock[4];
  if ((BOARD_FEATURES & FEATURE_SPI_CLOCK) == 0) {
    fail(STEP_NOT_SUPPORTED, 0, now_us);
    return;
  }
  bytes_put_u32(clock, port_spi_clock(record.step.hertz));
  done(clock, 4, now_us);
}

static void set(bool is_possible, uint32_t now_us) {
  if (is_possible) {
    done(0, 0, now_us);
  } else {
    fail(STEP_NOT_SUPPORTED, 0, now_us);
  }
}

static void begin_record(uint32_t now_us) {
  if (record.is_defined && !keep()) {
    is_invalid = true;
    return;
  }
  if (record.code == RECORD_USE && !recall()) {
    is_invalid = true;
    return;
  }
  if (record.code == RECORD_BEGIN) {
    run = record.run;
    has_failed = false;
    is_cancelled = false;
    finish();
    return;
  }
  if (has_failed) {
    result_skipped(now_us);
    finish();
    return;
  }
  if (is_cancelled) {
    fail(STEP_ABORTED, 0, now_us);
    return;
  }
  switch (record.code) {
    case RECORD_TRANSFER:
    case RECORD_TRANSFER_CODED:
      begin_transfer(now_us);
      break;
    case RECORD_POLL:
      begin_poll();
      break;
    case RECORD_DIGEST:
      begin_digest(now_us);
      break;
    case RECORD_DELAY:
      begin_delay();
      break;
    case RECORD_SPI_CLOCK:
      set_clock(now_us);
      break;
    case RECORD_PINS:
      set(port_set_pins(record.pins, record.step.levels), now_us);
      break;
    case RECORD_CHIP_SELECT:
      set(port_chip_select(record.chip_select), now_us);
      break;
    default:
      fail(STEP_NOT_SUPPORTED, 0, now_us);
      break;
  }
}

/* One move: a record read, a slice of bytes, a window of a poll. False: there was nothing to do. */
static bool move(uint32_t now_us) {
  is_blocked = false;
  switch ((enum state)state) {
    case READING:
      if (!read_record()) return false;
      state = READY_TO_BEGIN;
      return true;
    case READY_TO_BEGIN:
      is_blocked = !result_has_room();
      if (is_blocked) return false;
      begin_record(now_us);
      return true;
    case SENDING:
      send_slice();
      if (rest == 0) begin_receiving(now_us);
      return true;
    case RECEIVING:
      if (rest == 0) {
        end_transfer(now_us);
        return true;
      }
      receive_slice(now_us);
      return !is_blocked;
    case POLLING:
      poll_once();
      return true;
    case PAUSING:
      if (HAS_PASSED(now_us, paused_us, record.step.microseconds) || HAS_PASSED(now_us, started_us, limit_us)) {
        state = POLLING;
      }
      return true;
    case DIGESTING:
      digest_slice(now_us);
      return true;
    case DELAYING:
    default:
      if (HAS_PASSED(now_us, started_us, limit_us)) done(0, 0, now_us);
      return true;
  }
}

bool runner_work(uint32_t now_us) {
  uint32_t start_us = now_us;
  bool has_moved = false;
  while (!is_invalid && move(now_us)) {
    has_moved = true;
    /* To look at the clock costs a slow processor as much as the smaller moves do. */
    if (state != READING && state != READY_TO_BEGIN) now_us = port_micros();
    /* While it waits for the chip the line has its turn. */
    if (state == PAUSING || state == DELAYING || HAS_PASSED(now_us, start_us, BOARD_TURN_US)) break;
  }
  return has_moved;
}

void runner_stop(void) {
  /* Half a page program would leave the chip with half a page. */
  while (state == SENDING && rest > 0) send_slice();
  if (state == SENDING || state == RECEIVING || state == DIGESTING) port_spi_deselect();
  runner_reset();
}
