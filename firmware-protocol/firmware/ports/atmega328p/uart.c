#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#include "bytes.h"
#include "port.h"

/* Eight clocks a bit: U2X. */
#define CLOCKS_PER_BIT 8
#define BASE_BAUD (F_CPU / CLOCKS_PER_BIT)
#define FIRST_BAUD 115200ul
#define MAX_BAUD 1000000ul
#define LEAST_BAUD 9600ul

/* Powers of two, at the very beginning of RAM: there an index is the low bits of its address. The linker is told to put
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
/* Since when the last byte is on its way. */
static uint32_t empty_since_us;
static bool is_empty;

/* At 1 Mbaud a byte comes every 160 clocks, whatever else is done. The compiler's version of these two takes 72 and 75, these
 * 48 and 46, entry and return included; that is the difference between keeping up and not.
 *
 *   next = (received_head + 1) % RECEIVED_BYTES
 *   if (next != received_tail) received[received_head] = UDR0, received_head = next
 *
 * What does not fit is lost; its frame comes again. */
ISR(USART_RX_vect, ISR_NAKED) {
  __asm volatile(
      "push r24 \n\t"
      "in r24, %[sreg] \n\t"
      "push r24 \n\t"
      "push r25 \n\t"
      "push r30 \n\t"
      "push r31 \n\t"
      "lds r24, %[udr] \n\t"
      "in r30, %[head] \n\t"
      "mov r31, r30 \n\t"
      "inc r31 \n\t"
      "andi r31, %[mask] \n\t"
      "in r25, %[tail] \n\t"
      "cp r31, r25 \n\t"
      "breq 1f \n\t"
      "out %[head], r31 \n\t"
      "ldi r31, hi8(%[ring]) \n\t"
      "st Z, r24 \n"
      "1: pop r31 \n\t"
      "pop r30 \n\t"
      "pop r25 \n\t"
      "pop r24 \n\t"
      "out %[sreg], r24 \n\t"
      "pop r24 \n\t"
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
      "push r24 \n\t"
      "in r24, %[sreg] \n\t"
      "push r24 \n\t"
      "push r30 \n\t"
      "push r31 \n\t"
      "in r30, %[tail] \n\t"
      "mov r24, r30 \n\t"
      "inc r24 \n\t"
      "andi r24, %[mask] \n\t"
      "out %[tail], r24 \n\t"
      "ori r30, lo8(%[ring]) \n\t"
      "ldi r31, hi8(%[ring]) \n\t"
      "ld r31, Z \n\t"
      "sts %[udr], r31 \n\t"
      "lds r31, to_send_head \n\t"
      "cpse r24, r31 \n\t"
      "rjmp 1f \n\t"
      "lds r31, %[control] \n\t"
      "andi r31, %[off] \n\t"
      "sts %[control], r31 \n"
      "1: pop r31 \n\t"
      "pop r30 \n\t"
      "pop r24 \n\t"
      "out %[sreg], r24 \n\t"
      "pop r24 \n\t"
      "reti \n\t" ::[sreg] "I"(_SFR_IO_ADDR(SREG)),
      [udr] "n"(_SFR_MEM_ADDR(UDR0)), [control] "n"(_SFR_MEM_ADDR(UCSR0B)), [tail] "I"(_SFR_IO_ADDR(to_send_tail)),
      [mask] "M"(TO_SEND_BYTES - 1), [ring] "n"(TO_SEND_AT), [off] "n"(0xff & ~_BV(UDRIE0)));
}

/* Divider for the fastest rate that is not above the wish. */
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

uint16_t port_read(uint8_t *into, uint16_t most) {
  uint8_t tail = received_tail;
  uint8_t count = (uint8_t)port_waiting();
  uint8_t until_wrap = (uint8_t)(RECEIVED_BYTES - tail);
  const volatile uint8_t *from = received + tail;
  uint8_t i;
  /* In a row: the rest behind the ring's end comes with the next call. */
  if (count > until_wrap) count = until_wrap;
  if (count > most) count = (uint8_t)most;
  for (i = count; i > 0; i--) *into++ = *from++;
  received_tail = (uint8_t)(tail + count) & (RECEIVED_BYTES - 1);
  return count;
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
  if (wish < LEAST_BAUD) return 0;
  /* The rate it began with is not quite what it says. */
  if (wish == FIRST_BAUD) return FIRST_BAUD;
  return BASE_BAUD / divider_for(wish < MAX_BAUD ? wish : MAX_BAUD);
}

void port_set_baud(uint32_t new_baud) {
  set_divider(new_baud == FIRST_BAUD ? BASE_BAUD / FIRST_BAUD : divider_for(new_baud));
  baud = new_baud;
}
