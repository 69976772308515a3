/* The USB device: a serial port without a line rate. Polled: usb_work() does what is due. */
#ifndef NORBRIDGE_USB_H
#define NORBRIDGE_USB_H

#include <stdbool.h>
#include <stdint.h>

void usb_begin(void);
/* Answers the host's control requests, moves packets. */
void usb_work(void);
/* The host has opened the port (DTR). */
bool usb_is_open(void);
/* The host has closed the port, or the bus was reset, since the last call. */
bool usb_has_hung_up(void);
bool usb_is_empty(void);
uint16_t usb_read(uint8_t *into, uint16_t most);
uint16_t usb_write(const uint8_t *from, uint16_t count);
/* All that was written is with the host. */
bool usb_has_sent(void);
/* Whether something waits for usb_work(); asked with interrupts off before the processor sleeps. */
bool usb_is_due(void);

#endif
