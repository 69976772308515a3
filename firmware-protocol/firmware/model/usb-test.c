/* The USB device held against a strict bus: chapter 9 as a table, orders of real hosts, tokens at any time, resets,
 * suspend, a host that goes away. Prints what fails; ends with the number of failures. */
#include <stdio.h>
#include <string.h>

#include "usb-controller.h"
#include "usb-host.h"
#include "usb.h"

#define ADDRESS 7
#define FRAME_US 1000u

static uint32_t failures;
static uint32_t checks;
static const char *test_name;

static void expect(const char *what, long got, long wanted) {
  checks++;
  if (got == wanted) return;
  failures++;
  printf("FAIL %s: %s: %ld, expected %ld\n", test_name, what, got, wanted);
}

/* --- chapter 9 --- */

enum state { DEFAULT, ADDRESSED, CONFIGURED };

struct row {
  const char *name;
  enum state state;
  uint8_t setup[8];
  /* Bytes that come back, or a MODEL_ number. */
  int result;
  /* The first two of them; -1: any. */
  int first;
  int second;
};

#define ROW(name, state, type, request, value, index, length, result, first, second)                                   \
  {                                                                                                                    \
    name, state,                                                                                                       \
        {type, request, (value)&0xff, (value) >> 8, (index)&0xff, (index) >> 8, (length)&0xff, (length) >> 8}, result, \
        first, second                                                                                                  \
  }

/* clang-format off */
static const struct row CHAPTER_9[] = {
    ROW("device descriptor, 8 bytes", DEFAULT, 0x80, 6, 0x0100, 0, 8, 8, 18, 1),
    ROW("device descriptor, 64 asked", DEFAULT, 0x80, 6, 0x0100, 0, 64, 18, 18, 1),
    ROW("device descriptor, exactly", ADDRESSED, 0x80, 6, 0x0100, 0, 18, 18, 18, 1),
    ROW("configuration, its head", ADDRESSED, 0x80, 6, 0x0200, 0, 9, 9, 9, 2),
    ROW("configuration, a packet of it", ADDRESSED, 0x80, 6, 0x0200, 0, 64, 64, 9, 2),
    ROW("configuration, exactly", ADDRESSED, 0x80, 6, 0x0200, 0, 75, 75, 9, 2),
    ROW("configuration, 255 asked", ADDRESSED, 0x80, 6, 0x0200, 0, 255, 75, 9, 2),
    ROW("configuration, 65535 asked", ADDRESSED, 0x80, 6, 0x0200, 0, 65535, 75, 9, 2),
    ROW("configuration of an index that is none", ADDRESSED, 0x80, 6, 0x0201, 0, 255, MODEL_STALL, -1, -1),
    ROW("languages", ADDRESSED, 0x80, 6, 0x0300, 0, 255, 4, 4, 3),
    ROW("manufacturer", ADDRESSED, 0x80, 6, 0x0301, 0x0409, 255, 20, 20, 3),
    ROW("product", ADDRESSED, 0x80, 6, 0x0302, 0x0409, 255, 20, 20, 3),
    ROW("serial number", ADDRESSED, 0x80, 6, 0x0303, 0x0409, 255, 34, 34, 3),
    ROW("serial number, its head", ADDRESSED, 0x80, 6, 0x0303, 0x0409, 2, 2, 34, 3),
    ROW("a string that is none", ADDRESSED, 0x80, 6, 0x0304, 0x0409, 255, MODEL_STALL, -1, -1),
    ROW("Microsoft's string EE", ADDRESSED, 0x80, 6, 0x03ee, 0, 18, MODEL_STALL, -1, -1),
    ROW("device qualifier: no high speed", ADDRESSED, 0x80, 6, 0x0600, 0, 10, MODEL_STALL, -1, -1),
    ROW("other speed's configuration", ADDRESSED, 0x80, 6, 0x0700, 0, 9, MODEL_STALL, -1, -1),
    ROW("BOS: bcdUSB is 2.00", ADDRESSED, 0x80, 6, 0x0f00, 0, 5, MODEL_STALL, -1, -1),
    ROW("interface descriptor alone", CONFIGURED, 0x80, 6, 0x0400, 0, 9, MODEL_STALL, -1, -1),
    ROW("set descriptor", CONFIGURED, 0x00, 7, 0x0100, 0, 0, MODEL_STALL, -1, -1),
    ROW("configuration 2", ADDRESSED, 0x00, 9, 2, 0, 0, MODEL_STALL, -1, -1),
    ROW("configuration 1", ADDRESSED, 0x00, 9, 1, 0, 0, 0, -1, -1),
    ROW("configuration 1 again", CONFIGURED, 0x00, 9, 1, 0, 0, 0, -1, -1),
    ROW("configuration 0", CONFIGURED, 0x00, 9, 0, 0, 0, 0, -1, -1),
    ROW("get configuration, none", ADDRESSED, 0x80, 8, 0, 0, 1, 1, 0, -1),
    ROW("get configuration, 1", CONFIGURED, 0x80, 8, 0, 0, 1, 1, 1, -1),
    ROW("get status of the device", ADDRESSED, 0x80, 0, 0, 0, 2, 2, 0, 0),
    ROW("get status of interface 0", CONFIGURED, 0x81, 0, 0, 0, 2, 2, 0, 0),
    ROW("get status of interface 1", CONFIGURED, 0x81, 0, 0, 1, 2, 2, 0, 0),
    ROW("get status of interface 2", CONFIGURED, 0x81, 0, 0, 2, 2, MODEL_STALL, -1, -1),
    ROW("get status of an interface, not configured", ADDRESSED, 0x81, 0, 0, 0, 2, MODEL_STALL, -1, -1),
    ROW("get status of endpoint 0", ADDRESSED, 0x82, 0, 0, 0, 2, 2, 0, 0),
    ROW("get status of endpoint 80h", ADDRESSED, 0x82, 0, 0, 0x80, 2, 2, 0, 0),
    ROW("get status of endpoint 81h", CONFIGURED, 0x82, 0, 0, 0x81, 2, 2, 0, 0),
    ROW("get status of endpoint 2", CONFIGURED, 0x82, 0, 0, 2, 2, 2, 0, 0),
    ROW("get status of endpoint 82h", CONFIGURED, 0x82, 0, 0, 0x82, 2, 2, 0, 0),
    ROW("get status of endpoint 2, not configured", ADDRESSED, 0x82, 0, 0, 2, 2, MODEL_STALL, -1, -1),
    ROW("get status of endpoint 3", CONFIGURED, 0x82, 0, 0, 3, 2, MODEL_STALL, -1, -1),
    ROW("get status of endpoint 1 (only 81h is there)", CONFIGURED, 0x82, 0, 0, 1, 2, MODEL_STALL, -1, -1),
    ROW("halt of 82h set", CONFIGURED, 0x02, 3, 0, 0x82, 0, 0, -1, -1),
    ROW("halt of 2 set", CONFIGURED, 0x02, 3, 0, 2, 0, 0, -1, -1),
    ROW("halt of 2 cleared", CONFIGURED, 0x02, 1, 0, 2, 0, 0, -1, -1),
    ROW("halt of 82h cleared", CONFIGURED, 0x02, 1, 0, 0x82, 0, 0, -1, -1),
    ROW("halt of endpoint 5", CONFIGURED, 0x02, 3, 0, 5, 0, MODEL_STALL, -1, -1),
    ROW("halt of 2, not configured", ADDRESSED, 0x02, 3, 0, 2, 0, MODEL_STALL, -1, -1),
    ROW("another feature of an endpoint", CONFIGURED, 0x02, 3, 1, 2, 0, MODEL_STALL, -1, -1),
    ROW("remote wake-up: it has none", CONFIGURED, 0x00, 3, 1, 0, 0, MODEL_STALL, -1, -1),
    ROW("test mode: it has none", CONFIGURED, 0x00, 3, 2, 0x0100, 0, MODEL_STALL, -1, -1),
    ROW("get interface 0", CONFIGURED, 0x81, 10, 0, 0, 1, 1, 0, -1),
    ROW("get interface 2", CONFIGURED, 0x81, 10, 0, 2, 1, MODEL_STALL, -1, -1),
    ROW("get interface, not configured", ADDRESSED, 0x81, 10, 0, 0, 1, MODEL_STALL, -1, -1),
    ROW("set interface 1, setting 0", CONFIGURED, 0x01, 11, 0, 1, 0, 0, -1, -1),
    ROW("set interface 1, setting 1", CONFIGURED, 0x01, 11, 1, 1, 0, MODEL_STALL, -1, -1),
    ROW("set interface 2", CONFIGURED, 0x01, 11, 0, 2, 0, MODEL_STALL, -1, -1),
    ROW("synch frame", CONFIGURED, 0x82, 12, 0, 2, 2, MODEL_STALL, -1, -1),
    ROW("line coding", CONFIGURED, 0xa1, 0x21, 0, 0, 7, 7, 0x00, 0xc2),
    ROW("line coding, 64 asked", CONFIGURED, 0xa1, 0x21, 0, 0, 64, 7, 0x00, 0xc2),
    ROW("line state", CONFIGURED, 0x21, 0x22, 0, 0, 0, 0, -1, -1),
    ROW("break", CONFIGURED, 0x21, 0x23, 0xffff, 0, 0, 0, -1, -1),
    ROW("a class request that is none", CONFIGURED, 0x21, 0x30, 0, 0, 0, MODEL_STALL, -1, -1),
    ROW("a vendor request", CONFIGURED, 0xc0, 1, 0, 4, 16, MODEL_STALL, -1, -1),
    ROW("a read of no bytes", CONFIGURED, 0x80, 6, 0x0100, 0, 0, MODEL_STALL, -1, -1),
    ROW("an address beyond 127", DEFAULT, 0x00, 5, 200, 0, 0, MODEL_STALL, -1, -1),
};
/* clang-format on */

static void go_to(enum state state) {
  host_begin(2);
  if (state == DEFAULT) return;
  host_control(HOST_SETUP(0x00, 5, ADDRESS, 0, 0), 0);
  model_host_address(ADDRESS);
  if (state == ADDRESSED) return;
  host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0);
  host_reset_toggles();
}

static void end(void) {
  expect("rules of the controller that were broken", (long)model_violations(), 0);
  expect("rules of USB that were broken", (long)host_complaints(), 0);
}

static void chapter_9(void) {
  uint8_t answer[256];
  size_t i;
  for (i = 0; i < sizeof CHAPTER_9 / sizeof *CHAPTER_9; i++) {
    const struct row *row = &CHAPTER_9[i];
    test_name = row->name;
    go_to(row->state);
    expect("result", host_control(row->setup, answer), row->result);
    if (row->first >= 0) expect("first byte", answer[0], row->first);
    if (row->second >= 0) expect("second byte", answer[1], row->second);
    /* Whatever it was: the next request works. */
    expect("the next request", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 18), answer), 18);
    end();
  }
}

/* --- orders of real hosts (USB 2.0, 9.1.2, leaves them open) --- */

/* As usbmon shows hub.c and cdc-acm of Linux: 64 bytes at address 0, a second reset, then everything once. */
static void linux_order(void) {
  uint8_t answer[256];
  test_name = "Linux";
  host_begin(2);
  expect("first look", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 64), answer), 18);
  host_reset();
  expect("address", host_control(HOST_SETUP(0x00, 5, ADDRESS, 0, 0), 0), 0);
  model_host_address(ADDRESS);
  expect("device", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 18), answer), 18);
  expect("qualifier", host_control(HOST_SETUP(0x80, 6, 0x0600, 0, 10), answer), MODEL_STALL);
  expect("head", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 9), answer), 9);
  expect("configuration", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 75), answer), 75);
  expect("languages", host_control(HOST_SETUP(0x80, 6, 0x0300, 0, 255), answer), 4);
  expect("product", host_control(HOST_SETUP(0x80, 6, 0x0302, 0x0409, 255), answer), 20);
  expect("serial", host_control(HOST_SETUP(0x80, 6, 0x0303, 0x0409, 255), answer), 34);
  expect("configure", host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0), 0);
  host_reset_toggles();
  expect("coding", host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), (const uint8_t *)"\x80\x25\0\0\0\0\x08", 7), 0);
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 3, 0, 0), 0), 0);
  expect("open", usb_is_open(), true);
  end();
}

/* As traces of usbser.sys show it: two resets, 255 of everything, Microsoft's string, GET_LINE_CODING before it sets one. */
static void windows_order(void) {
  uint8_t answer[256];
  test_name = "Windows";
  host_begin(2);
  expect("first look", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 64), answer), 18);
  host_reset();
  expect("address", host_control(HOST_SETUP(0x00, 5, ADDRESS, 0, 0), 0), 0);
  model_host_address(ADDRESS);
  model_pass(10000);
  expect("device", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 18), answer), 18);
  expect("configuration", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 255), answer), 75);
  expect("string EE", host_control(HOST_SETUP(0x80, 6, 0x03ee, 0, 18), answer), MODEL_STALL);
  expect("serial", host_control(HOST_SETUP(0x80, 6, 0x0303, 0x0409, 255), answer), 34);
  expect("languages", host_control(HOST_SETUP(0x80, 6, 0x0300, 0, 255), answer), 4);
  expect("product", host_control(HOST_SETUP(0x80, 6, 0x0302, 0x0409, 255), answer), 20);
  expect("qualifier", host_control(HOST_SETUP(0x80, 6, 0x0600, 0, 10), answer), MODEL_STALL);
  expect("device", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 18), answer), 18);
  expect("head", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 9), answer), 9);
  expect("configuration", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 75), answer), 75);
  expect("configure", host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0), 0);
  host_reset_toggles();
  expect("coding", host_control(HOST_SETUP(0xa1, 0x21, 0, 0, 7), answer), 7);
  expect("closed", host_control(HOST_SETUP(0x21, 0x22, 0, 0, 0), 0), 0);
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 3, 0, 0), 0), 0);
  expect("set", host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), (const uint8_t *)"\0\xc2\1\0\0\0\x08", 7), 0);
  expect("open", usb_is_open(), true);
  end();
}

/* As IOUSBHostFamily: heads of two bytes, then the whole; strings before the configuration. */
static void macos_order(void) {
  uint8_t answer[256];
  uint16_t string;
  test_name = "macOS";
  host_begin(2);
  expect("eight bytes", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 8), answer), 8);
  expect("address", host_control(HOST_SETUP(0x00, 5, ADDRESS, 0, 0), 0), 0);
  model_host_address(ADDRESS);
  expect("device", host_control(HOST_SETUP(0x80, 6, 0x0100, 0, 18), answer), 18);
  for (string = 0x0302; string != 0; string = string == 0x0302 ? 0x0301 : string == 0x0301 ? 0x0303 : 0) {
    expect("head of a string", host_control(HOST_SETUP(0x80, 6, string, 0x0409, 2), answer), 2);
    expect("string", host_control(HOST_SETUP(0x80, 6, string, 0x0409, answer[0]), answer), string == 0x0303 ? 34 : 20);
  }
  expect("head", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 9), answer), 9);
  expect("configuration", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 75), answer), 75);
  expect("configure", host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0), 0);
  host_reset_toggles();
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 1, 0, 0), 0), 0);
  expect("coding", host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), (const uint8_t *)"\0\xc2\1\0\0\0\x08", 7), 0);
  expect("open", usb_is_open(), true);
  end();
}

/* --- tokens at any time --- */

/* To a time at which IN packets may be armed; the loop runs there. */
static void settle(void) {
  do {
    model_pass(1);
  } while (model_time_us() % FRAME_US != FRAME_US / 10);
  usb_work();
}

static void start(const char *name) {
  test_name = name;
  host_begin(2);
  host_enumerate();
}

static void streams(void) {
  uint8_t packet[64], bytes[64];
  int i;
  start("nine packets each way");
  for (i = 0; i < 9; i++) {
    memset(packet, i, sizeof packet);
    expect("out", host_out(packet, 64), 64);
    host_work();
    expect("read", usb_read(bytes, 64), 64);
    expect("content", bytes[63], i);
    usb_write(packet, 40);
    settle();
    expect("in", host_in(bytes), 40);
    expect("content", bytes[39], i);
    host_work();
  }
  expect("repeats", (long)model_repeats(), 0);
  end();
}

/* A device that is busy for 200 us sees the end of a transfer and the next SETUP at once. */
static void setup_before_the_end_is_served(void) {
  uint8_t packet[64];
  bool is_data1;
  start("SETUP while the status stage before it is not served");
  model_setup(HOST_SETUP(0x21, 0x22, 1, 0, 0));
  host_work();
  expect("status stage", model_in(0, packet, &is_data1), 0);
  model_setup(HOST_SETUP(0x80, 6, 0x0200, 0, 255));
  host_work();
  expect("first packet", model_in(0, packet, &is_data1), 64);
  expect("DATA1", is_data1, true);
  expect("a configuration descriptor", packet[0] << 8 | packet[1], 0x0902);
  end();
}

static void line_coding_before_the_end_is_served(void) {
  uint8_t answer[64];
  bool is_data1;
  start("SET_LINE_CODING while a status stage is not served");
  model_setup(HOST_SETUP(0x80, 6, 0x0100, 0, 18));
  host_work();
  model_in(0, answer, &is_data1);
  host_work();
  model_out(0, answer, 0, true);
  model_setup(HOST_SETUP(0x21, 0x20, 0, 0, 7));
  host_work();
  expect("no status before the data", model_in(0, answer, &is_data1), MODEL_NAK);
  expect("data", model_out(0, (const uint8_t *)"\x60\x09\0\0\0\0\x08", 7, true), 7);
  host_work();
  expect("status", model_in(0, answer, &is_data1), 0);
  host_work();
  expect("read back", host_control(HOST_SETUP(0xa1, 0x21, 0, 0, 7), answer), 7);
  expect("2400 baud", answer[0] | answer[1] << 8, 2400);
  end();
}

static void read_given_up(void) {
  uint8_t answer[256];
  bool is_data1;
  int packets;
  for (packets = 0; packets < 3; packets++) {
    int i;
    start("a control read that the host gives up");
    model_setup(HOST_SETUP(0x80, 6, 0x0200, 0, 255));
    host_work();
    for (i = 0; i < packets; i++) {
      model_in(0, answer, &is_data1);
      host_work();
    }
    expect("the next request", host_control(HOST_SETUP(0x80, 6, 0x0200, 0, 255), answer), 75);
    expect("without data", host_control(HOST_SETUP(0x21, 0x22, 1, 0, 0), 0), 0);
    end();
  }
}

/* --- resets, halts, ends --- */

static void reset_with_packets_armed(void) {
  uint8_t packet[64];
  start("bus reset while packets are armed");
  usb_write((const uint8_t *)"old session", 11);
  settle();
  host_out((const uint8_t *)"x", 1);
  host_reset();
  expect("OUT before it is configured", model_out(2, packet, 1, false), MODEL_NONE);
  expect("closed", usb_is_open(), false);
  host_enumerate();
  expect("nothing to read", usb_read(packet, 64), 0);
  expect("nothing of the old session", host_in(packet), MODEL_NAK);
  expect("OUT", host_out((const uint8_t *)"y", 1), 1);
  host_work();
  expect("read", usb_read(packet, 64), 1);
  end();
}

static void configuration_again(void) {
  uint8_t packet[64];
  start("SET_CONFIGURATION again, and 0");
  host_out((const uint8_t *)"x", 1);
  usb_write((const uint8_t *)"y", 1);
  settle();
  expect("1", host_control(HOST_SETUP(0x00, 9, 1, 0, 0), 0), 0);
  host_reset_toggles();
  expect("nothing is armed", host_in(packet), MODEL_NAK);
  expect("DATA0 is taken", host_out((const uint8_t *)"z", 1), 1);
  host_work();
  expect("read", usb_read(packet, 64), 1);
  expect("content", packet[0], 'z');
  expect("0", host_control(HOST_SETUP(0x00, 9, 0, 0, 0), 0), 0);
  expect("IN does not respond", host_in(packet), MODEL_NONE);
  expect("OUT does not respond", host_out(packet, 1), MODEL_NONE);
  end();
}

static void clear_halt_of_in(void) {
  uint8_t packet[64];
  start("CLEAR_FEATURE of 82h while DATA1 is armed");
  usb_write((const uint8_t *)"a", 1);
  settle();
  expect("a", host_in(packet), 1);
  host_work();
  usb_write((const uint8_t *)"b", 1);
  settle();
  expect("clear", host_control(HOST_SETUP(0x02, 1, 0, 0x82, 0), 0), 0);
  host_reset_in_toggle();
  settle();
  expect("b, as DATA0", host_in(packet), 1);
  expect("b", packet[0], 'b');
  end();
}

static void clear_halt_of_out(void) {
  uint8_t packet[64];
  int full;
  for (full = 0; full <= 2; full++) {
    int i;
    start("CLEAR_FEATURE of 2 with 0, 1 and 2 full buffers");
    host_out((const uint8_t *)"0", 1);
    host_work();
    usb_read(packet, 64);
    for (i = 0; i < full; i++) {
      expect("filled", host_out((const uint8_t *)"1", 1), 1);
      host_work();
    }
    if (full == 2) expect("no third", host_out((const uint8_t *)"2", 1), MODEL_NAK);
    expect("clear", host_control(HOST_SETUP(0x02, 1, 0, 2, 0), 0), 0);
    host_reset_out_toggle();
    expect("all that came is there", usb_read(packet, 64), full);
    host_work();
    expect("DATA0", host_out((const uint8_t *)"3", 1), 1);
    host_work();
    expect("arrives", usb_read(packet, 64), 1);
    expect("content", packet[0], '3');
    expect("repeats", (long)model_repeats(), 0);
    end();
  }
}

static void halted(void) {
  uint8_t packet[64];
  start("SET_FEATURE of both, then CLEAR_FEATURE");
  usb_write((const uint8_t *)"a", 1);
  settle();
  expect("set", host_control(HOST_SETUP(0x02, 3, 0, 0x82, 0), 0), 0);
  expect("set", host_control(HOST_SETUP(0x02, 3, 0, 2, 0), 0), 0);
  expect("IN", host_in(packet), MODEL_STALL);
  expect("OUT", host_out(packet, 1), MODEL_STALL);
  expect("status", host_control(HOST_SETUP(0x82, 0, 0, 0x82, 2), packet), 2);
  expect("halted", packet[0], 1);
  usb_write((const uint8_t *)"b", 1);
  host_work();
  expect("IN still", host_in(packet), MODEL_STALL);
  expect("clear", host_control(HOST_SETUP(0x02, 1, 0, 0x82, 0), 0), 0);
  expect("clear", host_control(HOST_SETUP(0x02, 1, 0, 2, 0), 0), 0);
  host_reset_toggles();
  settle();
  expect("what came after", host_in(packet), 1);
  expect("content", packet[0], 'b');
  expect("OUT", host_out((const uint8_t *)"c", 1), 1);
  host_work();
  expect("read", usb_read(packet, 64), 1);
  end();
}

/* A program that was killed leaves bytes both ways. */
static void next_opener(void) {
  uint8_t packet[64];
  memset(packet, 0x55, sizeof packet);
  start("DTR falls with data under way, and rises again");
  usb_write(packet, 64);
  settle();
  usb_write(packet, 20);
  host_out(packet, 64);
  host_work();
  host_out(packet, 30);
  host_work();
  expect("closed", host_control(HOST_SETUP(0x21, 0x22, 0, 0, 0), 0), 0);
  expect("the processor must not sleep", usb_is_due(), true);
  expect("hung up", usb_has_hung_up(), true);
  expect("once", usb_has_hung_up(), false);
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 1, 0, 0), 0), 0);
  expect("nothing to read", usb_read(packet, 64), 0);
  settle();
  expect("nothing for the next one", host_in(packet), MODEL_NAK);
  usb_write((const uint8_t *)"new", 3);
  settle();
  expect("its own", host_in(packet), 3);
  expect("OUT", host_out((const uint8_t *)"n", 1), 1);
  host_work();
  expect("read", usb_read(packet, 64), 1);
  end();
}

/* The host took the packet, and the device has not seen that yet, when the port is closed. */
static void taken_before_closing(void) {
  uint8_t packet[64];
  start("DTR falls while a taken packet is not served");
  usb_write((const uint8_t *)"a", 1);
  settle();
  expect("a", host_in(packet), 1);
  expect("closed", host_control(HOST_SETUP(0x21, 0x22, 0, 0, 0), 0), 0);
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 1, 0, 0), 0), 0);
  usb_write((const uint8_t *)"b", 1);
  settle();
  expect("b, with the toggle that is due", host_in(packet), 1);
  end();
}

static void full_packet_ends(void) {
  uint8_t packet[64];
  int turn;
  memset(packet, 1, sizeof packet);
  start("a transfer of full packets");
  usb_write(packet, 64);
  settle();
  expect("full", host_in(packet), 64);
  host_work();
  expect("not at once: there may be more", host_in(packet), MODEL_NAK);
  settle();
  for (turn = 0; turn < 4; turn++) usb_work();
  expect("an empty one ends it", host_in(packet), 0);
  host_work();
  expect("once", host_in(packet), MODEL_NAK);
  end();
}

/* Every microsecond of a frame: the model reports an IN packet that is armed in its last fifth. */
static void every_time_of_a_frame(void) {
  uint8_t packet[64];
  uint32_t us, waited = 0;
  start("IN packets at every time of a frame, and after a pause");
  for (us = 0; us < FRAME_US; us++) {
    uint32_t turns;
    while (model_time_us() % FRAME_US != us) model_pass(1);
    usb_write((const uint8_t *)"x", 1);
    for (turns = 0; turns < 400; turns++) {
      usb_work();
      if (host_in(packet) == 1) break;
      model_pass(1);
    }
    if (turns > waited) waited = turns;
    usb_work();
  }
  expect("waits a fifth of a frame at most", waited <= 250, true);
  model_pass(5000000);
  usb_write((const uint8_t *)"x", 1);
  settle();
  expect("after five seconds", host_in(packet), 1);
  end();
  end();
}

/* A processor that slept has missed the starts of frames; the flag of the last one is still there. */
static void after_sleep(void) {
  uint8_t packet[64];
  uint32_t us;
  start("IN packets after a sleep that ends at any time of a frame");
  for (us = 0; us < FRAME_US; us += 7) {
    uint32_t turns;
    controller_wakes(true);
    model_pass(2 * FRAME_US);
    while (model_time_us() % FRAME_US != us) model_pass(1);
    controller_wakes(false);
    usb_write((const uint8_t *)"x", 1);
    for (turns = 0; turns < 2 * FRAME_US && host_in(packet) != 1; turns++) {
      usb_work();
      model_pass(1);
    }
    expect("it leaves", turns < 2 * FRAME_US, true);
    usb_work();
  }
  end();
}

static void suspended(void) {
  start("a cable that is pulled while the board has power");
  model_suspend(true);
  model_pass(3100);
  usb_work();
  expect("not at once", usb_has_hung_up(), false);
  expect("it must not sleep meanwhile", usb_is_due(), true);
  model_pass(100000);
  usb_work();
  expect("hung up", usb_has_hung_up(), true);
  expect("it may sleep", usb_is_due(), false);
  model_pass(1000000);
  usb_work();
  expect("once", usb_has_hung_up(), false);
  model_suspend(false);
  model_pass(2000);
  usb_work();
  expect("still open", usb_is_open(), true);
  start("a short suspend");
  model_suspend(true);
  model_pass(50000);
  usb_work();
  model_suspend(false);
  model_pass(200000);
  usb_work();
  expect("goes on", usb_has_hung_up(), false);
  end();
}

static void boot_loader(void) {
  static const uint8_t slow[7] = {0xb0, 0x04, 0, 0, 0, 0, 8};
  start("1200 baud");
  expect("coding", host_control_out(HOST_SETUP(0x21, 0x20, 0, 0, 7), slow, 7), 0);
  expect("not while the port is open", usb_wants_boot_loader(), false);
  expect("closed", host_control(HOST_SETUP(0x21, 0x22, 0, 0, 0), 0), 0);
  expect("after the request was acknowledged", usb_wants_boot_loader(), true);
  end();
}

/* B0 and B1 cannot abort: what the model allows there is the plain write. */
static void first_silicon(void) {
  uint8_t packet[64];
  test_name = "silicon B0";
  host_begin(1);
  host_enumerate();
  usb_write((const uint8_t *)"a", 1);
  settle();
  expect("closed", host_control(HOST_SETUP(0x21, 0x22, 0, 0, 0), 0), 0);
  expect("opened", host_control(HOST_SETUP(0x21, 0x22, 1, 0, 0), 0), 0);
  usb_write((const uint8_t *)"b", 1);
  settle();
  expect("b", host_in(packet), 1);
  expect("content", packet[0], 'b');
  end();
}

int main(void) {
  chapter_9();
  linux_order();
  windows_order();
  macos_order();
  streams();
  setup_before_the_end_is_served();
  line_coding_before_the_end_is_served();
  read_given_up();
  reset_with_packets_armed();
  configuration_again();
  clear_halt_of_in();
  clear_halt_of_out();
  halted();
  next_opener();
  taken_before_closing();
  full_packet_ends();
  every_time_of_a_frame();
  after_sleep();
  suspended();
  first_silicon();
  boot_loader();
  printf("USB: %u checks, %u failed\n", (unsigned)checks, (unsigned)failures);
  return failures == 0 ? 0 : 1;
}
