/* The records of the step stream (PROTOCOL.md section 5), read byte by byte as they come. Twin of record.ts.
 *
 * Vector: WREN kept in slot 0 = 10 01 01 00 06. */
#ifndef NORBRIDGE_RECORD_H
#define NORBRIDGE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "run-length.h"
#include "step.h"
#include "varint.h"

enum record_code {
  RECORD_BEGIN = 0x00,
  RECORD_TRANSFER = 0x01,
  RECORD_TRANSFER_CODED = 0x02,
  RECORD_POLL = 0x03,
  RECORD_DELAY = 0x05,
  RECORD_SPI_CLOCK = 0x06,
  RECORD_PINS = 0x07,
  RECORD_CHIP_SELECT = 0x08,
  RECORD_DIGEST = 0x09,
  RECORD_DEFINE = 0x10,
  RECORD_USE = 0x18,
  RECORD_LATER = 0x80
};

/* Slots that the codes leave room for. */
#define RECORD_MAX_SLOTS 8
#define RECORD_NO_SLOT 0xff
/* Longest record of a later version that is skipped. */
#define RECORD_MAX_LATER_BYTES 1024

/* Where a reader of records stands, and once it is through, what the record reports. */
struct record {
  struct step step;
  /* Of the record itself, not of the DEFINE around it. */
  uint8_t code;
  /* Where a DEFINE wants it kept, what a USE names, or RECORD_NO_SLOT. */
  uint8_t slot;
  bool is_defined;
  /* `first` is the byte after the code of these three, under the name that each has for it. */
  union {
    uint8_t first;
    uint8_t run;
    uint8_t pins;
    uint8_t chip_select;
  };
  /* Bytes to be passed over without a look. */
  uint32_t skip;
  /* Bytes taken so far; all of the record's at the end. */
  uint32_t length;
  /* Of `length`, those in front of `send`. */
  uint32_t send_at;
  uint32_t left;
  struct varint number;
  struct run_decoder runs;
  uint8_t phase;
};

enum record_state { RECORD_MORE, RECORD_DONE, RECORD_INVALID };

void record_begin(struct record *record);
/* Takes the next byte; not while `skip` is above 0. */
enum record_state record_take(struct record *record, uint8_t byte);
/* Takes `count` bytes without a look, at most `skip`. */
enum record_state record_skip(struct record *record, uint32_t count);

#endif
