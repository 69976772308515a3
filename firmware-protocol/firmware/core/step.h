/* The four things a bridge can be asked (PROTOCOL.md section 1), and why one of them failed. Twin of step.ts. */
#ifndef NORBRIDGE_STEP_H
#define NORBRIDGE_STEP_H

#include <stdint.h>

/* Longest `send` of a poll and of a digest. */
#define STEP_MAX_POLL_SEND 8
#define STEP_MAX_DIGEST_SEND 16

struct step {
  /* Bytes out. They stay where the record is: see record.h. */
  uint32_t send_bytes;
  /* Bytes in: of a transfer, or those that a digest sums. */
  uint32_t receive_bytes;
  union {
    /* Of a poll: pause between two windows. Of a delay: all of it. */
    uint32_t microseconds;
    /* Of a record SPI CLOCK, which is no step. */
    uint32_t hertz;
  };
  uint32_t timeout_ms;
  /* A poll ends when (status & mask) == value. */
  uint8_t mask;
  union {
    uint8_t value;
    /* Of a record PINS, which is no step: a bit a pin, 1 is high. */
    uint8_t levels;
  };
};

enum step_failure { STEP_TIMEOUT = 1, STEP_ABORTED = 2, STEP_NOT_SUPPORTED = 3 };

#endif
