/* A host on the modelled bus: control transfers in their stages, bulk packets with its own data toggles. The firmware's
 * loop runs between two tokens, or later where a test says so. */
#ifndef NORBRIDGE_USB_HOST_H
#define NORBRIDGE_USB_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "usb-model.h"

/* A device that was plugged in, and a host that knows nothing of it. */
void host_begin(uint8_t chip_revision);
/* The bus is reset, the host's memory with it. */
void host_reset(void);
/* The firmware's loop. */
void host_work(void);

#define HOST_SETUP(type, request, value, index, length)                                                      \
  (const uint8_t[8]) {                                                                                       \
    (type), (request), (uint8_t)(value), (uint8_t)((value) >> 8), (uint8_t)(index), (uint8_t)((index) >> 8), \
        (uint8_t)(length), (uint8_t)((length) >> 8)                                                          \
  }

/* A whole transfer: bytes that came (up to wLength), 0 for one without data, or a MODEL_ number. `into` 0: not wanted. */
int host_control(const uint8_t *setup, uint8_t *into);
/* One with data to the device. */
int host_control_out(const uint8_t *setup, const uint8_t *data, uint8_t count);
/* A bulk packet; the loop does not run. A packet with the last one's toggle is dropped, as hosts do: MODEL_NAK. */
int host_in(uint8_t *packet);
int host_out(const uint8_t *packet, uint8_t count);
/* The host counts from DATA0 again. */
void host_reset_toggles(void);
void host_reset_in_toggle(void);
void host_reset_out_toggle(void);
/* What a transfer did against USB 2.0, counted. */
uint32_t host_complaints(void);
/* Up to a program that has the port open. */
void host_enumerate(void);

#endif
