#include "usb-model.h"

#include <stdio.h>
#include <string.h>

#include "chip.h"
#include "port.h"
#include "usb-registers.h"

#define REGISTERS 0x50110000u
#define REGISTER_BYTES 0x100u
#define ENDPOINTS 16u
#define PACKET_BYTES 64u
#define FRAME_US 1000u
#define E15_FROM_US 800u
#define E15_TO_US 998u
#define SUSPENDS_AFTER_US 3000u
#define AT(address) registers[((address)-REGISTERS) / 4]

void usb_interrupt(void);

static uint8_t dpram[USB_DPRAM_BYTES];
static uint32_t registers[REGISTER_BYTES / 4];
static uint32_t sof_is_raised;
static uint8_t revision;
static uint8_t host_address;
static bool is_bus_suspended;
static uint32_t quiet_us;
static uint32_t now_us;
static uint32_t violations;
static uint32_t repeats;
static bool is_quiet;

static void violation(const char *rule, uint32_t value) {
  violations++;
  if (!is_quiet) fprintf(stderr, "  rule: %s (%08x)\n", rule, (unsigned)value);
}

/* --- registers, as the firmware sees them --- */

static uint32_t *word(uint32_t address) {
  static uint32_t copy;
  if (address >= REGISTERS) return &AT(address);
  memcpy(&copy, dpram + (address - USB_DPRAM), 4);
  return &copy;
}

static uint32_t dpram_word(uint32_t address) { return *word(address); }

static void set_dpram_word(uint32_t address, uint32_t value) { memcpy(dpram + (address - USB_DPRAM), &value, 4); }

volatile uint8_t *usb_dpram(uint32_t at) { return dpram + at; }

uint32_t usb_register(uint32_t address) {
  if (address < REGISTERS) return dpram_word(address);
  if (address == USB_INTS) return AT(USB_INTE) & sof_is_raised;
  if (address == USB_SOF_RD) sof_is_raised = 0;
  return AT(address);
}

static void check_arming(uint32_t number, bool is_out, uint32_t value, uint32_t old) {
  uint32_t control = dpram_word(is_out ? USB_OUT_CONTROL(number) : USB_IN_CONTROL(number));
  uint32_t at = control & 0xffffu;
  uint32_t phase_us = now_us % FRAME_US;
  if ((value & ~BUFFER_AVAILABLE) != old) violation("4.1.2.5.1: AVAILABLE is set by a write of its own", value);
  if ((value & BUFFER_LENGTH) > PACKET_BYTES) violation("a packet has at most 64 bytes", value);
  if (((value & BUFFER_FULL) != 0) == is_out) violation("FULL: set for IN, clear for OUT", value);
  if (AT(USB_BUFF_STATUS) & (is_out ? USB_OUT_BIT(number) : USB_IN_BIT(number))) {
    violation("armed again before its BUFF_STATUS was cleared", value);
  }
  if (number == 0) return;
  if ((control & ENDPOINT_ON) == 0) violation("armed on an endpoint that is off", control);
  if (at % PACKET_BYTES != 0 || at < USB_FREE_AT || at > USB_DPRAM_BYTES - PACKET_BYTES) {
    violation("4.1.2.5.2: a buffer lies at a multiple of 64 bytes from 180h", at);
  }
  if (!is_out && phase_us >= E15_FROM_US && phase_us <= E15_TO_US) violation("RP2040-E15", phase_us);
}

static void write_dpram(uint32_t address, uint32_t value) {
  uint32_t old = dpram_word(address);
  uint32_t number = (address - USB_IN_BUFFER(0)) / 8;
  bool is_out = (address & 4) != 0;
  uint32_t bit;
  set_dpram_word(address, value);
  if (address < USB_IN_BUFFER(0) || number >= ENDPOINTS) return;
  bit = is_out ? USB_OUT_BIT(number) : USB_IN_BIT(number);
  if ((AT(USB_MAIN_CTRL) & USB_CONTROLLER_ON) == 0) return;
  if ((old & BUFFER_AVAILABLE) != 0 && value != old) {
    bool is_aborted = (AT(USB_EP_ABORT) & AT(USB_EP_ABORT_DONE) & bit) != 0;
    if (revision >= 2 && !is_aborted) violation("the controller owns an armed buffer until it is aborted", value);
  }
  if ((value & BUFFER_AVAILABLE) != 0 && (old & BUFFER_AVAILABLE) == 0) check_arming(number, is_out, value, old);
}

static void write_register(uint32_t address, uint32_t value) {
  /* The bits of these are cleared by a one, of BUFF_STATUS and the others by the alias as well. */
  bool clears = address == USB_SIE_STATUS || address == USB_BUFF_STATUS || address == USB_EP_ABORT_DONE;
  AT(address) = clears ? AT(address) & ~value : value;
  if (address == USB_INTE && (value & sof_is_raised) != 0) usb_interrupt();
  if (address == USB_EP_ABORT) {
    if (value != 0 && revision < 2) violation("RP2040-E2: EP_ABORT does not work before B2", value);
    AT(USB_EP_ABORT_DONE) |= value;
  }
}

void usb_set_register(uint32_t address, uint32_t value) {
  uint32_t alias = address & 0x3000u;
  uint32_t plain = address & ~0x3000u;
  if (address < REGISTERS) {
    write_dpram(address, value);
    return;
  }
  /* Through the alias a one clears; what is cleared by writing ones is cleared by it too (4.1.4, write-clear). */
  if (alias == USB_CLEAR_ALIAS) {
    AT(plain) &= ~value;
  } else {
    write_register(plain, alias == USB_SET_ALIAS ? AT(plain) | value : value);
  }
}

bool chip_can_abort(void) { return revision >= 2; }

uint32_t port_micros(void) { return now_us; }

uint8_t port_serial_number(uint8_t *into) {
  memcpy(into, "E6614C311B7F2A09", 16);
  return 16;
}

/* --- the bus, as the host sees it --- */

void model_begin(uint8_t chip_revision) {
  memset(dpram, 0xa5, sizeof dpram);
  memset(registers, 0, sizeof registers);
  revision = chip_revision;
  sof_is_raised = 0;
  host_address = 0;
  is_bus_suspended = false;
  quiet_us = 0;
  violations = 0;
  repeats = 0;
}

uint32_t model_violations(void) { return violations; }

uint32_t model_repeats(void) { return repeats; }

void model_be_quiet(void) { is_quiet = true; }

uint32_t model_time_us(void) { return now_us; }

static void start_frame(void) {
  quiet_us = 0;
  sof_is_raised = USB_INT_SOF;
  if (AT(USB_INTE) & USB_INT_SOF) usb_interrupt();
}

void model_pass(uint32_t us) {
  while (us > 0) {
    uint32_t until_frame_us = FRAME_US - now_us % FRAME_US;
    uint32_t step = us < until_frame_us ? us : until_frame_us;
    now_us += step;
    us -= step;
    if (is_bus_suspended) {
      if (quiet_us < SUSPENDS_AFTER_US && quiet_us + step >= SUSPENDS_AFTER_US) AT(USB_SIE_STATUS) |= USB_SUSPENDED;
      quiet_us += step;
    } else if (now_us % FRAME_US == 0) {
      start_frame();
    }
  }
}

void model_suspend(bool is_suspended) { is_bus_suspended = is_suspended; }

void model_bus_reset(void) {
  is_bus_suspended = false;
  host_address = 0;
  AT(USB_SIE_STATUS) |= USB_BUS_RESET;
}

void model_host_address(uint8_t address) { host_address = address; }

static bool is_addressed(void) {
  bool is_connected = (AT(USB_SIE_CTRL) & USB_PULL_UP) != 0 && (AT(USB_MAIN_CTRL) & USB_CONTROLLER_ON) != 0;
  return is_connected && !is_bus_suspended && AT(USB_ADDR) == host_address;
}

int model_setup(const uint8_t *setup) {
  if (!is_addressed()) return MODEL_NONE;
  memcpy(dpram + USB_SETUP_AT, setup, 8);
  AT(USB_STALL_ARM) = 0;
  AT(USB_SIE_STATUS) |= USB_SETUP_RECEIVED;
  return 0;
}

/* What a token meets on this buffer: 0 if it is armed. */
static int state_of(uint32_t number, bool is_out) {
  uint32_t value = dpram_word(is_out ? USB_OUT_BUFFER(number) : USB_IN_BUFFER(number));
  uint32_t control = dpram_word(is_out ? USB_OUT_CONTROL(number) : USB_IN_CONTROL(number));
  if (!is_addressed() || (number != 0 && (control & ENDPOINT_ON) == 0)) return MODEL_NONE;
  if ((value & BUFFER_STALL) && (number != 0 || (AT(USB_STALL_ARM) & (is_out ? 2u : 1u)))) return MODEL_STALL;
  return (value & BUFFER_AVAILABLE) ? 0 : MODEL_NAK;
}

static uint8_t *buffer_of(uint32_t number, bool is_out) {
  uint32_t control = dpram_word(is_out ? USB_OUT_CONTROL(number) : USB_IN_CONTROL(number));
  return dpram + (number == 0 ? USB_EP0_BUFFER_AT : control & (USB_DPRAM_BYTES - PACKET_BYTES));
}

int model_in(uint8_t endpoint, uint8_t *packet, bool *is_data1) {
  int state = state_of(endpoint, false);
  uint32_t value = dpram_word(USB_IN_BUFFER(endpoint));
  int count = (int)(value & BUFFER_LENGTH);
  if (state != 0) return state;
  memcpy(packet, buffer_of(endpoint, false), (size_t)count);
  *is_data1 = (value & BUFFER_DATA1) != 0;
  set_dpram_word(USB_IN_BUFFER(endpoint), value & ~(BUFFER_AVAILABLE | BUFFER_FULL));
  AT(USB_BUFF_STATUS) |= USB_IN_BIT(endpoint);
  return count;
}

int model_out(uint8_t endpoint, const uint8_t *packet, uint8_t count, bool is_data1) {
  int state = state_of(endpoint, true);
  uint32_t value = dpram_word(USB_OUT_BUFFER(endpoint));
  if (state != 0) return state;
  if (is_data1 != ((value & BUFFER_DATA1) != 0)) {
    repeats++;
    return count;
  }
  memcpy(buffer_of(endpoint, true), packet, count);
  set_dpram_word(USB_OUT_BUFFER(endpoint), (value & ~(BUFFER_AVAILABLE | BUFFER_LENGTH)) | BUFFER_FULL | count);
  AT(USB_BUFF_STATUS) |= USB_OUT_BIT(endpoint);
  return count;
}
