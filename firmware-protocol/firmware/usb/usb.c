#include "usb.h"

#include "bytes.h"
#include "port.h"
#include "usb-controller.h"
#include "usb-requests.h"
#include "usb-serial.h"

/* A bus without traffic for so long has lost its host, or the host sleeps. */
#define SUSPENDED_US 100000u

static bool was_open;
static bool has_hung_up;
static enum { AWAKE, SUSPENDED, GIVEN_UP } bus;
static uint32_t suspended_since_us;

void usb_begin(void) {
  requests_begin();
  controller_begin();
}

/* Without this a board that has power from its target would keep the target's pins after its cable was pulled. */
static void watch_bus(void) {
  uint32_t now_us = port_micros();
  if (!controller_is_suspended()) {
    bus = AWAKE;
  } else if (bus == AWAKE) {
    bus = SUSPENDED;
    suspended_since_us = now_us;
  } else if (bus == SUSPENDED && HAS_PASSED(now_us, suspended_since_us, SUSPENDED_US)) {
    bus = GIVEN_UP;
    has_hung_up = true;
    serial_discard();
  }
}

/* What the host has taken and sent was before its SETUP: the end of one control transfer must not be taken for the next. */
static void take_events(void) {
  struct usb_events events;
  controller_events(&events);
  if (events.bus_reset) requests_reset();
  if (events.control_in) requests_control_in();
  if (events.control_out) requests_control_out(events.control_bytes);
  if (events.bulk_in) serial_bulk_in();
  if (events.bulk_out) serial_bulk_out(events.bulk_bytes);
  if (events.has_setup) requests_setup(events.setup);
}

void usb_work(void) {
  if (controller_is_due()) take_events();
  if (was_open && !requests_is_open()) has_hung_up = true;
  was_open = requests_is_open();
  watch_bus();
  serial_work();
}

bool usb_is_open(void) { return requests_is_open(); }

bool usb_has_hung_up(void) {
  bool hung_up = has_hung_up;
  has_hung_up = false;
  return hung_up;
}

bool usb_wants_boot_loader(void) { return requests_wants_boot_loader(); }

bool usb_is_empty(void) { return serial_is_empty(); }

uint16_t usb_read(uint8_t *into, uint16_t most) { return serial_read(into, most); }

uint16_t usb_write(const uint8_t *from, uint16_t count) { return serial_write(from, count); }

bool usb_has_sent(void) { return serial_has_sent(); }

bool usb_is_due(void) {
  if (has_hung_up || requests_wants_boot_loader()) return true;
  return controller_is_due() || serial_wants_to_send() || (bus == AWAKE ? controller_is_suspended() : bus == SUSPENDED);
}
