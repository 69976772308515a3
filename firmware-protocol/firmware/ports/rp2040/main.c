/* Which of the two links is spoken to, the number of this start, and the loop. */
#include "bridge.h"
#include "clocks.h"
#include "flash-id.h"
#include "port.h"
#include "registers.h"
#include "uart.h"
#include "usb.h"

#define MAX_BAUD 2000000u
#define LEAST_BAUD 9600u
#define RANDOM_BITS 32

int main(void);
void usb_interrupt(void);

static uint32_t boot_number;
static bool is_usb;

/* The link that spoke last is answered. A byte of the other one takes over only while nothing is in progress. */
static void choose_link(bool is_idle) {
  if (!is_idle) return;
  if (is_usb ? usb_is_empty() && !uart_is_empty() : uart_is_empty() && !usb_is_empty()) {
    bridge_hang_up();
    is_usb = !is_usb;
  }
}

uint16_t port_read(uint8_t *into, uint16_t most) { return is_usb ? usb_read(into, most) : uart_read(into, most); }

uint16_t port_waiting(void) { return 1; }

uint16_t port_write(const uint8_t *from, uint16_t count) {
  return is_usb ? usb_write(from, count) : uart_write(from, count);
}

bool port_has_sent(void) { return is_usb ? usb_has_sent() : uart_has_sent(); }

uint32_t port_baud(void) { return is_usb ? 0 : uart_baud(); }

uint32_t port_max_baud(void) { return is_usb ? 0 : MAX_BAUD; }

uint32_t port_possible_baud(uint32_t wish) {
  if (wish < LEAST_BAUD) return 0;
  return wish < MAX_BAUD ? wish : MAX_BAUD;
}

void port_set_baud(uint32_t baud) { uart_set_baud(baud); }

uint32_t port_boot_number(void) { return boot_number; }

static void draw_boot_number(void) {
  uint32_t i;
  /* A bit at a time from the ring oscillator; between two the time runs that one loop takes. */
  for (i = 0; i < RANDOM_BITS; i++) boot_number = boot_number << 1 | (ROSC_RANDOMBIT & 1);
}

/* USB is done by the loop; this only wakes it. */
void usb_interrupt(void) { NVIC_ICER = BIT(IRQ_USB); }

static void sleep(void) {
  __asm volatile("cpsid i");
  NVIC_ISER = BIT(IRQ_USB);
  /* A pending interrupt ends the sleep although it is not served before they are on again. */
  if (!usb_is_due() && uart_is_empty()) __asm volatile("wfi");
  __asm volatile("cpsie i");
}

int main(void) {
  draw_boot_number();
  flash_id_begin();
  clocks_begin();
  port_drive(false);
  uart_begin();
  usb_begin();
  bridge_begin();
  is_usb = true;
  for (;;) {
    bool is_busy;
    usb_work();
    if (is_usb && usb_has_hung_up()) bridge_hang_up();
    is_busy = bridge_work();
    choose_link(!is_busy);
    usb_work();
    if (!is_busy && usb_is_empty() && uart_is_empty()) sleep();
  }
}
