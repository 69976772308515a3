/* Device side of the RP2040's USB controller (datasheet 4.1). Endpoint 0 for control, 1 for notifications that are never
 * sent, 2 for data both ways with two buffers each: one is on the bus while the other is filled or emptied. */
#include "usb.h"

#include "bytes.h"
#include "registers.h"
#include "usb-descriptors.h"

/* Dual-port RAM: the setup packet, endpoint controls, buffer controls, buffers. */
#define DPRAM_BYTES(at) ((volatile uint8_t *)(uintptr_t)(USB_DPRAM + (at)))
#define ENDPOINT_IN_CONTROL(n) REGISTER(USB_DPRAM + 8u * (n))
#define ENDPOINT_OUT_CONTROL(n) REGISTER(USB_DPRAM + 8u * (n) + 4u)
#define BUFFER_IN(n) REGISTER(USB_DPRAM + 0x80u + 8u * (n))
#define BUFFER_OUT(n) REGISTER(USB_DPRAM + 0x84u + 8u * (n))
#define EP0_BUFFER 0x100u
#define NOTIFY_BUFFER 0x180u
#define IN_BUFFER(index) (0x200u + USB_PACKET_BYTES * (index))
#define OUT_BUFFER(index) (0x280u + USB_PACKET_BYTES * (index))

#define ENDPOINT_ON BIT(31)
#define ENDPOINT_INT_1BUF BIT(29)
#define ENDPOINT_BULK (2u << 26)
#define ENDPOINT_INTERRUPT (3u << 26)
#define BUFFER_FULL BIT(15)
#define BUFFER_DATA1 BIT(13)
#define BUFFER_STALL BIT(11)
#define BUFFER_AVAILABLE BIT(10)
#define BUFFER_LENGTH 0x3ffu

#define STATUS_EP0_IN BIT(0)
#define STATUS_EP0_OUT BIT(1)
#define STATUS_DATA_IN BIT(2 * USB_DATA_ENDPOINT)
#define STATUS_DATA_OUT BIT(2 * USB_DATA_ENDPOINT + 1)
#define STALL_EP0_BOTH 3u

/* bmRequestType without its direction; bRequest. */
#define TO_DEVICE 0x00
#define TO_INTERFACE 0x01
#define TO_ENDPOINT 0x02
#define CLASS_TO_INTERFACE 0x21
#define DIRECTION_IN 0x80
#define GET_STATUS 0
#define CLEAR_FEATURE 1
#define SET_FEATURE 3
#define SET_ADDRESS 5
#define GET_DESCRIPTOR 6
#define GET_CONFIGURATION 8
#define SET_CONFIGURATION 9
#define GET_INTERFACE 10
#define SET_INTERFACE 11
#define SET_LINE_CODING 0x20
#define GET_LINE_CODING 0x21
#define SET_LINE_STATE 0x22
#define SEND_BREAK 0x23
#define LINE_STATE_DTR 1u
#define LINE_CODING_BYTES 7

static uint8_t address;
static bool address_is_new;
static uint8_t configuration;
static bool is_open;
static bool has_hung_up;
/* 115,200 8n1, as a host wants to read it back. */
static uint8_t line_coding[LINE_CODING_BYTES];
static bool wants_line_coding;

/* What is left of an answer on endpoint 0. */
static const uint8_t *answer;
static uint16_t answer_bytes;
static bool answer_is_short;
static bool is_answering;
static uint8_t control_toggle;
static uint8_t small_answer[LINE_CODING_BYTES];

/* Data to the host: one buffer is filled, the other may be on the bus. */
static uint8_t in_index;
static uint8_t in_filled;
static bool in_is_busy;
static bool in_owes_short;
static uint8_t in_toggle;
/* Data from the host. */
static uint8_t out_index;
static uint8_t out_taken;
static uint8_t out_held;
static bool out_waits;
static uint8_t out_waiting;
static bool out_is_armed;
static uint8_t out_toggle;

/* The controller runs on its own clock: AVAILABLE has to come a few of our cycles after the rest (4.1.2.5.1). */
static void hand_over(volatile uint32_t *control, uint32_t value) {
  *control = value;
  __asm volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop");
  *control = value | BUFFER_AVAILABLE;
}

/* --- endpoint 0 --- */

static void send_control_packet(void) {
  uint16_t count = answer_bytes < USB_PACKET_BYTES ? answer_bytes : USB_PACKET_BYTES;
  volatile uint8_t *buffer = DPRAM_BYTES(EP0_BUFFER);
  uint16_t i;
  for (i = 0; i < count; i++) buffer[i] = answer[i];
  answer += count;
  answer_bytes = (uint16_t)(answer_bytes - count);
  /* A full packet that ends an answer shorter than asked for needs an empty one after it. */
  if (count < USB_PACKET_BYTES) answer_is_short = false;
  hand_over(&BUFFER_IN(0), count | BUFFER_FULL | (control_toggle ? BUFFER_DATA1 : 0));
  control_toggle ^= 1;
}

/* The host's empty packet that ends what it read, or its data. */
static void await_control_packet(void) { hand_over(&BUFFER_OUT(0), USB_PACKET_BYTES | BUFFER_DATA1); }

static void send_answer(const uint8_t *bytes, uint16_t count, uint16_t asked) {
  answer = bytes;
  answer_is_short = count < asked;
  answer_bytes = count < asked ? count : asked;
  is_answering = true;
  control_toggle = 1;
  send_control_packet();
}

static void acknowledge(void) {
  is_answering = false;
  control_toggle = 1;
  answer_bytes = 0;
  send_control_packet();
}

static void stall(void) {
  USB_STALL_ARM = STALL_EP0_BOTH;
  BUFFER_IN(0) = BUFFER_STALL;
  BUFFER_OUT(0) = BUFFER_STALL;
}

/* --- data --- */

static void arm_out(void) {
  ENDPOINT_OUT_CONTROL(USB_DATA_ENDPOINT) = ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | OUT_BUFFER(out_index);
  hand_over(&BUFFER_OUT(USB_DATA_ENDPOINT), USB_PACKET_BYTES | (out_toggle ? BUFFER_DATA1 : 0));
  out_toggle ^= 1;
  out_index ^= 1;
  out_is_armed = true;
}

static void reset_data(void) {
  in_index = 0;
  in_filled = 0;
  in_is_busy = false;
  in_owes_short = false;
  in_toggle = 0;
  out_index = 0;
  out_taken = 0;
  out_held = 0;
  out_waits = false;
  out_is_armed = false;
  out_toggle = 0;
}

static void configure(uint8_t number) {
  configuration = number;
  reset_data();
  ENDPOINT_IN_CONTROL(USB_NOTIFY_ENDPOINT) = ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_INTERRUPT | NOTIFY_BUFFER;
  ENDPOINT_IN_CONTROL(USB_DATA_ENDPOINT) = ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | IN_BUFFER(0);
  if (number != 0) arm_out();
}

/* A packet leaves when it is full, or when nothing more is to be added for the moment. */
static void send_in(void) {
  uint8_t count = in_filled;
  if (configuration == 0 || in_is_busy || (count == 0 && !in_owes_short)) return;
  ENDPOINT_IN_CONTROL(USB_DATA_ENDPOINT) = ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | IN_BUFFER(in_index);
  hand_over(&BUFFER_IN(USB_DATA_ENDPOINT), count | BUFFER_FULL | (in_toggle ? BUFFER_DATA1 : 0));
  in_toggle ^= 1;
  in_index ^= 1;
  in_filled = 0;
  in_is_busy = true;
  /* The host continues to wait after a full packet; an empty one tells it that there is no more. */
  in_owes_short = count == USB_PACKET_BYTES;
}

static void take_out(void) {
  uint8_t count = (uint8_t)(BUFFER_OUT(USB_DATA_ENDPOINT) & BUFFER_LENGTH);
  out_is_armed = false;
  if (out_taken == out_held && !out_waits) {
    out_taken = 0;
    out_held = count;
  } else {
    out_waits = true;
    out_waiting = count;
    return;
  }
  /* The other buffer is free. */
  arm_out();
}

/* --- requests --- */

static void get_descriptor(const volatile uint8_t *setup, uint16_t asked) {
  uint16_t length;
  const uint8_t *descriptor = usb_descriptor(setup[3], setup[2], &length);
  if (descriptor == 0) {
    stall();
  } else {
    send_answer(descriptor, length, asked);
  }
}

static void answer_small(uint8_t first, uint8_t count, uint16_t asked) {
  small_answer[0] = first;
  small_answer[1] = 0;
  send_answer(small_answer, count, asked);
}

static void clear_halt(uint8_t endpoint) {
  /* Nothing of ours halts, but the host counts packets again. */
  if (endpoint == (DIRECTION_IN | USB_DATA_ENDPOINT)) in_toggle = 0;
  if (endpoint == USB_DATA_ENDPOINT && out_is_armed) {
    out_toggle = 0;
    out_index ^= 1;
    arm_out();
  }
  acknowledge();
}

static void set_line_state(uint16_t state) {
  bool opens = (state & LINE_STATE_DTR) != 0;
  if (is_open && !opens) has_hung_up = true;
  is_open = opens;
  acknowledge();
}

static void take_setup(void) {
  const volatile uint8_t *setup = DPRAM_BYTES(0);
  uint8_t kind = setup[0];
  uint8_t request = setup[1];
  uint16_t value = (uint16_t)(setup[2] | setup[3] << 8);
  uint16_t length = (uint16_t)(setup[6] | setup[7] << 8);
  bool is_in = (kind & DIRECTION_IN) != 0;
  wants_line_coding = false;
  switch ((kind & 0x7f) << 8 | request) {
    case TO_DEVICE << 8 | GET_DESCRIPTOR:
      get_descriptor(setup, length);
      return;
    case TO_DEVICE << 8 | SET_ADDRESS:
      /* It counts from the next request on: this one is still answered at the old address. */
      address = (uint8_t)(value & 0x7f);
      address_is_new = true;
      acknowledge();
      return;
    case TO_DEVICE << 8 | SET_CONFIGURATION:
      if (value > 1) {
        stall();
        return;
      }
      configure((uint8_t)value);
      acknowledge();
      return;
    case TO_DEVICE << 8 | GET_CONFIGURATION:
      answer_small(configuration, 1, length);
      return;
    case TO_DEVICE << 8 | GET_STATUS:
    case TO_INTERFACE << 8 | GET_STATUS:
    case TO_ENDPOINT << 8 | GET_STATUS:
      answer_small(0, 2, length);
      return;
    case TO_INTERFACE << 8 | GET_INTERFACE:
      answer_small(0, 1, length);
      return;
    case TO_INTERFACE << 8 | SET_INTERFACE:
      if (value != 0) {
        stall();
        return;
      }
      acknowledge();
      return;
    case TO_ENDPOINT << 8 | CLEAR_FEATURE:
      clear_halt(setup[4]);
      return;
    case CLASS_TO_INTERFACE << 8 | SET_LINE_CODING:
      wants_line_coding = true;
      await_control_packet();
      return;
    case CLASS_TO_INTERFACE << 8 | GET_LINE_CODING:
      if (is_in) {
        send_answer(line_coding, LINE_CODING_BYTES, length);
        return;
      }
      break;
    case CLASS_TO_INTERFACE << 8 | SET_LINE_STATE:
      set_line_state(value);
      return;
    case CLASS_TO_INTERFACE << 8 | SEND_BREAK:
      acknowledge();
      return;
    default:
      break;
  }
  stall();
}

static void take_control_in_done(void) {
  if (address_is_new) {
    address_is_new = false;
    USB_ADDR = address;
  }
  if (!is_answering) return;
  if (answer_bytes > 0 || answer_is_short) {
    send_control_packet();
    return;
  }
  is_answering = false;
  await_control_packet();
}

static void take_control_out(void) {
  uint8_t i;
  if (!wants_line_coding) return;
  wants_line_coding = false;
  for (i = 0; i < LINE_CODING_BYTES; i++) line_coding[i] = DPRAM_BYTES(EP0_BUFFER)[i];
  acknowledge();
}

static void take_bus_reset(void) {
  USB_ADDR = 0;
  address = 0;
  address_is_new = false;
  configuration = 0;
  if (is_open) has_hung_up = true;
  is_open = false;
  is_answering = false;
  wants_line_coding = false;
  reset_data();
}

void usb_work(void) {
  uint32_t status = REGISTER(USB_SIE_STATUS);
  uint32_t buffers;
  if (status & USB_BUS_RESET) {
    CLEAR_BITS(USB_SIE_STATUS) = USB_BUS_RESET;
    take_bus_reset();
  }
  if (status & USB_SETUP_RECEIVED) {
    CLEAR_BITS(USB_SIE_STATUS) = USB_SETUP_RECEIVED;
    take_setup();
  }
  buffers = REGISTER(USB_BUFF_STATUS);
  if (buffers != 0) {
    CLEAR_BITS(USB_BUFF_STATUS) = buffers;
    if (buffers & STATUS_EP0_IN) take_control_in_done();
    if (buffers & STATUS_EP0_OUT) take_control_out();
    if (buffers & STATUS_DATA_IN) in_is_busy = false;
    if (buffers & STATUS_DATA_OUT) take_out();
  }
  send_in();
}

void usb_begin(void) {
  uint32_t at;
  for (at = 0; at < EP0_BUFFER; at += 4) REGISTER(USB_DPRAM + at) = 0;
  bytes_put_u32(line_coding, 115200);
  line_coding[6] = 8;
  USB_MUXING = USB_MUX_TO_PHY | USB_MUX_SOFTCON;
  /* The board has no pin for VBUS: it is there as long as we live. */
  USB_PWR = USB_VBUS_DETECT | USB_VBUS_DETECT_OVERRIDE;
  USB_MAIN_CTRL = USB_CONTROLLER_ON;
  REGISTER(USB_SIE_CTRL) = USB_EP0_INT_1BUF;
  USB_INTE = USB_INT_BUFF_STATUS | USB_INT_BUS_RESET | USB_INT_SETUP;
  SET_BITS(USB_SIE_CTRL) = USB_PULL_UP;
}

bool usb_is_open(void) { return is_open; }

bool usb_has_hung_up(void) {
  bool hung_up = has_hung_up;
  has_hung_up = false;
  return hung_up;
}

bool usb_is_empty(void) { return out_taken == out_held && !out_waits; }

uint16_t usb_read(uint8_t *into, uint16_t most) {
  uint16_t count = 0;
  while (count < most) {
    /* The buffer in hand: the one that was armed before the one that is armed now, or before the one that waits. */
    uint8_t index = (out_waits || out_is_armed) ? out_index : (uint8_t)(out_index ^ 1);
    const volatile uint8_t *buffer = DPRAM_BYTES(OUT_BUFFER(index));
    while (out_taken < out_held && count < most) into[count++] = buffer[out_taken++];
    if (out_taken < out_held || !out_waits) break;
    out_waits = false;
    out_taken = 0;
    out_held = out_waiting;
    arm_out();
  }
  return count;
}

uint16_t usb_write(const uint8_t *from, uint16_t count) {
  volatile uint8_t *buffer = DPRAM_BYTES(IN_BUFFER(in_index));
  uint16_t written = 0;
  /* Without a host the bytes have no receiver: drop them. */
  if (configuration == 0) return count;
  if (in_filled == USB_PACKET_BYTES) return 0;
  while (written < count && in_filled < USB_PACKET_BYTES) buffer[in_filled++] = from[written++];
  if (in_filled == USB_PACKET_BYTES) send_in();
  return written;
}

bool usb_has_sent(void) { return in_filled == 0 && !in_is_busy; }

bool usb_is_due(void) {
  return (REGISTER(USB_SIE_STATUS) & (USB_BUS_RESET | USB_SETUP_RECEIVED)) != 0 || REGISTER(USB_BUFF_STATUS) != 0;
}
