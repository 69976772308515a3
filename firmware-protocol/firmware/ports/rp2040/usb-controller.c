/* The RP2040's USB controller as a device (datasheet 4.1). Endpoint 0 for control, 1 for notifications that are never sent,
 * 2 for data both ways. */
#include "usb-controller.h"

#include "bytes.h"
#include "chip.h"
#include "port.h"
#include "usb-descriptors.h"
#include "usb-registers.h"

#define BULK USB_DATA_ENDPOINT
#define BULK_IN USB_IN_BIT(BULK)
#define BULK_OUT USB_OUT_BIT(BULK)
#define CONTROL_IN USB_IN_BIT(0)
#define CONTROL_OUT USB_OUT_BIT(0)
#define NOTIFY_BUFFER_AT USB_FREE_AT
#define IN_BUFFER_AT(index) (0x200u + USB_PACKET_BYTES * (index))
#define OUT_BUFFER_AT(index) (0x280u + USB_PACKET_BYTES * (index))
#define ALL_STEADY_EVENTS (USB_INT_BUFF_STATUS | USB_INT_BUS_RESET | USB_INT_SETUP | USB_INT_SUSPEND)
/* An abort waits for a packet that is on the bus: 64 bytes take 50 us. */
#define ABORT_TURNS 2000u

/* RP2040-E15: a bulk IN packet that is armed in the last fifth of a frame can stop the controller for good. */
#define FRAME_US 1000u
#define LAST_SAFE_US 780u
/* Two crystals, 0.05 % apart at most, are still within the 20 us that are left above. */
#define FRAME_KNOWN_US 20000u

static bool in_is_data1;
static bool out_is_data1;
static volatile uint32_t frame_us;
static volatile bool has_frame;
static volatile bool is_suspended;

void usb_interrupt(void);

static void set_bits(uint32_t address, uint32_t bits) { usb_set_register(address + USB_SET_ALIAS, bits); }

static void clear_bits(uint32_t address, uint32_t bits) { usb_set_register(address + USB_CLEAR_ALIAS, bits); }

/* The controller runs on its own clock: AVAILABLE has to come a few of our cycles after the rest (4.1.2.5.1). */
static void arm(uint32_t control, uint32_t value) {
  usb_set_register(control, value);
  usb_wait_some_cycles();
  usb_set_register(control, value | BUFFER_AVAILABLE);
}

/* True: the host had taken or sent the packet before, and BUFF_STATUS says so. */
static bool withdraw(uint32_t control, uint32_t bit) {
  uint32_t turns = ABORT_TURNS;
  if (usb_register(control) & BUFFER_AVAILABLE) {
    /* RP2040-E2: not before B2. */
    if (chip_can_abort()) {
      set_bits(USB_EP_ABORT, bit);
      while ((usb_register(USB_EP_ABORT_DONE) & bit) == 0 && --turns > 0) {
      }
    }
    usb_set_register(control, 0);
    if (chip_can_abort()) {
      clear_bits(USB_EP_ABORT, bit);
      clear_bits(USB_EP_ABORT_DONE, bit);
    }
  } else {
    usb_set_register(control, 0);
  }
  return (usb_register(USB_BUFF_STATUS) & bit) != 0;
}

/* The same, and no event of it follows. */
static bool drop(uint32_t control, uint32_t bit) {
  bool was_done = withdraw(control, bit);
  if (was_done) clear_bits(USB_BUFF_STATUS, bit);
  return was_done;
}

/* --- endpoint 0 --- */

void controller_arm_control_in(const uint8_t *bytes, uint8_t count, bool is_data1) {
  volatile uint8_t *buffer = usb_dpram(USB_EP0_BUFFER_AT);
  uint8_t i;
  for (i = 0; i < count; i++) buffer[i] = bytes[i];
  arm(USB_IN_BUFFER(0), count | BUFFER_FULL | (is_data1 ? BUFFER_DATA1 : 0));
}

void controller_arm_control_out(void) { arm(USB_OUT_BUFFER(0), USB_PACKET_BYTES | BUFFER_DATA1); }

const volatile uint8_t *controller_control_bytes(void) { return usb_dpram(USB_EP0_BUFFER_AT); }

void controller_stall_control(void) {
  usb_set_register(USB_STALL_ARM, USB_STALL_EP0_BOTH);
  usb_set_register(USB_IN_BUFFER(0), BUFFER_STALL);
  usb_set_register(USB_OUT_BUFFER(0), BUFFER_STALL);
}

void controller_withdraw_control(void) {
  (void)drop(USB_IN_BUFFER(0), CONTROL_IN);
  (void)drop(USB_OUT_BUFFER(0), CONTROL_OUT);
}

/* --- bulk --- */

void controller_close_bulk(void) {
  (void)drop(USB_IN_BUFFER(BULK), BULK_IN);
  (void)drop(USB_OUT_BUFFER(BULK), BULK_OUT);
  usb_set_register(USB_IN_CONTROL(USB_NOTIFY_ENDPOINT), 0);
  usb_set_register(USB_IN_CONTROL(BULK), 0);
  usb_set_register(USB_OUT_CONTROL(BULK), 0);
  in_is_data1 = false;
  out_is_data1 = false;
}

void controller_open_bulk(void) {
  controller_close_bulk();
  usb_set_register(USB_IN_CONTROL(USB_NOTIFY_ENDPOINT),
                   ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_INTERRUPT | NOTIFY_BUFFER_AT);
  usb_set_register(USB_IN_CONTROL(BULK), ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | IN_BUFFER_AT(0));
  usb_set_register(USB_OUT_CONTROL(BULK), ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | OUT_BUFFER_AT(0));
}

volatile uint8_t *controller_in_buffer(uint8_t index) { return usb_dpram(IN_BUFFER_AT(index)); }

const volatile uint8_t *controller_out_buffer(uint8_t index) { return usb_dpram(OUT_BUFFER_AT(index)); }

/* The time of a frame is known for a while after its start, also while the processor slept. */
static bool is_safe_time(void) {
  uint32_t since_us = port_micros() - frame_us;
  return has_frame && since_us < FRAME_KNOWN_US && since_us % FRAME_US < LAST_SAFE_US;
}

static void arm_in(uint8_t index, uint32_t count) {
  usb_set_register(USB_IN_CONTROL(BULK), ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | IN_BUFFER_AT(index));
  arm(USB_IN_BUFFER(BULK), count | BUFFER_FULL | (in_is_data1 ? BUFFER_DATA1 : 0));
  in_is_data1 = !in_is_data1;
}

bool controller_arm_in(uint8_t index, uint8_t count) {
  if (!is_safe_time()) return false;
  arm_in(index, count);
  return true;
}

void controller_arm_out(uint8_t index) {
  usb_set_register(USB_OUT_CONTROL(BULK), ENDPOINT_ON | ENDPOINT_INT_1BUF | ENDPOINT_BULK | OUT_BUFFER_AT(index));
  arm(USB_OUT_BUFFER(BULK), USB_PACKET_BYTES | (out_is_data1 ? BUFFER_DATA1 : 0));
  out_is_data1 = !out_is_data1;
}

void controller_withdraw_in(void) {
  if (!drop(USB_IN_BUFFER(BULK), BULK_IN)) in_is_data1 = !in_is_data1;
}

bool controller_reset_in_toggle(void) {
  bool was_armed = (usb_register(USB_IN_BUFFER(BULK)) & BUFFER_AVAILABLE) != 0;
  in_is_data1 = false;
  return was_armed && !withdraw(USB_IN_BUFFER(BULK), BULK_IN);
}

void controller_reset_out_toggle(void) {
  uint32_t value = usb_register(USB_OUT_BUFFER(BULK));
  out_is_data1 = false;
  /* Armed for DATA1 it would acknowledge the host's next packet and drop it. */
  if ((value & BUFFER_AVAILABLE) == 0 || withdraw(USB_OUT_BUFFER(BULK), BULK_OUT)) return;
  arm(USB_OUT_BUFFER(BULK), USB_PACKET_BYTES);
  out_is_data1 = true;
}

void controller_halt_in(bool is_halted) { usb_set_register(USB_IN_BUFFER(BULK), is_halted ? BUFFER_STALL : 0); }

void controller_halt_out(bool is_halted) {
  (void)drop(USB_OUT_BUFFER(BULK), BULK_OUT);
  usb_set_register(USB_OUT_BUFFER(BULK), is_halted ? BUFFER_STALL : 0);
}

/* --- the bus --- */

static void take_setup(struct usb_events *events) {
  uint8_t i;
  do {
    /* Another one may come while this one is copied. */
    clear_bits(USB_SIE_STATUS, USB_SETUP_RECEIVED);
    for (i = 0; i < USB_SETUP_BYTES; i++) events->setup[i] = usb_dpram(USB_SETUP_AT)[i];
  } while (usb_register(USB_SIE_STATUS) & USB_SETUP_RECEIVED);
  events->has_setup = true;
}

void controller_events(struct usb_events *events) {
  /* In this order: what BUFF_STATUS shows now was before this SETUP, or belongs to no packet that is armed. */
  uint32_t status = usb_register(USB_SIE_STATUS);
  uint32_t buffers = usb_register(USB_BUFF_STATUS);
  clear_bits(USB_BUFF_STATUS, buffers);
  events->bus_reset = (status & USB_BUS_RESET) != 0;
  if (events->bus_reset) {
    clear_bits(USB_SIE_STATUS, USB_BUS_RESET);
    /* These were before it. */
    buffers = 0;
    is_suspended = false;
  }
  if (status & USB_SUSPENDED) {
    clear_bits(USB_SIE_STATUS, USB_SUSPENDED);
    is_suspended = true;
  }
  events->control_in = (buffers & CONTROL_IN) != 0;
  events->control_out = (buffers & CONTROL_OUT) != 0;
  events->control_bytes = (uint8_t)(usb_register(USB_OUT_BUFFER(0)) & BUFFER_LENGTH);
  events->bulk_in = (buffers & BULK_IN) != 0;
  events->bulk_out = (buffers & BULK_OUT) != 0;
  events->bulk_bytes = (uint8_t)(usb_register(USB_OUT_BUFFER(BULK)) & BUFFER_LENGTH);
  events->has_setup = false;
  if (status & USB_SETUP_RECEIVED) take_setup(events);
}

bool controller_is_due(void) {
  return (usb_register(USB_SIE_STATUS) & (USB_BUS_RESET | USB_SETUP_RECEIVED | USB_SUSPENDED)) != 0 ||
         usb_register(USB_BUFF_STATUS) != 0;
}

bool controller_is_suspended(void) { return is_suspended; }

/* The rest is done by the loop; only the time of a frame must not wait for it. */
void usb_interrupt(void) {
  if ((usb_register(USB_INTS) & USB_INT_SOF) == 0) return;
  /* Reading it ends the interrupt (4.1.4, SOF_RD). */
  (void)usb_register(USB_SOF_RD);
  frame_us = port_micros();
  has_frame = true;
  is_suspended = false;
}

void controller_wakes(bool wakes) {
  /* A frame that started meanwhile must not be taken for one that starts now. */
  if (!wakes) (void)usb_register(USB_SOF_RD);
  usb_set_register(USB_INTE, wakes ? ALL_STEADY_EVENTS : USB_INT_SOF);
}

void controller_set_address(uint8_t address) { usb_set_register(USB_ADDR, address); }

void controller_begin(void) {
  uint32_t at;
  for (at = 0; at < USB_EP0_BUFFER_AT; at += 4) usb_set_register(USB_DPRAM + at, 0);
  usb_set_register(USB_MUXING, USB_MUX_TO_PHY | USB_MUX_SOFTCON);
  /* The board has no pin for VBUS: it is there as long as the board has power. */
  usb_set_register(USB_PWR, USB_VBUS_DETECT | USB_VBUS_DETECT_OVERRIDE);
  usb_set_register(USB_MAIN_CTRL, USB_CONTROLLER_ON);
  usb_set_register(USB_SIE_CTRL, USB_EP0_INT_1BUF);
  controller_wakes(false);
  set_bits(USB_SIE_CTRL, USB_PULL_UP);
}
