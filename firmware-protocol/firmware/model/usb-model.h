/* The RP2040's USB controller and the bus, for native tests of ports/rp2040/usb-controller.c and usb/: as strict as the
 * datasheet (4.1) and its errata. Knows data toggles, who owns a buffer, frames, the order of a SETUP and of what was
 * before it. What the firmware does against the rules is counted and printed. */
#ifndef NORBRIDGE_USB_MODEL_H
#define NORBRIDGE_USB_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* What a token gets besides a number of bytes. NONE: the device does not respond at all. */
enum { MODEL_NAK = -1, MODEL_STALL = -2, MODEL_NONE = -3 };

/* Without power before, on a bus where nothing happens yet. */
void model_begin(uint8_t chip_revision);
uint32_t model_violations(void);
/* Violations are printed; off in the fuzzer. */
void model_be_quiet(void);

uint32_t model_time_us(void);
/* Time goes on; frames start while the bus is awake. */
void model_pass(uint32_t us);
void model_bus_reset(void);
void model_suspend(bool is_suspended);

/* To this address; the device responds to its own alone. */
void model_host_address(uint8_t address);
/* A SETUP and its eight bytes: ACK (0) or NONE. */
int model_setup(const uint8_t *setup);
/* A packet from the device; ACK is sent back. */
int model_in(uint8_t endpoint, uint8_t *packet, bool *is_data1);
/* A packet to the device: its length if it was acknowledged. */
int model_out(uint8_t endpoint, const uint8_t *packet, uint8_t count, bool is_data1);
/* Packets that the device acknowledged and threw away, because their toggle was the last one's. */
uint32_t model_repeats(void);

#endif
