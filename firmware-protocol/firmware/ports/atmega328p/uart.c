#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "bytes.h"
#include "port.h"
#include "summed-read.h"

/* Eight clocks a bit: U2X. */
#define CLOCKS_PER_BIT 8
#define BASE_BAUD (F_CPU / CLOCKS_PER_BIT)
#define FIRST_BAUD 115200ul
#define MAX_BAUD 1000000ul
#define LEAST_BAUD 9600ul
/* 2 % */
#define TOLERATED_PART 50

/* Powers of two, at the very beginning of RAM: there an index is the low bits of its address. The linker is set to put
 * nothing else there (-Tdata in the Makefile). */
#define RECEIVED_AT 0x100
#define RECEIVED_BYTES 128
#define TO_SEND_AT 0x180
#define TO_SEND_BYTES 32
#define received ((volatile uint8_t *)RECEIVED_AT)
#define to_send ((volatile uint8_t *)TO_SEND_AT)

/* The indices that interrupts move live in the three spare I/O registers, where a look at them costs one clock. */
#define received_head GPIOR0
#define received_tail GPIOR1
#define to_send_tail GPIOR2

volatile uint8_t to_send_head __attribute__((used));
static uint32_t baud;
/* In crc.S: copies bytes and adds them to a CRC, 27 clocks each; `count` is not 0. */
uint32_t crc_add_copied(uint32_t crc, const uint8_t *from, uint8_t *into, uint8_t count);
/* Since when the last byte is on its way. */
static uint32_t empty_since_us;
static bool is_empty;

/* At 1 Mbaud a byte comes every 160 clocks, whatever else is done. The compiler's version of these two takes 72 and 75, these
 * 26 and 29, entry and return included; that is the difference between keeping up and not. Registers 2 to 5 are theirs alone:
 * the compiler is set not to use them (-ffixed-r2 and so on in the Makefile), so nothing has to be saved in RAM.
 *
 *   received[received_head] = UDR0
 *   if ((received_head + 1) % RECEIVED_BYTES != received_tail) received_head = (received_head + 1) % RECEIVED_BYTES
 *
 * The byte at the head is free even in a full ring. What does not fit is lost; its frame comes again. */
ISR(USART_RX_vect, ISR_NAKED) {
  __asm volatile(
      "in r2, %[sreg] \n\t"
      "movw r4, r30 \n\t"
      "lds r3, %[udr] \n\t"
      "in r30, %[head] \n\t"
      "ldi r31, hi8(%[ring]) \n\t"
      "st Z, r3 \n\t"
      "inc r30 \n\t"
      "andi r30, %[mask] \n\t"
      "in r31, %[tail] \n\t"
      "cpse r30, r31 \n\t"
      "out %[head], r30 \n\t"
      "movw r30, r4 \n\t"
      "out %[sreg], r2 \n\t"
      "reti \n\t" ::[sreg] "I"(_SFR_IO_ADDR(SREG)),
      [udr] "n"(_SFR_MEM_ADDR(UDR0)), [head] "I"(_SFR_IO_ADDR(received_head)), [tail] "I"(_SFR_IO_ADDR(received_tail)),
      [mask] "M"(RECEIVED_BYTES - 1), [ring] "n"(RECEIVED_AT));
}

/* On only while there is a byte:
 *
 *   UDR0 = to_send[to_send_tail], to_send_tail = (to_send_tail + 1) % TO_SEND_BYTES
 *   if (to_send_tail == to_send_head) off */
ISR(USART_UDRE_vect, ISR_NAKED) {
  __asm volatile(
      "in r2, %[sreg] \n\t"
      "movw r4, r30 \n\t"
      "in r30, %[tail] \n\t"
      "ori r30, lo8(%[ring]) \n\t"
      "ldi r31, hi8(%[ring]) \n\t"
      "ld r3, Z \n\t"
      "sts %[udr], r3 \n\t"
      "inc r30 \n\t"
      "andi r30, %[mask] \n\t"
      "out %[tail], r30 \n\t"
      "lds r31, to_send_head \n\t"
      "cpse r30, r31 \n\t"
      "rjmp 1f \n\t"
      "lds r31, %[control] \n\t"
      "andi r31, %[off] \n\t"
      "sts %[control], r31 \n"
      "1: movw r30, r4 \n\t"
      "out %[sreg], r2 \n\t"
      "reti \n\t" ::[sreg] "I"(_SFR_IO_ADDR(SREG)),
      [udr] "n"(_SFR_MEM_ADDR(UDR0)), [control] "n"(_SFR_MEM_ADDR(UCSR0B)), [tail] "I"(_SFR_IO_ADDR(to_send_tail)),
      [mask] "M"(TO_SEND_BYTES - 1), [ring] "n"(TO_SEND_AT), [off] "n"(0xff & ~_BV(UDRIE0)));
}

/* Divider for the fastest rate that is not above the requested one. */
static uint16_t divider_for(uint32_t wish) { return (uint16_t)((BASE_BAUD + wish - 1) / wish); }

static void set_divider(uint16_t divider) { UBRR0 = (uint16_t)(divider - 1); }

void uart_begin(void) {
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  /* 117,647 baud: 2.1 % above 115,200, which every converter bears; one divider further would be 3.5 % below. */
  set_divider(BASE_BAUD / FIRST_BAUD);
  baud = FIRST_BAUD;
  UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
}

bool uart_is_empty(void) { return received_head == received_tail; }

uint16_t port_waiting(void) { return (uint8_t)(received_head - received_tail) & (RECEIVED_BYTES - 1); }

/* In a row: the rest after the ring's end comes with the next call. */
static uint8_t in_a_row(uint16_t most) {
  uint8_t count = (uint8_t)port_waiting();
  uint8_t until_wrap = (uint8_t)(RECEIVED_BYTES - received_tail);
  if (count > until_wrap) count = until_wrap;
  return count > most ? (uint8_t)most : count;
}

static void drop(uint8_t count) { received_tail = (uint8_t)(received_tail + count) & (RECEIVED_BYTES - 1); }

uint16_t port_read(uint8_t *into, uint16_t most) {
  uint8_t count = in_a_row(most);
  const volatile uint8_t *from = received + received_tail;
  uint8_t i;
  for (i = count; i > 0; i--) *into++ = *from++;
  drop(count);
  return count;
}

uint16_t summed_read(uint8_t *into, uint16_t most, uint32_t *crc) {
  uint8_t total = 0;
  uint8_t count;
  /* Twice at most, unless the line is faster than this. */
  while ((count = in_a_row(most)) > 0) {
    *crc = crc_add_copied(*crc, (const uint8_t *)(RECEIVED_AT + received_tail), into, count);
    drop(count);
    if (received_tail != 0) return total + count;
    total += count;
    into += count;
    most -= count;
  }
  return total;
}

uint16_t port_write(const uint8_t *from, uint16_t count) {
  uint8_t head = to_send_head;
  uint8_t tail = to_send_tail;
  uint16_t left = count;
  while (left > 0) {
    uint8_t next = (uint8_t)(head + 1) & (TO_SEND_BYTES - 1);
    if (next == tail) break;
    to_send[head] = *from++;
    head = next;
    left--;
  }
  if (left == count) return 0;
  is_empty = false;
  to_send_head = head;
  /* The interrupt writes the same register. */
  cli();
  UCSR0B |= _BV(UDRIE0);
  sei();
  return (uint16_t)(count - left);
}

bool port_has_sent(void) {
  if ((UCSR0B & _BV(UDRIE0)) != 0) return false;
  if (!is_empty) {
    is_empty = true;
    empty_since_us = port_micros();
  }
  /* Two characters of ten bits: one in the shift register, and one to be sure. */
  return HAS_PASSED(port_micros(), empty_since_us, 20000000ul / baud + 1);
}

uint32_t port_baud(void) { return baud; }

uint32_t port_max_baud(void) { return MAX_BAUD; }

uint32_t port_possible_baud(uint32_t wish) {
  uint32_t reached;
  if (wish < LEAST_BAUD) return 0;
  /* The rate at the start differs a little from the one it reports. */
  if (wish == FIRST_BAUD) return FIRST_BAUD;
  if (wish > MAX_BAUD) wish = MAX_BAUD;
  reached = BASE_BAUD / divider_for(wish);
  /* The other end would run at the rate that it asked for. */
  return wish - reached <= wish / TOLERATED_PART ? reached : 0;
}

void port_set_baud(uint32_t new_baud) {
  set_divider(new_baud == FIRST_BAUD ? BASE_BAUD / FIRST_BAUD : divider_for(new_baud));
  baud = new_baud;
}
