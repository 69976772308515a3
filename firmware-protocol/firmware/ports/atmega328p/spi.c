/* SPI0 on PB2 (D10, chip select), PB3 (D11, MOSI), PB4 (D12, MISO), PB5 (D13, SCK); WP# on PB0 (D8), HOLD# on PB1 (D9). */
#include <avr/io.h>

#include "port.h"

#define CHIP_SELECT _BV(PB2)
#define WRITE_PROTECT _BV(PB0)
#define HOLD _BV(PB1)
#define DRIVEN (CHIP_SELECT | WRITE_PROTECT | HOLD | _BV(PB3) | _BV(PB5))
#define PIN_WRITE_PROTECT 2
#define PIN_HOLD 4
#define FASTEST_SHIFT 1
/* 500 kHz: slower, and a slice of SPI would last longer than the UART's ring. */
#define SLOWEST_SHIFT 5
#define SHIFT_OF_2_MHZ 3
#define SPI_ON (_BV(SPE) | _BV(MSTR))

/* Clock as a power of two below F_CPU. */
static uint8_t shift = FASTEST_SHIFT;

static void set_shift(void) {
  /* Table 18-5 of the datasheet: /2, /8, /32 with SPI2X, /4, /16 without. */
  bool is_double = (shift & 1) != 0;
  uint8_t rate = (uint8_t)((shift - 1) / 2);
  SPSR = is_double ? _BV(SPI2X) : 0;
  SPCR = (uint8_t)((SPCR & (uint8_t)~3u) | rate);
}

uint32_t port_spi_clock(uint32_t wish_hz) {
  shift = FASTEST_SHIFT;
  while (shift < SLOWEST_SHIFT && (F_CPU >> shift) > wish_hz) shift++;
  set_shift();
  return F_CPU >> shift;
}

void port_drive(bool is_driven) {
  if (is_driven) {
    /* Chip select is high before it is an output, and an output before SPI is on: as an input it would end master mode. */
    PORTB |= CHIP_SELECT | WRITE_PROTECT | HOLD;
    DDRB |= DRIVEN;
    SPCR = SPI_ON;
    set_shift();
  } else {
    SPCR = 0;
    PORTB &= (uint8_t) ~(_BV(PB3) | _BV(PB5));
    DDRB &= (uint8_t)~DRIVEN;
    /* The pull-ups keep the chip unselected and unprotected on a board that has none of its own. */
    PORTB |= CHIP_SELECT | WRITE_PROTECT | HOLD;
  }
}

/* 64 bytes at 2 MHz last as long as 26 do on the line at its fastest. */
uint16_t port_spi_slice(void) { return shift <= SHIFT_OF_2_MHZ ? 2 * BOARD_SLICE_BYTES : BOARD_SLICE_BYTES; }

bool port_chip_select(uint8_t index) { return index == 0; }

bool port_set_pins(uint8_t mask, uint8_t level) {
  if ((mask & (uint8_t) ~(PIN_WRITE_PROTECT | PIN_HOLD)) != 0) return false;
  if (mask & PIN_WRITE_PROTECT) PORTB = (level & PIN_WRITE_PROTECT) ? PORTB | WRITE_PROTECT : PORTB & ~WRITE_PROTECT;
  if (mask & PIN_HOLD) PORTB = (level & PIN_HOLD) ? PORTB | HOLD : PORTB & ~HOLD;
  return true;
}

void port_spi_select(void) { PORTB &= (uint8_t)~CHIP_SELECT; }

void port_spi_deselect(void) { PORTB |= CHIP_SELECT; }

static inline void wait_for_byte(void) {
  while ((SPSR & _BV(SPIF)) == 0) {
  }
}

void port_spi_send(const uint8_t *from, uint16_t count) {
  uint8_t next;
  if (count == 0) return;
  next = *from++;
  while (--count > 0) {
    SPDR = next;
    /* Fetched while this one is under way: it must not be done between two of them. */
    next = *from++;
    wait_for_byte();
  }
  SPDR = next;
  wait_for_byte();
}

void port_spi_receive(uint8_t *into, uint16_t count) {
  if (count == 0) return;
  SPDR = 0xff;
  while (--count > 0) {
    uint8_t byte;
    wait_for_byte();
    byte = SPDR;
    /* The next byte is under way while this one is stored. */
    SPDR = 0xff;
    *into++ = byte;
  }
  wait_for_byte();
  *into = SPDR;
}
