#include "step-buffer.h"

#include "bytes.h"

#define CAPACITY ((ring_at_t)BOARD_STEP_BUFFER_BYTES)

static uint8_t ring[BOARD_STEP_BUFFER_BYTES];
/* Where the byte at `consumed` lies. */
static ring_at_t first;
static uint32_t received;
static uint32_t consumed;
static struct stretch stretches[BOARD_STRETCHES];
static uint8_t stretch_count;

void step_buffer_reset(void) {
  first = 0;
  received = 0;
  consumed = 0;
  stretch_count = 0;
}

uint32_t step_buffer_received(void) { return received; }

uint32_t step_buffer_consumed(void) { return consumed; }

ring_at_t step_buffer_available(void) { return (ring_at_t)received - (ring_at_t)consumed; }

uint8_t step_buffer_stretch_count(void) { return stretch_count; }

const struct stretch *step_buffer_stretches(void) { return stretches; }

/* Ring index of what lies `behind` the first byte, which is at most the capacity. */
static ring_at_t index_of(ring_at_t behind) {
  ring_at_t until_wrap = (ring_at_t)(CAPACITY - first);
  return behind < until_wrap ? (ring_at_t)(first + behind) : (ring_at_t)(behind - until_wrap);
}

static void store(uint32_t offset, const uint8_t *bytes, uint16_t count) {
  ring_at_t at = index_of((ring_at_t)(offset - consumed));
  ring_at_t until_wrap = (ring_at_t)(CAPACITY - at);
  if (count <= until_wrap) {
    bytes_copy(ring + at, bytes, count);
  } else {
    bytes_copy(ring + at, bytes, (uint16_t)until_wrap);
    bytes_copy(ring, bytes + until_wrap, (uint16_t)(count - until_wrap));
  }
}

static void remove_stretch(uint8_t index) {
  stretch_count--;
  for (; index < stretch_count; index++) stretches[index] = stretches[index + 1];
}

static void advance_to(uint32_t end) {
  received = end;
  while (stretch_count > 0 && stretches[0].start <= received) {
    if (stretches[0].end > received) received = stretches[0].end;
    remove_stretch(0);
  }
}

static enum placement place_ahead(uint32_t start, uint32_t end, const uint8_t *piece, uint16_t count) {
  uint8_t at = 0, i;
  /* The first stretch that the piece touches or lies in front of. */
  while (at < stretch_count && stretches[at].end < start) at++;
  if (at < stretch_count && stretches[at].start <= start && end <= stretches[at].end) return PLACED_KNOWN;
  if (at == stretch_count || end < stretches[at].start) {
    if (stretch_count == BOARD_STRETCHES) return PLACED_DROPPED;
    for (i = stretch_count; i > at; i--) stretches[i] = stretches[i - 1];
    stretch_count++;
    stretches[at].start = start;
    stretches[at].end = end;
  } else {
    if (start < stretches[at].start) stretches[at].start = start;
    if (end > stretches[at].end) stretches[at].end = end;
    while (at + 1 < stretch_count && stretches[at + 1].start <= stretches[at].end) {
      if (stretches[at + 1].end > stretches[at].end) stretches[at].end = stretches[at + 1].end;
      remove_stretch((uint8_t)(at + 1));
    }
  }
  store(start, piece, count);
  return PLACED_NEW;
}

enum placement step_buffer_place(uint16_t offset, const uint8_t *piece, uint16_t count) {
  int16_t distance = (int16_t)(uint16_t)(offset - (uint16_t)received);
  uint16_t known;
  if (distance > 0) {
    uint32_t start = received + (uint16_t)distance;
    if (start + count - consumed > CAPACITY) return PLACED_BEYOND_CREDIT;
    return place_ahead(start, start + count, piece, count);
  }
  known = (uint16_t)-distance;
  if (known >= count) return PLACED_KNOWN;
  count = (uint16_t)(count - known);
  if (received + count - consumed > CAPACITY) return PLACED_BEYOND_CREDIT;
  store(received, piece + known, count);
  advance_to(received + count);
  return PLACED_NEW;
}

uint8_t *step_buffer_room(ring_at_t *count) {
  ring_at_t held = (ring_at_t)(received - consumed);
  ring_at_t at = index_of(held);
  ring_at_t free = (ring_at_t)(CAPACITY - held);
  ring_at_t until_wrap = (ring_at_t)(CAPACITY - at);
  *count = free < until_wrap ? free : until_wrap;
  return ring + at;
}

void step_buffer_took(ring_at_t count) { received += count; }

ring_at_t step_buffer_look(uint32_t behind, uint32_t count, const uint8_t **bytes) {
  ring_at_t at = index_of((ring_at_t)behind);
  ring_at_t until_wrap = (ring_at_t)(CAPACITY - at);
  *bytes = ring + at;
  return count < until_wrap ? (ring_at_t)count : until_wrap;
}

void step_buffer_consume(uint32_t count) {
  first = index_of((ring_at_t)count);
  consumed += count;
}
