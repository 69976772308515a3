#include "result-buffer.h"

#include "bytes.h"
#include "port.h"

#define CAPACITY ((uint16_t)BOARD_RESULT_BUFFER_BYTES)
/* Round trip assumed until one was measured: long, since sending again too early costs the line. */
#define FIRST_ROUND_TRIP_US 50000u
#define LONGEST_ROUND_TRIP_US 2000000u
#define SHORTEST_PATIENCE_US 10000u
#define LONGEST_PATIENCE_US 500000u
#define MOST_DOUBLINGS 6
/* Ten bits a byte on a UART. */
#define US_PER_BYTE_AT_1200 8333u

/* Offsets are stream offsets mod 65,536. */
struct piece {
  uint32_t sent_us;
  uint16_t start;
  uint16_t end;
  /* Counts every transmission: a result sent before another one that has arrived is lost. */
  uint16_t order;
  bool was_sent_again;
  bool is_lost;
};

static uint8_t ring[BOARD_RESULT_BUFFER_BYTES];
/* The oldest byte whose room is not free: its index and its offset. */
static uint16_t tail_at;
static uint16_t tail;
static uint16_t acknowledged;
static uint16_t sent;
static uint16_t written;
static struct piece pieces[BOARD_PIECES];
static uint8_t piece_count;
static uint16_t next_order;
/* What the frame under way is made of. */
static uint16_t leaving;
static bool is_leaving;
static uint32_t round_trip_us;
static bool has_round_trip;
static uint8_t tries;
static uint32_t progress_us;

void result_buffer_reset(void) {
  tail_at = 0;
  tail = 0;
  acknowledged = 0;
  sent = 0;
  written = 0;
  piece_count = 0;
  next_order = 0;
  is_leaving = false;
  round_trip_us = FIRST_ROUND_TRIP_US;
  has_round_trip = false;
  tries = 0;
  progress_us = 0;
}

uint16_t result_buffer_free(void) { return (uint16_t)(CAPACITY - (uint16_t)(written - tail)); }

uint16_t result_buffer_held(void) { return (uint16_t)(written - acknowledged); }

uint16_t result_buffer_unsent(void) { return (uint16_t)(written - sent); }

/* Ring index of an offset between `tail` and `written`. */
static uint16_t index_of(uint16_t offset) {
  uint16_t behind = (uint16_t)(offset - tail);
  uint16_t until_wrap = (uint16_t)(CAPACITY - tail_at);
  return behind < until_wrap ? (uint16_t)(tail_at + behind) : (uint16_t)(behind - until_wrap);
}

void result_buffer_append(const uint8_t *bytes, uint16_t count) {
  uint16_t at = index_of(written);
  uint16_t until_wrap = (uint16_t)(CAPACITY - at);
  if (count <= until_wrap) {
    bytes_copy(ring + at, bytes, count);
  } else {
    bytes_copy(ring + at, bytes, until_wrap);
    bytes_copy(ring, bytes + until_wrap, (uint16_t)(count - until_wrap));
  }
  written = (uint16_t)(written + count);
}

/* How far an offset lies after what is acknowledged; negative: in front of it. */
static int32_t beyond(uint16_t offset) { return (int16_t)(uint16_t)(offset - acknowledged); }

static void free_to(uint16_t offset) {
  tail_at = index_of(offset);
  tail = offset;
}

static bool leave(struct piece *piece, uint32_t now_us, uint16_t *offset, uint16_t *count) {
  piece->order = next_order++;
  piece->sent_us = now_us;
  piece->is_lost = false;
  leaving = piece->start;
  is_leaving = true;
  *offset = piece->start;
  *count = (uint16_t)(piece->end - piece->start);
  return true;
}

/* Makes room for a piece at `index`; false: the list is full. */
static bool insert(uint8_t index) {
  uint8_t i;
  if (piece_count == BOARD_PIECES) return false;
  for (i = piece_count; i > index; i--) pieces[i] = pieces[i - 1];
  piece_count++;
  return true;
}

static bool send_lost(uint8_t index, uint16_t most, uint32_t now_us, uint16_t *offset, uint16_t *count) {
  struct piece *piece = &pieces[index];
  if ((uint16_t)(piece->end - piece->start) > most) {
    if (!insert((uint8_t)(index + 1))) return false;
    pieces[index + 1] = *piece;
    piece->end = (uint16_t)(piece->start + most);
    pieces[index + 1].start = piece->end;
  }
  piece->was_sent_again = true;
  return leave(piece, now_us, offset, count);
}

bool result_buffer_take(uint16_t most, uint32_t now_us, uint16_t *offset, uint16_t *count) {
  uint16_t unsent = result_buffer_unsent();
  struct piece *piece;
  uint8_t i;
  for (i = 0; i < piece_count; i++) {
    if (pieces[i].is_lost) return send_lost(i, most, now_us, offset, count);
  }
  if (unsent == 0 || !insert(piece_count)) return false;
  if (unsent > most) unsent = most;
  piece = &pieces[piece_count - 1];
  piece->start = sent;
  sent = (uint16_t)(sent + unsent);
  piece->end = sent;
  piece->was_sent_again = false;
  return leave(piece, now_us, offset, count);
}

uint16_t result_buffer_look(uint16_t behind, uint16_t count, const uint8_t **bytes) {
  uint16_t at = index_of((uint16_t)(leaving + behind));
  uint16_t until_wrap = (uint16_t)(CAPACITY - at);
  *bytes = ring + at;
  return count < until_wrap ? count : until_wrap;
}

void result_buffer_left(void) {
  is_leaving = false;
  free_to(acknowledged);
}

bool result_buffer_has_lost(void) {
  uint8_t i;
  for (i = 0; i < piece_count; i++) {
    if (pieces[i].is_lost) return true;
  }
  return false;
}

static void measure(uint32_t sample_us) {
  if (sample_us > LONGEST_ROUND_TRIP_US) sample_us = LONGEST_ROUND_TRIP_US;
  round_trip_us = has_round_trip ? (7 * round_trip_us + sample_us) / 8 : sample_us;
  has_round_trip = true;
}

static bool is_kept(const struct piece *piece, const uint8_t *stretches, uint8_t stretch_count) {
  for (; stretch_count > 0; stretch_count--, stretches += 4) {
    if (beyond(bytes_u16(stretches)) <= beyond(piece->start) && beyond(piece->end) <= beyond(bytes_u16(stretches + 2)))
      return true;
  }
  return false;
}

void result_buffer_acknowledge(uint16_t ack, const uint8_t *stretches, uint8_t stretch_count, uint32_t now_us) {
  uint8_t i, kept = 0;
  bool has_arrived = false;
  uint16_t newest = 0;
  /* Older than what we know, or of what was never sent. */
  if (beyond(ack) < 0 || beyond(ack) > (int32_t)(uint16_t)(sent - acknowledged)) return;
  if (ack != acknowledged) {
    acknowledged = ack;
    progress_us = now_us;
    tries = 0;
    if (!is_leaving) free_to(ack);
  }
  for (i = 0; i < piece_count; i++) {
    struct piece *piece = &pieces[i];
    if (beyond(piece->end) <= 0 || is_kept(piece, stretches, stretch_count)) {
      if (!has_arrived || (int16_t)(uint16_t)(piece->order - newest) > 0) newest = piece->order;
      has_arrived = true;
      if (!piece->was_sent_again) measure(now_us - piece->sent_us);
    } else {
      if (beyond(piece->start) < 0) piece->start = ack;
      pieces[kept++] = *piece;
    }
  }
  piece_count = kept;
  if (!has_arrived) return;
  /* The line keeps order: what was sent before something that has arrived will not come any more. */
  for (i = 0; i < kept; i++) {
    if ((int16_t)(uint16_t)(pieces[i].order - newest) < 0) pieces[i].is_lost = true;
  }
}

void result_buffer_send_again(uint32_t now_us) {
  if (piece_count > 0 && HAS_PASSED(now_us, pieces[0].sent_us, round_trip_us)) pieces[0].is_lost = true;
}

void result_buffer_check_patience(uint32_t now_us) {
  uint32_t patience_us, longest_us, since_us, baud;
  uint8_t i;
  /* Nothing can be over before the shortest time is: spares the rest of the sum nearly always. */
  if (piece_count == 0 || pieces[0].is_lost || !HAS_PASSED(now_us, pieces[0].sent_us, SHORTEST_PATIENCE_US)) return;
  since_us = pieces[0].sent_us;
  if ((int32_t)(progress_us - since_us) > 0) since_us = progress_us;
  baud = port_baud();
  patience_us = round_trip_us + round_trip_us / 2;
  /* What is under way takes so long on the line; rates below 9,600 baud are never set. */
  if (baud > 0) patience_us += (uint32_t)(uint16_t)(sent - acknowledged) * US_PER_BYTE_AT_1200 / (baud / 1200u);
  if (patience_us < SHORTEST_PATIENCE_US) patience_us = SHORTEST_PATIENCE_US;
  longest_us = patience_us > LONGEST_PATIENCE_US ? patience_us : LONGEST_PATIENCE_US;
  for (i = 0; i < tries; i++) patience_us *= 2;
  if (patience_us > longest_us) patience_us = longest_us;
  if (!HAS_PASSED(now_us, since_us, patience_us)) return;
  pieces[0].is_lost = true;
  if (tries < MOST_DOUBLINGS) tries++;
}

uint16_t result_buffer_peek(const uint8_t **bytes) {
  uint16_t count = (uint16_t)(written - tail);
  uint16_t until_wrap = (uint16_t)(CAPACITY - tail_at);
  *bytes = ring + tail_at;
  return count < until_wrap ? count : until_wrap;
}

void result_buffer_drop(uint16_t count) {
  free_to((uint16_t)(tail + count));
  acknowledged = tail;
  sent = tail;
}
