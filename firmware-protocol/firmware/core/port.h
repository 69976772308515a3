/* What a board gives to the core: bytes in, bytes out, SPI, a clock of microseconds, pins. Each board implements these
 * in ports/<board>/ and states its sizes in board.h beside them, which limits.h checks:
 *
 *   BOARD_NAME, BOARD_FEATURES            as WELCOME has them (PROTOCOL.md sections 3 and 8)
 *   BOARD_SERIAL_BYTES 0..32              longest serial number
 *   BOARD_STEP_BUFFER_BYTES               256 or more; also what serprog may have under way
 *   BOARD_RESULT_BUFFER_BYTES             128..32704
 *   BOARD_MAX_FRAME_UNITS                 16..92
 *   BOARD_MAX_SEND_BYTES                  fits the step buffer with 12 bytes to spare
 *   BOARD_MAX_RECEIVE_BYTES               at most 2^28, the longest run
 *   BOARD_SPI_MIN_HZ, BOARD_SPI_MAX_HZ
 *   BOARD_SLOTS 1..8, BOARD_SLOT_BYTES 16..255
 *   BOARD_STRETCHES 1..16                 stretches of steps kept ahead of their turn
 *   BOARD_PIECES 2..255                   pieces of results under way
 *   BOARD_SLICE_BYTES 16..256             SPI bytes between two looks at the line
 *   BOARD_TURN_US 1..1000                 steps continue for so long before the line is looked at
 *   BOARD_READ_BYTES 1..64                a frame is taken in pieces of this many bytes
 *   ring_at_t                             an unsigned type that holds either buffer's size
 *   BOARD_RODATA, BOARD_READ_U32(at)      where tables live and how they are read
 *
 * SPI is half duplex here: what comes back while bytes are sent is of no use to any flash chip, and some controllers
 * (Aspeed's) drop it. No function may block for longer than its SPI bytes take. */
#ifndef NORBRIDGE_PORT_H
#define NORBRIDGE_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "limits.h"
#include "restart.h"

/* Takes up to `most` received bytes; returns how many there were. */
uint16_t port_read(uint8_t *into, uint16_t most);
/* How many there are, at least: 1 will do where BOARD_READ_BYTES is 1. */
uint16_t port_waiting(void);
/* Hands over up to `count` bytes to be sent; returns how many there was room for. */
uint16_t port_write(const uint8_t *from, uint16_t count);
/* The last bit of all that was written has left. */
bool port_has_sent(void);

/* Microseconds since some time, wrapping at 2^32. */
uint32_t port_micros(void);

/* Chip select low, high; of the chip that port_chip_select() chose. */
void port_spi_select(void);
void port_spi_deselect(void);
/* Most bytes that port_spi_send() is given at a time at the clock that is set: the line is not looked at meanwhile. */
uint16_t port_spi_slice(void);
void port_spi_send(const uint8_t *from, uint16_t count);
/* Sends FFh and keeps what comes back. */
void port_spi_receive(uint8_t *into, uint16_t count);
/* Sets the fastest clock not above the requested one, or the slowest; returns it in Hz. */
uint32_t port_spi_clock(uint32_t wish_hz);
/* Chip select `index` from now on; false: there is none. */
bool port_chip_select(uint8_t index);
/* Pins of PROTOCOL.md section 5 to these levels; false: the board lacks one of the mask. */
bool port_set_pins(uint8_t mask, uint8_t level);
/* True: drives the SPI pins, others inactive. False: releases all of them, so that the target's own master can use its
 * flash. Chip select is high when it is called. */
void port_drive(bool is_driven);

/* Line rate now and at most, baud; 0: the link has none. */
uint32_t port_baud(void);
uint32_t port_max_baud(void);
/* The rate that a requested one would give, at or below it and at least 9600; 0: none that the other end would
 * understand. */
uint32_t port_possible_baud(uint32_t wish);
void port_set_baud(uint32_t baud);

/* Another one after every restart. */
uint32_t port_boot_number(void);
/* Why the board has started. */
enum restart port_restart_reason(void);
/* Writes up to BOARD_SERIAL_BYTES printable ASCII characters, unique to the board; returns how many. 0: the board has no
 * number of its own. */
uint8_t port_serial_number(uint8_t *into);

#endif
