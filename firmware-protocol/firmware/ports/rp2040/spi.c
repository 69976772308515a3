/* SPI0 on GP16 (MISO), GP17 (chip select), GP18 (SCK), GP19 (MOSI); WP# on GP20, HOLD# on GP21; the LED on GP25 is on
 * while the chip's pins are driven. */
#include "clocks.h"
#include "port.h"
#include "registers.h"

#define MISO 16u
#define CHIP_SELECT 17u
#define CLOCK 18u
#define MOSI 19u
#define WRITE_PROTECT 20u
#define HOLD 21u
#define LED 25u
#define PIN_WRITE_PROTECT 2u
#define PIN_HOLD 4u
/* Bytes the PL022 holds each way. */
#define FIFO_BYTES 8u
#define FIRST_HZ 8000000u
/* Up to here slow edges are fast enough, and ring less on long wires. */
#define SLOW_EDGES_HZ 16000000u

static bool is_driven_now;
/* 0: none was set since the pins were released. */
static uint32_t clock_hz;

static void begin_pin(uint32_t pin, uint32_t function, uint32_t pad) {
  PAD(pin) = pad;
  GPIO_CTRL(pin) = function;
}

static uint32_t output_pad(void) {
  const uint32_t always = PAD_SCHMITT | PAD_INPUT;
  return always | (clock_hz > SLOW_EDGES_HZ ? PAD_8_MA | PAD_SLEW_FAST : PAD_4_MA);
}

static void begin_outputs(void) {
  uint32_t pad = output_pad();
  begin_pin(CHIP_SELECT, FUNCTION_SIO, pad);
  begin_pin(WRITE_PROTECT, FUNCTION_SIO, pad);
  begin_pin(HOLD, FUNCTION_SIO, pad);
  begin_pin(LED, FUNCTION_SIO, pad);
  GPIO_OE_SET = BIT(CHIP_SELECT) | BIT(WRITE_PROTECT) | BIT(HOLD) | BIT(LED);
  begin_pin(CLOCK, FUNCTION_SPI, pad);
  begin_pin(MOSI, FUNCTION_SPI, pad);
}

uint32_t port_spi_clock(uint32_t wish_hz) {
  uint32_t most = wish_hz > BOARD_SPI_MAX_HZ ? BOARD_SPI_MAX_HZ : wish_hz;
  uint32_t divider, prescale = 2, rate;
  if (most < BOARD_SPI_MIN_HZ) most = BOARD_SPI_MIN_HZ;
  divider = (CLOCK_HZ + most - 1) / most;
  /* Even prescaler, then any number up to 256. */
  while ((divider + prescale - 1) / prescale > 256) prescale += 2;
  rate = (divider + prescale - 1) / prescale;
  SPI0_CR1 = 0;
  SPI0_CPSR = prescale;
  SPI0_CR0 = (rate - 1) << 8 | SPI_8_BITS;
  SPI0_CR1 = SPI_ON;
  clock_hz = CLOCK_HZ / (prescale * rate);
  if (is_driven_now) begin_outputs();
  return clock_hz;
}

void port_drive(bool is_driven) {
  const uint32_t held = BIT(CHIP_SELECT) | BIT(WRITE_PROTECT) | BIT(HOLD);
  const uint32_t pulled_up = PAD_PULL_UP | PAD_SCHMITT | PAD_INPUT;
  GPIO_OUT_SET = held;
  if (is_driven) {
    /* A serprog host sets the clock first and has the pins driven afterwards: its clock stays. */
    if (clock_hz == 0) port_spi_clock(FIRST_HZ);
    begin_pin(MISO, FUNCTION_SPI, pulled_up);
    begin_outputs();
    GPIO_OUT_SET = BIT(LED);
  } else {
    /* The pull-ups keep the chip unselected and unprotected on a board that has none of its own. */
    GPIO_OE_CLEAR = held | BIT(CLOCK) | BIT(MOSI);
    begin_pin(CHIP_SELECT, FUNCTION_SIO, pulled_up);
    begin_pin(WRITE_PROTECT, FUNCTION_SIO, pulled_up);
    begin_pin(HOLD, FUNCTION_SIO, pulled_up);
    begin_pin(CLOCK, FUNCTION_SIO, PAD_SCHMITT | PAD_INPUT);
    begin_pin(MOSI, FUNCTION_SIO, PAD_SCHMITT | PAD_INPUT);
    GPIO_OUT_CLEAR = BIT(LED);
    if (is_driven_now) clock_hz = 0;
  }
  is_driven_now = is_driven;
}

bool port_chip_select(uint8_t index) { return index == 0; }

static void set_pin(uint32_t pin, bool level) {
  if (level) {
    GPIO_OUT_SET = BIT(pin);
  } else {
    GPIO_OUT_CLEAR = BIT(pin);
  }
}

bool port_set_pins(uint8_t mask, uint8_t level) {
  if ((mask & ~(PIN_WRITE_PROTECT | PIN_HOLD)) != 0) return false;
  if (mask & PIN_WRITE_PROTECT) set_pin(WRITE_PROTECT, (level & PIN_WRITE_PROTECT) != 0);
  if (mask & PIN_HOLD) set_pin(HOLD, (level & PIN_HOLD) != 0);
  return true;
}

void port_spi_select(void) { GPIO_OUT_CLEAR = BIT(CHIP_SELECT); }

void port_spi_deselect(void) { GPIO_OUT_SET = BIT(CHIP_SELECT); }

uint16_t port_spi_slice(void) { return BOARD_SLICE_BYTES; }

void port_spi_send(const uint8_t *from, uint16_t count) {
  uint32_t written = 0, read = 0;
  /* What comes back is read as it comes: a full queue of it would hide which byte is old and which is new. */
  while (read < count) {
    if (written < count && written - read < FIFO_BYTES && (SPI0_SR & SPI_HAS_ROOM)) SPI0_DR = from[written++];
    if (SPI0_SR & SPI_HAS_DATA) {
      (void)SPI0_DR;
      read++;
    }
  }
}

void port_spi_receive(uint8_t *into, uint16_t count) {
  uint32_t written = 0, read = 0;
  while (read < count) {
    if (written < count && written - read < FIFO_BYTES && (SPI0_SR & SPI_HAS_ROOM)) {
      SPI0_DR = 0xff;
      written++;
    }
    if (SPI0_SR & SPI_HAS_DATA) into[read++] = (uint8_t)SPI0_DR;
  }
}
