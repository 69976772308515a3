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

/* Powers of two, and their indices never leave one byte. */
#define RECEIVED_BYTES 64
#define TO_SEND_BYTES 32

static uint8_t received[RECEIVED_BYTES];
static volatile uint8_t received_head;
static volatile uint8_t received_tail;
static uint8_t to_send[TO_SEND_BYTES];
static volatile uint8_t to_send_head;
static volatile uint8_t to_send_tail;
static uint32_t baud;
/* Since when the last byte is on its way. */
static uint32_t empty_since_us;
static bool is_empty;

ISR(USART_RX_vect) {
  uint8_t byte = UDR0;
  uint8_t head = received_head;
  uint8_t next = (uint8_t)(head + 1) & (RECEIVED_BYTES - 1);
  /* What does not fit is lost; its frame comes again. */
  if (next == received_tail) return;
  received[head] = byte;
  received_head = next;
}

ISR(USART_UDRE_vect) {
  /* It is on only while there is a byte. */
  uint8_t tail = to_send_tail;
  UDR0 = to_send[tail];
  tail = (uint8_t)(tail + 1) & (TO_SEND_BYTES - 1);
  to_send_tail = tail;
  if (tail == to_send_head) UCSR0B &= (uint8_t)~_BV(UDRIE0);
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

uint16_t port_read(uint8_t *into, uint16_t most) {
  uint8_t head = received_head;
  uint8_t tail = received_tail;
  uint16_t left = most;
  while (tail != head && left > 0) {
    *into++ = received[tail];
    tail = (uint8_t)(tail + 1) & (RECEIVED_BYTES - 1);
    left--;
  }
  received_tail = tail;
  return (uint16_t)(most - left);
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
