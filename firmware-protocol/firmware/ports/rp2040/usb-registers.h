/* Registers of the RP2040's USB controller (datasheet 4.1). They are read and written by functions, which the model of the
 * controller replaces (model/usb-model.c). */
#ifndef NORBRIDGE_USB_REGISTERS_H
#define NORBRIDGE_USB_REGISTERS_H

#include <stdint.h>

#define USB_BIT(n) (1u << (n))
/* 2.1.2: aliases that set and clear single bits; the dual-port RAM has none. */
#define USB_SET_ALIAS 0x2000u
#define USB_CLEAR_ALIAS 0x3000u

/* 4.1.2.5: dual-port RAM. Offsets of the SETUP bytes, endpoint controls, buffer controls. */
#define USB_DPRAM 0x50100000u
#define USB_DPRAM_BYTES 4096u
#define USB_SETUP_AT 0u
#define USB_IN_CONTROL(n) (USB_DPRAM + 8u * (n))
#define USB_OUT_CONTROL(n) (USB_DPRAM + 8u * (n) + 4u)
#define USB_IN_BUFFER(n) (USB_DPRAM + 0x80u + 8u * (n))
#define USB_OUT_BUFFER(n) (USB_DPRAM + 0x84u + 8u * (n))
#define USB_EP0_BUFFER_AT 0x100u
#define USB_FREE_AT 0x180u

#define ENDPOINT_ON USB_BIT(31)
#define ENDPOINT_INT_1BUF USB_BIT(29)
#define ENDPOINT_BULK (2u << 26)
#define ENDPOINT_INTERRUPT (3u << 26)
#define BUFFER_FULL USB_BIT(15)
#define BUFFER_DATA1 USB_BIT(13)
#define BUFFER_STALL USB_BIT(11)
#define BUFFER_AVAILABLE USB_BIT(10)
#define BUFFER_LENGTH 0x3ffu

/* 4.1.4 */
#define USB_ADDR 0x50110000u
#define USB_MAIN_CTRL 0x50110040u
#define USB_SOF_RD 0x50110048u
#define USB_SIE_CTRL 0x5011004cu
#define USB_SIE_STATUS 0x50110050u
#define USB_BUFF_STATUS 0x50110058u
#define USB_EP_ABORT 0x50110060u
#define USB_EP_ABORT_DONE 0x50110064u
#define USB_STALL_ARM 0x50110068u
#define USB_MUXING 0x50110074u
#define USB_PWR 0x50110078u
#define USB_INTE 0x50110090u
#define USB_INTS 0x50110098u
#define USB_CONTROLLER_ON USB_BIT(0)
#define USB_EP0_INT_1BUF USB_BIT(29)
#define USB_PULL_UP USB_BIT(16)
#define USB_BUS_RESET USB_BIT(19)
#define USB_SETUP_RECEIVED USB_BIT(17)
#define USB_SUSPENDED USB_BIT(4)
#define USB_MUX_TO_PHY USB_BIT(0)
#define USB_MUX_SOFTCON USB_BIT(3)
#define USB_VBUS_DETECT USB_BIT(2)
#define USB_VBUS_DETECT_OVERRIDE USB_BIT(3)
#define USB_STALL_EP0_BOTH 3u
#define USB_INT_BUFF_STATUS USB_BIT(4)
#define USB_INT_BUS_RESET USB_BIT(12)
#define USB_INT_SUSPEND USB_BIT(14)
#define USB_INT_SETUP USB_BIT(16)
#define USB_INT_SOF USB_BIT(17)
/* BUFF_STATUS and EP_ABORT: a bit a buffer. */
#define USB_IN_BIT(n) USB_BIT(2u * (n))
#define USB_OUT_BIT(n) USB_BIT(2u * (n) + 1u)

#ifdef NORBRIDGE_USB_MODEL
uint32_t usb_register(uint32_t address);
void usb_set_register(uint32_t address, uint32_t value);
volatile uint8_t *usb_dpram(uint32_t at);
static inline void usb_wait_some_cycles(void) {}
#else
static inline uint32_t usb_register(uint32_t address) { return *(volatile uint32_t *)(uintptr_t)address; }
static inline void usb_set_register(uint32_t address, uint32_t value) {
  *(volatile uint32_t *)(uintptr_t)address = value;
}
static inline volatile uint8_t *usb_dpram(uint32_t at) { return (volatile uint8_t *)(uintptr_t)(USB_DPRAM + at); }
/* Twelve of clk_sys at 120 MHz are five of clk_usb. */
static inline void usb_wait_some_cycles(void) {
  __asm volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop");
}
#endif

#endif
