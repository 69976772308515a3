#include "usb-requests.h"

#include "bytes.h"
#include "usb-controller.h"
#include "usb-descriptors.h"
#include "usb-serial.h"

/* bmRequestType (9.3): direction, and the rest. */
#define DIRECTION_IN 0x80u
#define TO_DEVICE 0x00u
#define TO_INTERFACE 0x01u
#define TO_ENDPOINT 0x02u
#define CLASS_TO_INTERFACE 0x21u
#define IN(kind) (DIRECTION_IN | (kind))
/* A request as one number: bmRequestType, then bRequest. */
#define REQUEST(kind, number) ((uint16_t)((kind) << 8 | (number)))

/* bRequest: table 9-4; PSTN 1.2 table 13. */
enum standard_request {
  GET_STATUS = 0,
  CLEAR_FEATURE = 1,
  SET_FEATURE = 3,
  SET_ADDRESS = 5,
  GET_DESCRIPTOR = 6,
  GET_CONFIGURATION = 8,
  SET_CONFIGURATION = 9,
  GET_INTERFACE = 10,
  SET_INTERFACE = 11
};
enum serial_request {
  SET_LINE_CODING = 0x20,
  GET_LINE_CODING = 0x21,
  SET_CONTROL_LINE_STATE = 0x22,
  SEND_BREAK = 0x23
};

#define ENDPOINT_HALT 0u
#define INTERFACES 2u
#define MOST_ADDRESS 127u
#define LINE_STATE_DTR 1u
#define LINE_CODING_BYTES 7u
#define FIRST_BAUD 115200u
/* What Arduino's boards and pico-sdk's programs take for a wish for the boot loader. */
#define BOOT_LOADER_BAUD 1200u

enum stage { IDLE, DATA_IN, DATA_OUT, STATUS_IN, STATUS_OUT };

struct setup {
  uint16_t request;
  uint16_t value;
  uint16_t index;
  uint16_t length;
};

static enum stage stage;
/* DATA IN: what is left of it, and whether an empty packet has to end it. */
static const uint8_t *answer;
static uint16_t answer_bytes;
static bool ends_early;
static bool is_data1;
static uint8_t small_answer[2];

static uint8_t new_address;
static bool has_new_address;
static uint8_t configuration;
static bool is_open;
static uint8_t line_coding[LINE_CODING_BYTES];
static enum { BOOT_NO, BOOT_ASKED, BOOT_ACKNOWLEDGED } boot;

/* --- stages --- */

static void stall(void) {
  stage = IDLE;
  controller_stall_control();
}

static void send_packet(void) {
  uint8_t count = (uint8_t)(answer_bytes < USB_PACKET_BYTES ? answer_bytes : USB_PACKET_BYTES);
  controller_arm_control_in(answer, count, is_data1);
  answer += count;
  answer_bytes = (uint16_t)(answer_bytes - count);
  /* An answer shorter than `wLength` ends with a packet that is not full (8.5.3.2). */
  if (count < USB_PACKET_BYTES) ends_early = false;
  is_data1 = !is_data1;
}

static void send_answer(const uint8_t *bytes, uint16_t count, uint16_t wanted) {
  /* Without a data stage it would be the status stage. */
  if (wanted == 0) {
    stall();
    return;
  }
  answer = bytes;
  answer_bytes = count < wanted ? count : wanted;
  ends_early = count < wanted;
  is_data1 = true;
  stage = DATA_IN;
  send_packet();
}

static void send_small(uint8_t first, uint8_t count, uint16_t wanted) {
  small_answer[0] = first;
  small_answer[1] = 0;
  send_answer(small_answer, count, wanted);
}

static void acknowledge(void) {
  stage = STATUS_IN;
  controller_arm_control_in(small_answer, 0, true);
}

static void acknowledge_if(bool is_right) {
  if (is_right) {
    acknowledge();
  } else {
    stall();
  }
}

/* --- requests to the device --- */

static void get_descriptor(const struct setup *setup) {
  uint16_t count;
  const uint8_t *descriptor = usb_descriptor((uint8_t)(setup->value >> 8), (uint8_t)setup->value, &count);
  if (descriptor == 0) {
    stall();
  } else {
    send_answer(descriptor, count, setup->length);
  }
}

static void set_configuration(uint16_t number) {
  if (number > 1) {
    stall();
    return;
  }
  configuration = (uint8_t)number;
  /* Also where it does not change: toggles and halts start again (9.1.1.5). */
  if (number == 0) {
    serial_close();
  } else {
    serial_open();
  }
  acknowledge();
}

static void set_address(uint16_t address) {
  if (address > MOST_ADDRESS) {
    stall();
    return;
  }
  /* Used after the status stage (9.4.6). */
  new_address = (uint8_t)address;
  has_new_address = true;
  acknowledge();
}

/* --- requests to an interface or an endpoint --- */

static bool has_interface(uint16_t index) { return configuration != 0 && index < INTERFACES; }

static bool has_endpoint(uint16_t index) {
  switch (index) {
    case 0:
    case DIRECTION_IN:
      return true;
    case USB_DATA_ENDPOINT:
    case IN(USB_DATA_ENDPOINT):
    case IN(USB_NOTIFY_ENDPOINT):
      return configuration != 0;
    default:
      return false;
  }
}

static void get_endpoint_status(const struct setup *setup) {
  bool is_halted = (setup->index == USB_DATA_ENDPOINT && serial_out_is_halted()) ||
                   (setup->index == IN(USB_DATA_ENDPOINT) && serial_in_is_halted());
  if (has_endpoint(setup->index)) {
    send_small(is_halted, 2, setup->length);
  } else {
    stall();
  }
}

static void set_halt(const struct setup *setup, bool is_halted) {
  if (setup->value != ENDPOINT_HALT || !has_endpoint(setup->index)) {
    stall();
    return;
  }
  if (setup->index == USB_DATA_ENDPOINT) serial_halt_out(is_halted);
  if (setup->index == IN(USB_DATA_ENDPOINT)) serial_halt_in(is_halted);
  acknowledge();
}

static void set_interface(const struct setup *setup) {
  bool is_right = has_interface(setup->index) && setup->value == 0;
  /* Toggles of its endpoints start again (9.1.1.5). */
  if (is_right && setup->index == 1) {
    serial_halt_in(false);
    serial_halt_out(false);
  }
  acknowledge_if(is_right);
}

static void set_line_state(uint16_t state) {
  bool opens = (state & LINE_STATE_DTR) != 0;
  if (is_open && !opens) {
    serial_discard();
    if (bytes_u32(line_coding) == BOOT_LOADER_BAUD) boot = BOOT_ASKED;
  }
  is_open = opens;
  acknowledge();
}

/* --- all together --- */

/* Requests with data for the host. */
static bool take_read(const struct setup *setup) {
  switch (setup->request) {
    case REQUEST(IN(TO_DEVICE), GET_DESCRIPTOR):
      get_descriptor(setup);
      return true;
    case REQUEST(IN(TO_DEVICE), GET_CONFIGURATION):
      send_small(configuration, 1, setup->length);
      return true;
    case REQUEST(IN(TO_DEVICE), GET_STATUS):
      /* Powered by the bus, no remote wake-up. */
      send_small(0, 2, setup->length);
      return true;
    case REQUEST(IN(TO_INTERFACE), GET_STATUS):
    case REQUEST(IN(TO_INTERFACE), GET_INTERFACE):
      if (!has_interface(setup->index)) return false;
      send_small(0, (uint8_t)setup->request == GET_STATUS ? 2 : 1, setup->length);
      return true;
    case REQUEST(IN(TO_ENDPOINT), GET_STATUS):
      get_endpoint_status(setup);
      return true;
    case REQUEST(IN(CLASS_TO_INTERFACE), GET_LINE_CODING):
      send_answer(line_coding, LINE_CODING_BYTES, setup->length);
      return true;
    default:
      return false;
  }
}

/* Requests without data, and the one with data from the host. */
static bool take_write(const struct setup *setup) {
  if (setup->request == REQUEST(CLASS_TO_INTERFACE, SET_LINE_CODING)) {
    if (setup->length != LINE_CODING_BYTES) return false;
    stage = DATA_OUT;
    controller_arm_control_out();
    return true;
  }
  if (setup->length != 0) return false;
  switch (setup->request) {
    case REQUEST(TO_DEVICE, SET_ADDRESS):
      set_address(setup->value);
      return true;
    case REQUEST(TO_DEVICE, SET_CONFIGURATION):
      set_configuration(setup->value);
      return true;
    case REQUEST(TO_INTERFACE, SET_INTERFACE):
      set_interface(setup);
      return true;
    case REQUEST(TO_ENDPOINT, CLEAR_FEATURE):
      set_halt(setup, false);
      return true;
    case REQUEST(TO_ENDPOINT, SET_FEATURE):
      set_halt(setup, true);
      return true;
    case REQUEST(CLASS_TO_INTERFACE, SET_CONTROL_LINE_STATE):
      set_line_state(setup->value);
      return true;
    case REQUEST(CLASS_TO_INTERFACE, SEND_BREAK):
      acknowledge();
      return true;
    default:
      return false;
  }
}

void requests_setup(const uint8_t *bytes) {
  struct setup setup;
  setup.request = REQUEST(bytes[0], bytes[1]);
  setup.value = bytes_u16(bytes + 2);
  setup.index = bytes_u16(bytes + 4);
  setup.length = bytes_u16(bytes + 6);
  /* A SETUP ends whatever was under way (5.5.5). */
  controller_withdraw_control();
  stage = IDLE;
  has_new_address = false;
  if (!take_read(&setup) && !take_write(&setup)) stall();
}

void requests_control_in(void) {
  if (stage == DATA_IN) {
    if (answer_bytes > 0 || ends_early) {
      send_packet();
    } else {
      stage = STATUS_OUT;
      controller_arm_control_out();
    }
  } else if (stage == STATUS_IN) {
    stage = IDLE;
    if (has_new_address) controller_set_address(new_address);
    has_new_address = false;
    if (boot == BOOT_ASKED) boot = BOOT_ACKNOWLEDGED;
  }
}

void requests_control_out(uint8_t count) {
  if (stage == DATA_OUT && count == LINE_CODING_BYTES) {
    const volatile uint8_t *bytes = controller_control_bytes();
    uint8_t i;
    for (i = 0; i < LINE_CODING_BYTES; i++) line_coding[i] = bytes[i];
    acknowledge();
  } else if (stage == DATA_OUT) {
    stall();
  } else if (stage == STATUS_OUT) {
    stage = IDLE;
  }
}

void requests_begin(void) {
  boot = BOOT_NO;
  bytes_put_u32(line_coding, FIRST_BAUD);
  line_coding[6] = 8;
}

void requests_reset(void) {
  stage = IDLE;
  has_new_address = false;
  configuration = 0;
  is_open = false;
  controller_withdraw_control();
  controller_set_address(0);
  serial_close();
}

bool requests_is_configured(void) { return configuration != 0; }

bool requests_is_open(void) { return is_open; }

bool requests_wants_boot_loader(void) { return boot == BOOT_ACKNOWLEDGED; }
