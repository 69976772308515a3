#include "usb-host.h"

#include <stdio.h>
#include <string.h>

#include "usb.h"

#define PACKET_BYTES 64
#define BULK 2
/* NAKs before a host gives up; each takes the device one turn of its loop. */
#define MOST_NAKS 60
#define TURN_US 40u

static bool in_is_data1;
static bool out_is_data1;
static uint32_t complaints;

static void complain(const char *what, int value) {
  complaints++;
  fprintf(stderr, "  host: %s (%d)\n", what, value);
}

uint32_t host_complaints(void) { return complaints; }

void host_reset_in_toggle(void) { in_is_data1 = false; }

void host_reset_out_toggle(void) { out_is_data1 = false; }

void host_reset_toggles(void) {
  in_is_data1 = false;
  out_is_data1 = false;
}

void host_work(void) {
  model_pass(TURN_US);
  usb_work();
}

void host_begin(uint8_t chip_revision) {
  model_begin(chip_revision);
  complaints = 0;
  usb_begin();
  model_pass(1000);
  host_reset();
}

void host_reset(void) {
  model_bus_reset();
  host_reset_toggles();
  host_work();
  (void)usb_has_hung_up();
}

static int in_token(uint8_t *packet, bool *is_data1) {
  int count = MODEL_NAK;
  int naks;
  for (naks = 0; naks < MOST_NAKS && count == MODEL_NAK; naks++) {
    count = model_in(0, packet, is_data1);
    host_work();
  }
  return count;
}

static int out_token(const uint8_t *packet, uint8_t count) {
  int result = MODEL_NAK;
  int naks;
  for (naks = 0; naks < MOST_NAKS && result == MODEL_NAK; naks++) {
    result = model_out(0, packet, count, true);
    host_work();
  }
  return result;
}

static int status_in(void) {
  uint8_t packet[PACKET_BYTES];
  bool is_data1;
  int count = in_token(packet, &is_data1);
  if (count > 0) complain("data in a status stage", count);
  if (count == 0 && !is_data1) complain("8.5.3: a status stage is DATA1", 0);
  return count;
}

static int data_in(uint8_t *into, int wanted) {
  uint8_t packet[PACKET_BYTES];
  bool expected = true, is_data1;
  int total = 0;
  for (;;) {
    int count = in_token(packet, &is_data1);
    if (count < 0) return count;
    if (is_data1 != expected) complain("8.6: the wrong data toggle", total);
    expected = !expected;
    if (total + count > wanted) {
      complain("more than was asked for", total + count);
      return total;
    }
    if (into != 0) memcpy(into + total, packet, (size_t)count);
    total += count;
    if (count < PACKET_BYTES || total == wanted) return total;
  }
}

int host_control(const uint8_t *setup, uint8_t *into) {
  int wanted = setup[6] | setup[7] << 8;
  int count, status;
  if (model_setup(setup) < 0) return MODEL_NONE;
  host_work();
  if (wanted == 0) return status_in();
  count = data_in(into, wanted);
  if (count < 0) return count;
  status = out_token(setup, 0);
  return status < 0 ? status : count;
}

int host_control_out(const uint8_t *setup, const uint8_t *data, uint8_t count) {
  int result;
  if (model_setup(setup) < 0) return MODEL_NONE;
  host_work();
  result = out_token(data, count);
  return result < 0 ? result : status_in();
}

int host_in(uint8_t *packet) {
  bool is_data1;
  int count = model_in(BULK, packet, &is_data1);
  if (count < 0) return count;
  if (is_data1 != in_is_data1) return MODEL_NAK;
  in_is_data1 = !in_is_data1;
  return count;
}

int host_out(const uint8_t *packet, uint8_t count) {
  int result = model_out(BULK, packet, count, out_is_data1);
  if (result >= 0) out_is_data1 = !out_is_data1;
  return result;
}

void host_enumerate(void) {
  static const uint8_t coding[7] = {0x00, 0xc2, 0x01, 0x00, 0, 0, 8};
  uint8_t answer[256];
  if (host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 64), answer) != 18) complain("device descriptor", 0);
  if (host_control(HOST_SETUP(0x00, 5, 7, 0, 0), 0) != 0) complain("address", 0);
  model_host_address(7);
  if (host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 255), answer) != 75) complain("configuration descriptor", 0);
  if (host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0) != 0) complain("configuration", 0);
  host_reset_toggles();
  if (host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), coding, 7) != 0) complain("line coding", 0);
  if (host_control(HOST_SETUP(0x21, 0x22, 3, 0, 0), 0) != 0) complain("line state", 0);
}
