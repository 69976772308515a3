#include "usb-serial.h"

#include "usb-controller.h"

/* The loop runs usb_work() twice a turn: two whole turns. */
#define ENDS_AFTER_TURNS 4

static bool is_responding;
static bool in_is_halted;
static bool out_is_halted;

/* To the host: one buffer is filled while the other is armed. */
static uint8_t in_index;
static uint8_t in_filled;
static bool in_is_armed;
static uint8_t in_armed_bytes;
/* The armed packet was taken back, to be sent with another toggle. */
static bool in_is_to_repeat;
/* A full packet was the last: a host that reads continues to wait until a short one ends the transfer (5.8.3). */
static bool in_owes_short;
/* Turns of the loop since a packet was armed: more of a transfer may come in the next one. */
static uint8_t in_turns;

/* From the host: one buffer is read from while the other is armed, or waits full. */
static uint8_t read_index;
static uint8_t read_at;
static uint8_t read_bytes;
static uint8_t armed_index;
static bool out_is_armed;
static bool out_waits;
static uint8_t waiting_bytes;

static void arm_other_out(void) {
  if (out_is_halted) return;
  armed_index = read_index ^ 1u;
  out_is_armed = true;
  controller_arm_out(armed_index);
}

static void forget(void) {
  in_index = 0;
  in_filled = 0;
  in_is_armed = false;
  in_is_to_repeat = false;
  in_owes_short = false;
  in_is_halted = false;
  read_index = 0;
  read_at = 0;
  read_bytes = 0;
  out_is_armed = false;
  out_waits = false;
  out_is_halted = false;
}

void serial_open(void) {
  forget();
  controller_open_bulk();
  is_responding = true;
  arm_other_out();
}

void serial_close(void) {
  forget();
  controller_close_bulk();
  is_responding = false;
}

static void withdraw_in(void) {
  if (in_is_armed && !in_is_to_repeat) controller_withdraw_in();
  in_is_armed = false;
  in_is_to_repeat = false;
}

void serial_discard(void) {
  if (!is_responding) return;
  withdraw_in();
  in_filled = 0;
  in_owes_short = false;
  read_at = read_bytes;
  out_waits = false;
  if (!out_is_armed) arm_other_out();
}

void serial_halt_in(bool is_halted) {
  if (!is_responding) return;
  if (is_halted && in_is_armed) {
    /* The host has given the transfer up, and its packet with it. */
    withdraw_in();
    in_owes_short = false;
  }
  if (in_is_halted != is_halted) controller_halt_in(is_halted);
  in_is_halted = is_halted;
  if (!is_halted && controller_reset_in_toggle()) in_is_to_repeat = true;
}

void serial_halt_out(bool is_halted) {
  if (!is_responding) return;
  if (out_is_halted != is_halted) controller_halt_out(is_halted);
  out_is_halted = is_halted;
  if (is_halted) {
    out_is_armed = false;
    return;
  }
  controller_reset_out_toggle();
  if (!out_is_armed && !out_waits) arm_other_out();
}

bool serial_in_is_halted(void) { return in_is_halted; }

bool serial_out_is_halted(void) { return out_is_halted; }

void serial_bulk_in(void) { in_is_armed = false; }

void serial_bulk_out(uint8_t count) {
  out_is_armed = false;
  if (read_at < read_bytes) {
    out_waits = true;
    waiting_bytes = count;
    return;
  }
  read_index = armed_index;
  read_at = 0;
  read_bytes = count;
  arm_other_out();
}

/* A packet leaves when it is full, or when nothing more is to be added for the moment. */
void serial_work(void) {
  if (!serial_wants_to_send()) return;
  if (in_filled == 0 && !in_is_to_repeat && in_turns < ENDS_AFTER_TURNS) {
    in_turns++;
    return;
  }
  if (in_is_to_repeat) {
    in_is_to_repeat = !controller_arm_in(in_index ^ 1u, in_armed_bytes);
    return;
  }
  if (!controller_arm_in(in_index, in_filled)) return;
  in_armed_bytes = in_filled;
  in_turns = 0;
  in_owes_short = in_filled == USB_PACKET_BYTES;
  in_index ^= 1u;
  in_filled = 0;
  in_is_armed = true;
}

bool serial_wants_to_send(void) {
  if (!is_responding || in_is_halted) return false;
  return in_is_armed ? in_is_to_repeat : in_filled > 0 || in_owes_short;
}

bool serial_is_empty(void) { return read_at == read_bytes && !out_waits; }

uint16_t serial_read(uint8_t *into, uint16_t most) {
  uint16_t count = 0;
  while (count < most) {
    const volatile uint8_t *buffer = controller_out_buffer(read_index);
    while (read_at < read_bytes && count < most) into[count++] = buffer[read_at++];
    if (read_at < read_bytes || !out_waits) break;
    out_waits = false;
    read_index ^= 1u;
    read_at = 0;
    read_bytes = waiting_bytes;
    arm_other_out();
  }
  return count;
}

uint16_t serial_write(const uint8_t *from, uint16_t count) {
  volatile uint8_t *buffer = controller_in_buffer(in_index);
  uint16_t written = 0;
  /* Without a host the bytes have no receiver. */
  if (!is_responding) return count;
  while (written < count && in_filled < USB_PACKET_BYTES) buffer[in_filled++] = from[written++];
  if (in_filled == USB_PACKET_BYTES) serial_work();
  return written;
}

bool serial_has_sent(void) { return in_filled == 0 && !in_is_armed; }
