/* The clock, the numbers that tell boards and restarts apart, and the loop. */
#include <avr/boot.h>
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>
#include <stdbool.h>

#include "board.h"
#include "bridge.h"
#include "port.h"
#include "uart.h"

/* A cell of EEPROM bears 100,000 writes, so restarts take turns. The last of it: other programs start at its beginning. */
#define BOOT_CELLS 16
#define BOOT_CELLS_AT (E2END + 1 - BOOT_CELLS * sizeof(uint32_t))
/* Above are erased cells, and bytes of other programs. */
#define MOST_BOOTS 0x7ffffffful
/* Lot, wafer and place on it: rows of the signature that the datasheet of the ATmega328PB names and the 328P has as well. */
#define SIGNATURE_FIRST 0x0e
#define SIGNATURE_BYTES (BOARD_SERIAL_BYTES / 2)

/* Timer 1 counts half microseconds, and goes round after this many whole ones. */
#define ROUND_US 32768u

static volatile uint32_t rounds_us;
static uint32_t boot_number;

ISR(TIMER1_OVF_vect) { rounds_us += ROUND_US; }

uint32_t port_micros(void) {
  uint16_t ticks;
  uint32_t micros;
  cli();
  ticks = TCNT1;
  micros = rounds_us;
  /* It went round after interrupts were off. */
  if ((TIFR1 & _BV(TOV1)) != 0 && ticks < 0x8000) micros += ROUND_US;
  sei();
  return micros + (ticks >> 1);
}

uint32_t port_boot_number(void) { return boot_number; }

enum restart port_restart_reason(void) { return RESTART_NONE; }

static uint32_t *boot_cell(uint8_t index) { return (uint32_t *)(uintptr_t)(BOOT_CELLS_AT + index * sizeof(uint32_t)); }

static void count_boot(void) {
  uint8_t i, newest = 0;
  for (i = 0; i < BOOT_CELLS; i++) {
    uint32_t count = eeprom_read_dword(boot_cell(i));
    if (count > MOST_BOOTS || count < boot_number) continue;
    boot_number = count;
    newest = i;
  }
  boot_number++;
  eeprom_write_dword(boot_cell((uint8_t)(newest + 1) % BOOT_CELLS), boot_number);
}

static uint8_t hex_digit(uint8_t nibble) { return (uint8_t)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10); }

uint8_t port_serial_number(uint8_t *into) {
  uint8_t i, first = 0, second = 0;
  bool is_number = false;
  for (i = 0; i < SIGNATURE_BYTES; i++) {
    uint8_t byte;
    /* The row is read within three clocks of asking for it. */
    cli();
    byte = boot_signature_byte_get(SIGNATURE_FIRST + i);
    sei();
    /* Chips that Microchip did not make give the same pair of bytes again and again, on every board. */
    if (i >= 2 && byte != first) is_number = true;
    first = second;
    second = byte;
    *into++ = hex_digit(byte >> 4);
    *into++ = hex_digit(byte & 15);
  }
  return is_number ? BOARD_SERIAL_BYTES : 0;
}

int main(void) {
  /* A bootloader may leave its watchdog on, and its timer as it likes. */
  MCUSR = 0;
  wdt_disable();
  TCCR1A = 0;
  TCCR1B = _BV(CS11);
  TIMSK1 = _BV(TOIE1);
  port_drive(false);
  count_boot();
  uart_begin();
  sei();
  bridge_begin();
  set_sleep_mode(SLEEP_MODE_IDLE);
  for (;;) {
    if (bridge_work()) continue;
    /* A byte that comes between the question and the sleep wakes it: SEI lets one more instruction through. */
    cli();
    if (uart_is_empty()) {
      sleep_enable();
      sei();
      sleep_cpu();
      sleep_disable();
    }
    sei();
  }
}
