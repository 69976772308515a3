#include "uart.h"

#include "clocks.h"
#include "registers.h"

#define TX_PIN 0u
#define RX_PIN 1u
#define FIRST_BAUD 115200u
/* A power of two: 10 ms of 2 Mbaud. */
#define RECEIVED_BYTES 2048u

static uint8_t received[RECEIVED_BYTES];
static volatile uint32_t head;
static volatile uint32_t tail;
static uint32_t baud;

void uart_interrupt(void);

void uart_interrupt(void) {
  while ((UART0_FR & UART_RX_EMPTY) == 0) {
    uint8_t byte = (uint8_t)UART0_DR;
    /* What does not fit is lost; its frame comes again. */
    if (head - tail < RECEIVED_BYTES) received[head++ % RECEIVED_BYTES] = byte;
  }
  UART0_ICR = UART_RX_INTERRUPTS;
}

void uart_set_baud(uint32_t new_baud) {
  /* 16 clocks a bit, in sixty-fourths (datasheet 4.2.7.1). */
  uint32_t divider = (8u * CLOCK_HZ / new_baud + 1) / 2;
  baud = new_baud;
  /* Off while it is set; nothing is on the line then. */
  UART0_CR = 0;
  UART0_IBRD = divider >> 6;
  UART0_FBRD = divider & 63u;
  /* A write here makes the divider count. */
  UART0_LCR = UART_8N1_FIFO;
  UART0_CR = UART_ON;
}

void uart_begin(void) {
  GPIO_CTRL(TX_PIN) = FUNCTION_UART;
  GPIO_CTRL(RX_PIN) = FUNCTION_UART;
  PAD(RX_PIN) = PAD_PULL_UP | PAD_SCHMITT | PAD_INPUT;
  uart_set_baud(FIRST_BAUD);
  UART0_IFLS = 0;
  UART0_IMSC = UART_RX_INTERRUPTS;
  NVIC_ISER = BIT(IRQ_UART0);
}

bool uart_is_empty(void) { return head == tail; }

void uart_drop(void) { tail = head; }

uint16_t uart_read(uint8_t *into, uint16_t most) {
  uint16_t count = 0;
  while (count < most && tail != head) into[count++] = received[tail++ % RECEIVED_BYTES];
  return count;
}

uint16_t uart_write(const uint8_t *from, uint16_t count) {
  uint16_t written = 0;
  while (written < count && (UART0_FR & UART_TX_FULL) == 0) UART0_DR = from[written++];
  return written;
}

bool uart_has_sent(void) { return (UART0_FR & UART_BUSY) == 0; }

uint32_t uart_baud(void) { return baud; }
