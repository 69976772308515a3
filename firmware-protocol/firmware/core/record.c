#include "record.h"

#include "board.h"

/* What the next byte is. */
enum phase {
  AT_CODE,
  AT_INNER_CODE,
  AT_SEND_LENGTH,
  AT_RECEIVE_LENGTH,
  AT_SEND_CODED,
  AT_SHORT_LENGTH,
  AT_MASK,
  AT_VALUE,
  AT_INTERVAL,
  AT_TIMEOUT,
  AT_DIGEST_LENGTH,
  AT_DURATION,
  AT_CLOCK,
  AT_FIRST,
  AT_LEVEL,
  AT_LATER_LENGTH,
  /* Skipped bytes end the record. */
  AT_LAST_SKIPPED
};

void record_begin(struct record *record) {
  record->phase = AT_CODE;
  record->slot = RECORD_NO_SLOT;
  record->is_defined = false;
  record->skip = 0;
  record->length = 0;
  record->left = 0;
  record->step.send_bytes = 0;
  record->step.receive_bytes = 0;
  varint_begin(&record->number);
}

/* The phase after a record's code. */
static enum record_state take_code(struct record *record, uint8_t code) {
  record->code = code;
  switch (code) {
    case RECORD_TRANSFER:
    case RECORD_TRANSFER_CODED:
      record->phase = AT_SEND_LENGTH;
      return RECORD_MORE;
    case RECORD_POLL:
    case RECORD_DIGEST:
      record->phase = AT_SHORT_LENGTH;
      return RECORD_MORE;
    case RECORD_DELAY:
      record->phase = AT_DURATION;
      return RECORD_MORE;
    case RECORD_SPI_CLOCK:
      record->step.hertz = 0;
      record->phase = AT_CLOCK;
      return RECORD_MORE;
    case RECORD_BEGIN:
    case RECORD_PINS:
    case RECORD_CHIP_SELECT:
      record->phase = AT_FIRST;
      return RECORD_MORE;
    default:
      return RECORD_INVALID;
  }
}

static enum record_state take_first_code(struct record *record, uint8_t code) {
  if (code >= RECORD_LATER) {
    record->code = RECORD_LATER;
    record->phase = AT_LATER_LENGTH;
    return RECORD_MORE;
  }
  if (code >= RECORD_DEFINE && code < RECORD_USE + RECORD_MAX_SLOTS) {
    record->slot = code & (RECORD_MAX_SLOTS - 1);
    record->is_defined = code < RECORD_USE;
    if (record->is_defined) {
      record->phase = AT_INNER_CODE;
      return RECORD_MORE;
    }
    record->code = RECORD_USE;
    return RECORD_DONE;
  }
  return take_code(record, code);
}

static enum record_state take_inner_code(struct record *record, uint8_t code) {
  bool is_short = code == RECORD_TRANSFER || code == RECORD_POLL || code == RECORD_DELAY;
  return is_short ? take_code(record, code) : RECORD_INVALID;
}

/* Both lengths of a transfer are known. */
static enum record_state begin_send(struct record *record) {
  struct step *step = &record->step;
  if (step->send_bytes > BOARD_MAX_SEND_BYTES || step->receive_bytes > BOARD_MAX_RECEIVE_BYTES) return RECORD_INVALID;
  record->send_at = record->length;
  if (step->send_bytes == 0) return RECORD_DONE;
  if (record->code == RECORD_TRANSFER) {
    record->skip = step->send_bytes;
    record->phase = AT_LAST_SKIPPED;
  } else {
    run_decoder_begin(&record->runs);
    record->left = step->send_bytes;
    record->phase = AT_SEND_CODED;
  }
  return RECORD_MORE;
}

static enum record_state take_coded(struct record *record, uint8_t byte) {
  switch (run_decoder_take(&record->runs, byte)) {
    case RUN_BYTE:
      /* More than was promised: three equal bytes at the end want a count, which came before this one. */
      record->left--;
      break;
    case RUN_COUNT_PART:
      return RECORD_MORE;
    case RUN_REPEAT:
      if (record->runs.count.value > record->left) return RECORD_INVALID;
      record->left -= record->runs.count.value;
      break;
    case RUN_INVALID:
    default:
      return RECORD_INVALID;
  }
  return record->left == 0 && !run_decoder_awaits_count(&record->runs) ? RECORD_DONE : RECORD_MORE;
}

static enum record_state take_short_length(struct record *record, uint8_t count) {
  uint8_t most = record->code == RECORD_POLL ? STEP_MAX_POLL_SEND : STEP_MAX_DIGEST_SEND;
  if (count == 0 || count > most) return RECORD_INVALID;
  record->step.send_bytes = count;
  record->send_at = record->length;
  record->skip = count;
  record->phase = record->code == RECORD_POLL ? AT_MASK : AT_DIGEST_LENGTH;
  return RECORD_MORE;
}

static enum record_state take_clock(struct record *record, uint8_t byte) {
  record->step.hertz |= (uint32_t)byte << (uint8_t)(8 * record->left);
  return ++record->left == 4 ? RECORD_DONE : RECORD_MORE;
}

/* A number is whole. */
static enum record_state take_number(struct record *record, uint32_t value) {
  struct step *step = &record->step;
  varint_begin(&record->number);
  switch (record->phase) {
    case AT_SEND_LENGTH:
      step->send_bytes = value;
      record->phase = AT_RECEIVE_LENGTH;
      return RECORD_MORE;
    case AT_RECEIVE_LENGTH:
      step->receive_bytes = value;
      return begin_send(record);
    case AT_INTERVAL:
      step->microseconds = value;
      record->phase = AT_TIMEOUT;
      return RECORD_MORE;
    case AT_TIMEOUT:
      step->timeout_ms = value;
      return RECORD_DONE;
    case AT_DIGEST_LENGTH:
      step->receive_bytes = value;
      return RECORD_DONE;
    case AT_DURATION:
      step->microseconds = value;
      return RECORD_DONE;
    default: /* AT_LATER_LENGTH */
      if (value > RECORD_MAX_LATER_BYTES) return RECORD_INVALID;
      record->skip = value;
      record->phase = AT_LAST_SKIPPED;
      return value == 0 ? RECORD_DONE : RECORD_MORE;
  }
}

enum record_state record_take(struct record *record, uint8_t byte) {
  record->length++;
  switch (record->phase) {
    case AT_CODE:
      return take_first_code(record, byte);
    case AT_INNER_CODE:
      return take_inner_code(record, byte);
    case AT_SEND_CODED:
      return take_coded(record, byte);
    case AT_SHORT_LENGTH:
      return take_short_length(record, byte);
    case AT_MASK:
      record->step.mask = byte;
      record->phase = AT_VALUE;
      return RECORD_MORE;
    case AT_VALUE:
      record->step.value = byte;
      record->phase = AT_INTERVAL;
      return RECORD_MORE;
    case AT_CLOCK:
      return take_clock(record, byte);
    case AT_FIRST:
      record->first = byte;
      record->phase = AT_LEVEL;
      return record->code == RECORD_PINS ? RECORD_MORE : RECORD_DONE;
    case AT_LEVEL:
      record->step.levels = byte;
      return RECORD_DONE;
    default:
      switch (varint_take(&record->number, byte)) {
        case VARINT_MORE:
          return RECORD_MORE;
        case VARINT_DONE:
          return take_number(record, record->number.value);
        case VARINT_INVALID:
        default:
          return RECORD_INVALID;
      }
  }
}

enum record_state record_skip(struct record *record, uint32_t count) {
  record->length += count;
  record->skip -= count;
  return record->skip == 0 && record->phase == AT_LAST_SKIPPED ? RECORD_DONE : RECORD_MORE;
}
