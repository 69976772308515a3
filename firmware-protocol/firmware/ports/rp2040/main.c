/* Which of the two links is served, the number of this start, and the loop. */
#include "bridge.h"
#include "bytes.h"
#include "chip.h"
#include "clocks.h"
#include "flash-id.h"
#include "port.h"
#include "registers.h"
#include "uart.h"
#include "usb-controller.h"
#include "usb.h"
#include "watchdog.h"

#define MAX_BAUD 2000000u
#define LEAST_BAUD 9600u
#define RANDOM_BITS 32
/* Many periods of the ring oscillator, of some 150 ns (datasheet 2.17). */
#define RANDOM_BIT_US 20u

int main(void);

static uint32_t boot_number;
static bool is_usb;

static void change_link(void) {
  bridge_hang_up();
  is_usb = !is_usb;
}

/* The UART's pins may be wired to anything, such as a console: what comes there is noise while USB is in use. USB, where every
 * byte is checked, takes over from a UART without a session. */
static void choose_link(bool is_idle) {
  if (is_usb) {
    if (uart_is_empty()) return;
    if (usb_is_open() || bridge_has_session()) {
      uart_drop();
    } else if (is_idle && usb_is_empty()) {
      change_link();
    }
  } else if (!usb_is_empty() && (is_idle || !bridge_has_session())) {
    change_link();
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
  uint32_t i, since_us = port_micros();
  /* From the ring oscillator, which must not be the processor's clock then (datasheet 2.17.5). */
  for (i = 0; i < RANDOM_BITS; i++) {
    while (!HAS_PASSED(port_micros(), since_us, RANDOM_BIT_US)) {
    }
    since_us += RANDOM_BIT_US;
    boot_number = boot_number << 1 | (ROSC_RANDOMBIT & 1);
  }
}

static void sleep(void) {
  __asm volatile("cpsid i");
  controller_wakes(true);
  /* A pending interrupt ends the sleep although it is not served before they are on again. */
  if (!usb_is_due() && uart_is_empty()) __asm volatile("wfi");
  controller_wakes(false);
  __asm volatile("cpsie i");
}

/* Not with the target's pins driven, and not as a restart of ours. */
static void enter_boot_loader(void) {
  bridge_hang_up();
  watchdog_pause();
  chip_start_boot_loader();
}

int main(void) {
  flash_id_begin();
  clocks_begin();
  watchdog_begin();
  draw_boot_number();
  port_drive(false);
  uart_begin();
  usb_begin();
  NVIC_ISER = BIT(IRQ_USB);
  bridge_begin();
  is_usb = true;
  for (;;) {
    bool is_busy;
    watchdog_feed(port_micros());
    usb_work();
    if (is_usb && usb_has_hung_up()) bridge_hang_up();
    if (usb_wants_boot_loader()) enter_boot_loader();
    is_busy = bridge_work();
    choose_link(!is_busy);
    usb_work();
    if (is_busy || !usb_is_empty() || !uart_is_empty()) continue;
    watchdog_pause();
    sleep();
  }
}
