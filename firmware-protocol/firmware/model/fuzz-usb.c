/* libFuzzer's input as what a host and a program of ours do to the USB device, in any order: the controller's rules hold,
 * no byte that a host was told of is lost, made up or moved while its port is open, and a reset always helps. */
#include <stdlib.h>
#include <string.h>

#include "usb-controller.h"
#include "usb-host.h"
#include "usb-requests.h"
#include "usb.h"

#define PACKET_BYTES 64
#define TRAP_UNLESS(condition)          \
  do {                                  \
    if (!(condition)) __builtin_trap(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum action { SETUP, IN_0, OUT_0, IN_2, OUT_2, READ, WRITE, WORK, PASS, RESET, SUSPEND, SLEEP, TRANSFER, ACTIONS };

static const uint8_t *input;
static size_t left;

/* Bytes are numbered each way; a new opening starts at 0 again. */
static uint8_t sent_out, read_out, written_in, taken_in;
static bool is_in_order;

static uint8_t byte(void) {
  if (left == 0) return 0;
  left--;
  return *input++;
}

static void forget(void) {
  sent_out = 0;
  read_out = 0;
  written_in = 0;
  taken_in = 0;
}

/* What a host may do between opening and closing without losing track of the data. */
static void take_order(void) { is_in_order = false; }

static void setup(void) {
  uint8_t bytes[8];
  uint8_t i;
  for (i = 0; i < sizeof bytes; i++) bytes[i] = byte();
  model_setup(bytes);
  take_order();
}

static void bulk_in(void) {
  uint8_t packet[PACKET_BYTES];
  int i, count = host_in(packet);
  for (i = 0; i < count; i++) {
    if (is_in_order) TRAP_UNLESS(packet[i] == taken_in);
    taken_in++;
  }
}

static void bulk_out(void) {
  uint8_t packet[PACKET_BYTES];
  uint8_t i, count = byte() % (PACKET_BYTES + 1);
  for (i = 0; i < count; i++) packet[i] = (uint8_t)(sent_out + i);
  if (host_out(packet, count) == count) sent_out = (uint8_t)(sent_out + count);
}

static void read_some(void) {
  uint8_t bytes[200];
  uint16_t i, count = usb_read(bytes, byte() % sizeof bytes);
  for (i = 0; i < count; i++) {
    if (is_in_order) TRAP_UNLESS(bytes[i] == read_out);
    read_out++;
  }
}

static void write_some(void) {
  uint8_t bytes[200];
  uint8_t i, count = byte() % sizeof bytes;
  uint16_t written;
  for (i = 0; i < count; i++) bytes[i] = (uint8_t)(written_in + i);
  written = usb_write(bytes, count);
  TRAP_UNLESS(written <= count);
  written_in = (uint8_t)(written_in + written);
}

/* Whole transfers at the device's address, so that depths are reached that random tokens miss. */
static void transfer(void) {
  uint8_t answer[256];
  switch (byte() % 6) {
    case 0:
      host_control(HOST_SETUP(0x80, 6, 0x0200, 0, byte()), answer);
      break;
    case 1:
      take_order();
      host_control(HOST_SETUP(0x21, 0x22, byte() & 1, 0, 0), 0);
      break;
    case 2:
      take_order();
      host_control(HOST_SETUP(0x02, byte() & 2 ? 1 : 3, 0, byte() & 1 ? 0x82 : 2, 0), 0);
      break;
    case 3:
      host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), (const uint8_t *)"\0\xc2\1\0\0\0\x08", 7);
      break;
    case 4:
      take_order();
      host_control(HOST_SETUP(0x00, 9, byte() & 1, 0, 0), 0);
      host_reset_toggles();
      break;
    default:
      host_control(HOST_SETUP(0x82, 0, 0, byte() & 1 ? 0x82 : 2, 2), answer);
      break;
  }
}

static void sleep_some(void) {
  controller_wakes(true);
  if (!usb_is_due()) model_pass(byte() * 16u);
  controller_wakes(false);
}

static void act(enum action action) {
  uint8_t packet[PACKET_BYTES];
  bool is_data1;
  switch (action) {
    case SETUP:
      setup();
      break;
    case IN_0:
      model_in(0, packet, &is_data1);
      break;
    case OUT_0:
      memset(packet, byte(), sizeof packet);
      model_out(0, packet, byte() % (PACKET_BYTES + 1), byte() & 1);
      break;
    case IN_2:
      bulk_in();
      break;
    case OUT_2:
      bulk_out();
      break;
    case READ:
      read_some();
      break;
    case WRITE:
      write_some();
      break;
    case WORK:
      usb_work();
      break;
    case PASS:
      model_pass(byte());
      break;
    case RESET:
      take_order();
      host_reset();
      break;
    case SUSPEND:
      model_suspend(byte() & 1);
      break;
    case SLEEP:
      sleep_some();
      break;
    case TRANSFER:
      transfer();
      break;
    case ACTIONS:
    default:
      break;
  }
}

static void settle(void) {
  model_pass(1100 - model_time_us() % 1000);
  usb_work();
}

/* After anything: a host that starts again has a device that works. */
static void start_again(void) {
  uint8_t packet[PACKET_BYTES], bytes[PACKET_BYTES] = {0};
  model_suspend(false);
  host_reset();
  host_enumerate();
  TRAP_UNLESS(requests_is_configured() && usb_is_open() && usb_is_empty());
  usb_write((const uint8_t *)"again", 5);
  settle();
  TRAP_UNLESS(host_in(packet) == 5 && memcmp(packet, "again", 5) == 0);
  usb_work();
  TRAP_UNLESS(host_out((const uint8_t *)"out", 3) == 3);
  usb_work();
  TRAP_UNLESS(usb_read(bytes, sizeof bytes) == 3 && memcmp(bytes, "out", 3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input = data;
  left = size;
  model_be_quiet();
  host_begin(byte() & 1 ? 1 : 2);
  host_enumerate();
  forget();
  is_in_order = true;
  while (left > 0) act(byte() % ACTIONS);
  TRAP_UNLESS(model_violations() == 0);
  start_again();
  TRAP_UNLESS(model_violations() == 0);
  return 0;
}
