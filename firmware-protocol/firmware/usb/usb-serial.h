/* The data of the serial port: bytes in packets of up to 64, two buffers each way. Knows no register. */
#ifndef NORBRIDGE_USB_SERIAL_H
#define NORBRIDGE_USB_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/* The endpoints respond from now on, or do not. What was under way is discarded. */
void serial_open(void);
void serial_close(void);
/* Bytes of a host that has closed the port: neither they nor those for it are for the next one. */
void serial_discard(void);
/* SET_FEATURE and CLEAR_FEATURE of ENDPOINT_HALT; the latter resets the data toggle also where nothing was halted. */
void serial_halt_in(bool is_halted);
void serial_halt_out(bool is_halted);
bool serial_in_is_halted(void);
bool serial_out_is_halted(void);

void serial_bulk_in(void);
void serial_bulk_out(uint8_t count);
/* Sends what has gathered. */
void serial_work(void);

bool serial_is_empty(void);
uint16_t serial_read(uint8_t *into, uint16_t most);
uint16_t serial_write(const uint8_t *from, uint16_t count);
bool serial_has_sent(void);
/* A packet is ready, and the controller has none. */
bool serial_wants_to_send(void);

#endif
