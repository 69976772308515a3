/* What usb.c, usb-requests.c and usb-serial.c require of a USB device controller at full speed: endpoint 0 for control
 * transfers, and one bulk endpoint each way with two buffers. Words are those of USB 2.0; "armed" is a buffer that the
 * controller may send or fill. Each port with USB implements this in usb-controller.c. Data toggles are kept there. */
#ifndef NORBRIDGE_USB_CONTROLLER_H
#define NORBRIDGE_USB_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

#define USB_PACKET_BYTES 64u
#define USB_SETUP_BYTES 8u
#define USB_BUFFERS 2u

/* What has happened since the last call, in the order in which it is to be served. */
struct usb_events {
  bool bus_reset;
  /* Endpoint 0: the host has taken a packet, has sent one of `control_bytes`. */
  bool control_in;
  bool control_out;
  uint8_t control_bytes;
  /* Bulk endpoint: the host has taken a packet, has sent one of `bulk_bytes`. */
  bool bulk_in;
  bool bulk_out;
  uint8_t bulk_bytes;
  /* A SETUP came, after the events above: `setup` has its bytes. */
  bool has_setup;
  uint8_t setup[USB_SETUP_BYTES];
};

/* Connects to the bus. */
void controller_begin(void);
void controller_events(struct usb_events *events);
/* Whether controller_events() has something to report. */
bool controller_is_due(void);
/* No traffic on the bus for 3 ms (USB 2.0, 7.1.7.6), and none since. */
bool controller_is_suspended(void);
/* With interrupts off: from now on every event wakes the processor, or none does again. */
void controller_wakes(bool wakes);
void controller_set_address(uint8_t address);

void controller_arm_control_in(const uint8_t *bytes, uint8_t count, bool is_data1);
/* For a packet of DATA1; its bytes are then at controller_control_bytes(). */
void controller_arm_control_out(void);
const volatile uint8_t *controller_control_bytes(void);
/* Both directions, until the next SETUP. */
void controller_stall_control(void);
/* Nothing is armed on endpoint 0 afterwards. */
void controller_withdraw_control(void);

/* The bulk and the notification endpoint respond, or do not; nothing is armed, toggles are DATA0. */
void controller_open_bulk(void);
void controller_close_bulk(void);
volatile uint8_t *controller_in_buffer(uint8_t index);
const volatile uint8_t *controller_out_buffer(uint8_t index);
/* False: not at this moment, it is to be tried again. */
bool controller_arm_in(uint8_t index, uint8_t count);
void controller_arm_out(uint8_t index);
/* Takes an armed packet back; one that the host has taken is gone, and no event of it follows. */
void controller_withdraw_in(void);
/* The next packet is DATA0. An armed IN packet is taken back: true, if the host has not taken it before. An armed OUT buffer
 * stays armed, for DATA0. */
bool controller_reset_in_toggle(void);
void controller_reset_out_toggle(void);
/* STALL instead of data, as long as the endpoint is halted. */
void controller_halt_in(bool is_halted);
void controller_halt_out(bool is_halted);

#endif
