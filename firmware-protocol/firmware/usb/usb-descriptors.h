/* What the board reports of itself on USB: a CDC serial port (USB 2.0 chapter 9, CDC 1.2, PSTN 1.2). */
#ifndef NORBRIDGE_USB_DESCRIPTORS_H
#define NORBRIDGE_USB_DESCRIPTORS_H

#include <stdint.h>

#define USB_NOTIFY_ENDPOINT 1u
#define USB_DATA_ENDPOINT 2u
#define USB_PACKET_BYTES 64u

/* The descriptor a host asks for by type and index, and its length; null: there is none. Strings are made on demand and
 * good until the next call. */
const uint8_t *usb_descriptor(uint8_t type, uint8_t index, uint16_t *length);

#endif
