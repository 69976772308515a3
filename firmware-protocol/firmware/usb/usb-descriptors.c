#include "usb-descriptors.h"

#include "board.h"
#include "port.h"

#define LOW(value) ((value)&0xff)
#define HIGH(value) ((value) >> 8)

/* The pair that Raspberry Pi lets any program with a serial port (CDC) on its boards use. Others use it as well: the strings
 * tell this firmware from them. src/transport/usb-boards.ts has the same pair and strings; a test compares. */
#define VENDOR 0x2e8a
#define PRODUCT 0x000a
/* Binary coded decimal: firmware 1.2.0 (core/hello.h). */
#define RELEASE 0x0120
#define USB_2_0 0x0200
#define CDC_1_2 0x0120

enum descriptor_type { DEVICE = 1, CONFIGURATION = 2, STRING = 3, INTERFACE = 4, ENDPOINT = 5, ASSOCIATION = 11 };
enum string_index { LANGUAGES, MANUFACTURER, PRODUCT_NAME, SERIAL_NUMBER };

#define CLASS_MISC 0xef
#define CLASS_CDC 0x02
#define CLASS_CDC_DATA 0x0a
#define SUBCLASS_ACM 0x02
#define CS_INTERFACE 0x24
#define BULK 2
#define INTERRUPT 3
#define IN 0x80
#define NOTIFY_BYTES 8
#define BUS_POWERED 0x80
/* In units of 2 mA. */
#define CURRENT 50
#define CONFIGURATION_BYTES 75
#define ENGLISH 0x0409

/* clang-format off */
#define DEVICE_SERIAL_AT 16
static uint8_t device[18] = {
    18, DEVICE, LOW(USB_2_0), HIGH(USB_2_0),
    /* Interfaces belong together: see ASSOCIATION. */
    CLASS_MISC, 2, 1, USB_PACKET_BYTES, LOW(VENDOR), HIGH(VENDOR), LOW(PRODUCT), HIGH(PRODUCT), LOW(RELEASE),
    HIGH(RELEASE), MANUFACTURER, PRODUCT_NAME, SERIAL_NUMBER, 1};
/* clang-format on */

/* clang-format off */
static const uint8_t configuration[CONFIGURATION_BYTES] = {
    9, CONFIGURATION, CONFIGURATION_BYTES, 0, 2, 1, 0, BUS_POWERED, CURRENT,
    8, ASSOCIATION, 0, 2, CLASS_CDC, SUBCLASS_ACM, 0, 0,
    9, INTERFACE, 0, 0, 1, CLASS_CDC, SUBCLASS_ACM, 0, 0,
    5, CS_INTERFACE, 0, LOW(CDC_1_2), HIGH(CDC_1_2), /* header */
    5, CS_INTERFACE, 1, 0, 1,                        /* no calls, data on interface 1 */
    4, CS_INTERFACE, 2, 2,                           /* takes line coding and state */
    5, CS_INTERFACE, 6, 0, 1,                        /* interfaces 0 and 1 are one */
    7, ENDPOINT, IN | USB_NOTIFY_ENDPOINT, INTERRUPT, NOTIFY_BYTES, 0, 16,
    9, INTERFACE, 1, 0, 2, CLASS_CDC_DATA, 0, 0, 0,
    7, ENDPOINT, USB_DATA_ENDPOINT, BULK, USB_PACKET_BYTES, 0, 0,
    7, ENDPOINT, IN | USB_DATA_ENDPOINT, BULK, USB_PACKET_BYTES, 0, 0};
/* clang-format on */

static uint8_t text[2 + 2 * 32];

/* Characters of one byte become two. */
static const uint8_t *string_of(const char *characters, uint8_t count, uint16_t *length) {
  uint8_t i;
  for (i = 0; i < count; i++) {
    text[2 + 2 * i] = (uint8_t)characters[i];
    text[3 + 2 * i] = 0;
  }
  text[0] = (uint8_t)(2 + 2 * count);
  text[1] = STRING;
  *length = text[0];
  return text;
}

static const uint8_t *string(uint8_t index, uint16_t *length) {
  uint8_t serial[BOARD_SERIAL_BYTES];
  switch (index) {
    case LANGUAGES:
      text[0] = 4;
      text[1] = STRING;
      text[2] = LOW(ENGLISH);
      text[3] = HIGH(ENGLISH);
      *length = 4;
      return text;
    case MANUFACTURER:
    case PRODUCT_NAME:
      return string_of("norbridge", 9, length);
    case SERIAL_NUMBER:
      return string_of((const char *)serial, port_serial_number(serial), length);
    default:
      return 0;
  }
}

const uint8_t *usb_descriptor(uint8_t type, uint8_t index, uint16_t *length) {
  uint8_t serial[BOARD_SERIAL_BYTES];
  switch (type) {
    case DEVICE:
      /* A number that two boards share is worse than none: Windows then takes them for one. */
      if (port_serial_number(serial) == 0) device[DEVICE_SERIAL_AT] = 0;
      *length = sizeof device;
      return device;
    case CONFIGURATION:
      *length = sizeof configuration;
      return index == 0 ? configuration : 0;
    case STRING:
      return string(index, length);
    default:
      return 0;
  }
}
