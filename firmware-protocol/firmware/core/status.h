/* STATUS: its payload, and when the bridge reports it (PROTOCOL.md section 4). Twin of status.ts. */
#ifndef NORBRIDGE_STATUS_H
#define NORBRIDGE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Stretches that one STATUS names at most. */
#define STATUS_MAX_STRETCHES 4
#define STATUS_FIXED_BYTES 8
#define STATUS_MAX_BYTES (STATUS_FIXED_BYTES + 4 * STATUS_MAX_STRETCHES)

/* What a host reports. */
struct status {
  bool sends_again;
  /* 0..3; see "Alignment". */
  uint8_t shift;
  uint8_t max_frame_units;
  uint8_t stretch_count;
  /* Start and end, 2 bytes each. */
  const uint8_t *stretches;
};

/* Reads a host's STATUS; false if the payload is none. */
bool status_read(struct status *status, const uint8_t *payload, uint16_t count);

/* --- when to send it --- */

void status_reset(uint32_t now_us);
/* Either end of the step buffer may have moved. */
void status_moved(uint32_t now_us);
/* A frame was damaged or is missing: ask for it, but for one gap only once a millisecond. */
void status_damaged(uint32_t now_us);
/* Something came that brought nothing new: the host has to know what was received. */
void status_answer(void);
void status_tick(bool is_busy, uint32_t now_us);
bool status_is_due(void);
/* Whether it becomes due by time alone. */
bool status_waits(void);
/* Writes the payload and counts it as sent; returns its length. */
uint8_t status_write(uint8_t *payload, bool is_busy, bool is_cancelled, uint32_t now_us);
/* A frame of another type leaves: its `ack` tells what was received, but not what is free. */
void status_sent_other(void);

#endif
