/* Control transfers: requests of USB 2.0 chapter 9 and of a serial port (CDC PSTN 1.2, 6.3). Knows no register. */
#ifndef NORBRIDGE_USB_REQUESTS_H
#define NORBRIDGE_USB_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

void requests_begin(void);
/* The host has reset the bus: address 0, not configured. */
void requests_reset(void);
void requests_setup(const uint8_t *setup);
void requests_control_in(void);
void requests_control_out(uint8_t count);
/* The host has chosen a configuration. */
bool requests_is_configured(void);
/* DTR: the host has opened the port. */
bool requests_is_open(void);
/* The port was closed at 1200 baud: the host asks for the boot loader. Its request has been acknowledged. */
bool requests_wants_boot_loader(void);

#endif
