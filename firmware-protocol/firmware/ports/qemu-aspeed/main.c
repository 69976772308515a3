/* UART5, the flash controller FMC in user mode, and timer 1; registers as QEMU 7.2 models them (hw/ssi/aspeed_smc.c,
 * hw/timer/aspeed_timer.c) after the AST2500's datasheet. */
#include "bridge.h"
#include "port.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define UART_DATA REGISTER(0x1e784000u)
#define UART_FIFO REGISTER(0x1e784008u)
#define UART_LINE REGISTER(0x1e78400cu)
#define UART_STATUS REGISTER(0x1e784014u)
#define UART_HAS_DATA 1u
#define UART_HAS_ROOM 0x20u
/* Queue on, emptied, 14 bytes before it is reported to be full: else QEMU hands over one byte at a time. */
#define UART_FIFO_ON 0xc7u
#define UART_8N1 3u

#define FMC_CONFIG REGISTER(0x1e620000u)
#define FMC_CE0 REGISTER(0x1e620010u)
#define FMC_WINDOW (*(volatile uint8_t *)0x20000000u)
#define FMC_CE0_WRITABLE (1u << 16)
#define FMC_SELECTED 3u
#define FMC_DESELECTED 7u

#define TIMER_COUNT REGISTER(0x1e782000u)
#define TIMER_RELOAD REGISTER(0x1e782004u)
#define TIMER_CONTROL REGISTER(0x1e782030u)
/* Counts down, a microsecond a step. */
#define TIMER_ON_1_MHZ 3u

int main(void);

uint16_t port_read(uint8_t *into, uint16_t most) {
  uint16_t count = 0;
  while (count < most && (UART_STATUS & UART_HAS_DATA)) into[count++] = (uint8_t)UART_DATA;
  return count;
}

uint16_t port_waiting(void) { return 1; }

uint16_t port_write(const uint8_t *from, uint16_t count) {
  uint16_t written = 0;
  while (written < count && (UART_STATUS & UART_HAS_ROOM)) UART_DATA = from[written++];
  return written;
}

bool port_has_sent(void) { return true; }

uint32_t port_micros(void) { return ~TIMER_COUNT; }

void port_spi_select(void) { FMC_CE0 = FMC_SELECTED; }

void port_spi_deselect(void) { FMC_CE0 = FMC_DESELECTED; }

uint16_t port_spi_slice(void) { return BOARD_SLICE_BYTES; }

void port_spi_send(const uint8_t *from, uint16_t count) {
  while (count-- > 0) FMC_WINDOW = *from++;
}

void port_spi_receive(uint8_t *into, uint16_t count) {
  while (count-- > 0) *into++ = FMC_WINDOW;
}

uint32_t port_spi_clock(uint32_t wish_hz) {
  if (wish_hz < BOARD_SPI_MIN_HZ) return BOARD_SPI_MIN_HZ;
  return wish_hz < BOARD_SPI_MAX_HZ ? wish_hz : BOARD_SPI_MAX_HZ;
}

bool port_chip_select(uint8_t index) { return index == 0; }

bool port_set_pins(uint8_t mask, uint8_t level) {
  (void)level;
  return mask == 0;
}

void port_drive(bool is_driven) { (void)is_driven; }

/* A socket has no rate. */
uint32_t port_baud(void) { return 0; }
uint32_t port_max_baud(void) { return 0; }
uint32_t port_possible_baud(uint32_t wish) {
  (void)wish;
  return 0;
}
void port_set_baud(uint32_t baud) { (void)baud; }

uint32_t port_boot_number(void) { return 1; }

enum restart port_restart_reason(void) { return RESTART_NONE; }

uint8_t port_serial_number(uint8_t *into) {
  (void)into;
  return 0;
}

int main(void) {
  UART_LINE = UART_8N1;
  UART_FIFO = UART_FIFO_ON;
  /* A byte that came before the queue was on would keep all others out. */
  (void)UART_DATA;
  FMC_CONFIG |= FMC_CE0_WRITABLE;
  port_spi_deselect();
  TIMER_RELOAD = 0xffffffffu;
  TIMER_CONTROL = TIMER_ON_1_MHZ;
  bridge_begin();
  for (;;) bridge_work();
}
