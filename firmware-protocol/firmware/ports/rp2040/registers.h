/* Registers of the RP2040 that this port uses; sections are those of its datasheet. */
#ifndef NORBRIDGE_REGISTERS_H
#define NORBRIDGE_REGISTERS_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
/* 2.1.2: every register has aliases that set and clear single bits. */
#define SET_BITS(address) REGISTER((address) + 0x2000u)
#define CLEAR_BITS(address) REGISTER((address) + 0x3000u)
#define BIT(n) (1u << (n))

/* 2.14 Resets */
#define RESETS_RESET 0x4000c000u
#define RESETS_DONE REGISTER(0x4000c008u)
#define RESET_IO_BANK0 BIT(5)
#define RESET_PADS_BANK0 BIT(8)
#define RESET_PLL_SYS BIT(12)
#define RESET_PLL_USB BIT(13)
#define RESET_SPI0 BIT(16)
#define RESET_TIMER BIT(21)
#define RESET_UART0 BIT(22)
#define RESET_USBCTRL BIT(24)

/* 2.15 Clocks */
#define CLK_REF_CTRL REGISTER(0x40008030u)
#define CLK_REF_SELECTED REGISTER(0x40008038u)
#define CLK_SYS_CTRL REGISTER(0x4000803cu)
#define CLK_SYS_SELECTED REGISTER(0x40008044u)
#define CLK_PERI_CTRL REGISTER(0x40008048u)
#define CLK_USB_CTRL REGISTER(0x40008054u)
#define CLK_REF_FROM_XOSC 2u
#define CLK_SYS_FROM_AUX 1u
#define CLK_ENABLE BIT(11)

/* 2.16 Crystal oscillator; 2.17 ring oscillator */
#define XOSC 0x40024000u
#define XOSC_CTRL REGISTER(XOSC)
#define XOSC_STATUS REGISTER(XOSC + 4u)
#define XOSC_STARTUP REGISTER(XOSC + 12u)
#define XOSC_1_TO_15_MHZ 0xaa0u
#define XOSC_ENABLE (0xfabu << 12)
#define XOSC_STABLE BIT(31)
#define ROSC_RANDOMBIT REGISTER(0x4006001cu)

/* 2.18 PLLs */
#define PLL_SYS 0x40028000u
#define PLL_USB 0x4002c000u
#define PLL_CS(pll) REGISTER((pll) + 0u)
#define PLL_PWR 4u
#define PLL_FBDIV(pll) REGISTER((pll) + 8u)
#define PLL_PRIM(pll) REGISTER((pll) + 12u)
#define PLL_LOCK BIT(31)
#define PLL_PD BIT(0)
#define PLL_POSTDIV_PD BIT(3)
#define PLL_VCO_PD BIT(5)

/* 4.7 Watchdog: it gives the timer its microsecond; 4.6 timer; 2.13 what a reset by the watchdog takes with it */
#define WATCHDOG 0x40058000u
#define WATCHDOG_LOAD REGISTER(WATCHDOG + 4u)
#define WATCHDOG_REASON REGISTER(WATCHDOG + 8u)
#define WATCHDOG_SCRATCH(n) REGISTER(WATCHDOG + 12u + 4u * (n))
#define WATCHDOG_TRIGGER BIT(31)
#define WATCHDOG_ENABLE BIT(30)
#define PSM_WDSEL REGISTER(0x40010008u)
#define PSM_ALL_BUT_OSCILLATORS 0x1fffcu
#define WATCHDOG_TICK REGISTER(0x4005802cu)
#define WATCHDOG_TICK_ENABLE BIT(9)
#define TIMER_RAW_LOW REGISTER(0x40054028u)

/* 2.19 GPIO; 2.3.1 SIO */
#define GPIO_CTRL(pin) REGISTER(0x40014004u + 8u * (pin))
#define PAD(pin) REGISTER(0x4001c004u + 4u * (pin))
#define FUNCTION_SPI 1u
#define FUNCTION_UART 2u
#define FUNCTION_SIO 5u
#define PAD_SLEW_FAST BIT(0)
#define PAD_SCHMITT BIT(1)
#define PAD_PULL_UP BIT(3)
#define PAD_4_MA (1u << 4)
#define PAD_8_MA (2u << 4)
#define PAD_INPUT BIT(6)
#define GPIO_OUT_SET REGISTER(0xd0000014u)
#define GPIO_OUT_CLEAR REGISTER(0xd0000018u)
#define GPIO_OE_SET REGISTER(0xd0000024u)
#define GPIO_OE_CLEAR REGISTER(0xd0000028u)

/* 4.4 SPI: a PL022 */
#define SPI0_CR0 REGISTER(0x4003c000u)
#define SPI0_CR1 REGISTER(0x4003c004u)
#define SPI0_DR REGISTER(0x4003c008u)
#define SPI0_SR REGISTER(0x4003c00cu)
#define SPI0_CPSR REGISTER(0x4003c010u)
#define SPI_8_BITS 7u
#define SPI_ON BIT(1)
#define SPI_HAS_ROOM BIT(1)
#define SPI_HAS_DATA BIT(2)
#define SPI_BUSY BIT(4)

/* 4.2 UART: a PL011 */
#define UART0_DR REGISTER(0x40034000u)
#define UART0_FR REGISTER(0x40034018u)
#define UART0_IBRD REGISTER(0x40034024u)
#define UART0_FBRD REGISTER(0x40034028u)
#define UART0_LCR REGISTER(0x4003402cu)
#define UART0_CR REGISTER(0x40034030u)
#define UART0_IFLS REGISTER(0x40034034u)
#define UART0_IMSC REGISTER(0x40034038u)
#define UART0_ICR REGISTER(0x40034044u)
#define UART_BUSY BIT(3)
#define UART_RX_EMPTY BIT(4)
#define UART_TX_FULL BIT(5)
#define UART_8N1_FIFO 0x70u
#define UART_ON 0x301u
#define UART_RX_INTERRUPTS (BIT(4) | BIT(6))

/* 2.20 System information */
#define SYSINFO_CHIP_ID REGISTER(0x40000000u)

/* 4.10 The flash's own interface, and its chip select */
#define SSI_CTRLR0 REGISTER(0x18000000u)
#define SSI_ENABLE REGISTER(0x18000008u)
#define SSI_SR REGISTER(0x18000028u)
#define SSI_DR0 REGISTER(0x18000060u)
#define SSI_HAS_ROOM BIT(1)
#define SSI_HAS_DATA BIT(3)
#define SSI_8_BITS_BOTH_WAYS (7u << 16)
#define QSPI_SS_CTRL REGISTER(0x4001800cu)
#define QSPI_SS_LOW (2u << 8)
#define QSPI_SS_HIGH (3u << 8)

/* 2.4 Cortex-M0+ */
#define NVIC_ISER REGISTER(0xe000e100u)
#define NVIC_ICER REGISTER(0xe000e180u)
#define VTOR REGISTER(0xe000ed08u)
#define IRQ_USB 5u
#define IRQ_UART0 20u

#endif
