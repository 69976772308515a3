/* 12 MHz crystal -> PLL_SYS 120 MHz for processor, SPI and UART; PLL_USB 48 MHz (datasheet 2.15 to 2.18). */
#include "clocks.h"

#include "port.h"
#include "registers.h"

/* A millisecond of 12 MHz in units of 256 cycles (datasheet 2.16.3), 64 times. The crystal that Raspberry Pi recommends takes
 * about 6 ms to full swing, others longer (pico-sdk issue 2234; the board headers of pico-sdk multiply by up to 64). */
#define XOSC_STARTUP_UNITS (64u * 47u)
#define CRYSTAL_MHZ 12u
/* 12 MHz * 100 = 1,200 MHz; / 5 / 2 = 120 MHz, / 5 / 5 = 48 MHz. */
#define FEEDBACK 100u
#define POST_DIVIDERS(first, second) ((first) << 16 | (second) << 12)

static void begin_pll(uint32_t pll, uint32_t post_dividers) {
  PLL_CS(pll) = 1;
  PLL_FBDIV(pll) = FEEDBACK;
  CLEAR_BITS(pll + PLL_PWR) = PLL_PD | PLL_VCO_PD;
  while ((PLL_CS(pll) & PLL_LOCK) == 0) {
  }
  PLL_PRIM(pll) = post_dividers;
  CLEAR_BITS(pll + PLL_PWR) = PLL_POSTDIV_PD;
}

static void begin_peripherals(uint32_t mask) {
  SET_BITS(RESETS_RESET) = mask;
  CLEAR_BITS(RESETS_RESET) = mask;
  while ((RESETS_DONE & mask) != mask) {
  }
}

void clocks_begin(void) {
  /* Away from a PLL that a debugger may have left on. */
  CLK_SYS_CTRL = 0;
  while (CLK_SYS_SELECTED != 1) {
  }
  XOSC_CTRL = XOSC_1_TO_15_MHZ;
  XOSC_STARTUP = XOSC_STARTUP_UNITS;
  SET_BITS(XOSC) = XOSC_ENABLE;
  while ((XOSC_STATUS & XOSC_STABLE) == 0) {
  }
  CLK_REF_CTRL = CLK_REF_FROM_XOSC;
  while (CLK_REF_SELECTED != BIT(CLK_REF_FROM_XOSC)) {
  }
  begin_peripherals(RESET_PLL_SYS | RESET_PLL_USB);
  begin_pll(PLL_SYS, POST_DIVIDERS(5u, 2u));
  begin_pll(PLL_USB, POST_DIVIDERS(5u, 5u));
  CLK_SYS_CTRL = CLK_SYS_FROM_AUX;
  while (CLK_SYS_SELECTED != BIT(CLK_SYS_FROM_AUX)) {
  }
  CLK_PERI_CTRL = CLK_ENABLE;
  CLK_USB_CTRL = CLK_ENABLE;
  WATCHDOG_TICK = WATCHDOG_TICK_ENABLE | CRYSTAL_MHZ;
  begin_peripherals(RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_SPI0 | RESET_TIMER | RESET_UART0 | RESET_USBCTRL);
}

uint32_t port_micros(void) { return TIMER_RAW_LOW; }
