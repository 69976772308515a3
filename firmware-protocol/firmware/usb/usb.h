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
/* Since the last call the host has closed the port, the bus was reset, or it has been suspended for 100 ms. */
bool usb_has_hung_up(void);
/* The host has asked for the boot loader. */
bool usb_wants_boot_loader(void);
bool usb_is_empty(void);
uint16_t usb_read(uint8_t *into, uint16_t most);
uint16_t usb_write(const uint8_t *from, uint16_t count);
/* All that was written is with the host. */
bool usb_has_sent(void);
/* Whether there is something to do before the next event, also what usb_has_hung_up() and usb_wants_boot_loader() report. */
bool usb_is_due(void);

#endif
