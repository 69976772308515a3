#include "chip.h"

#include "registers.h"

#define REVISION_B2 2u
/* Datasheet 2.8.3: 16-bit pointers of the boot ROM, to its table of functions and to the function that searches it. */
#define ROM_FUNCTION_TABLE 0x14u
#define ROM_SEARCH 0x18u
#define ROM_RESET_TO_USB_BOOT ('U' | 'B' << 8)

typedef void *(*rom_search)(const uint16_t *table, uint32_t code);
typedef void (*rom_reset_to_usb_boot)(uint32_t activity_pin_mask, uint32_t disabled_interfaces);

/* 2.20: CHIP_ID, bits 31 to 28. */
bool chip_can_abort(void) { return SYSINFO_CHIP_ID >> 28 >= REVISION_B2; }

static uintptr_t rom_pointer(uintptr_t at) {
  /* The compiler takes addresses this low for a null pointer's. */
  __asm volatile("" : "+r"(at));
  return *(const volatile uint16_t *)at;
}

void chip_start_boot_loader(void) {
  rom_search search = (rom_search)rom_pointer(ROM_SEARCH);
  const uint16_t *table = (const uint16_t *)rom_pointer(ROM_FUNCTION_TABLE);
  rom_reset_to_usb_boot reset = (rom_reset_to_usb_boot)(uintptr_t)search(table, ROM_RESET_TO_USB_BOOT);
  reset(0, 0);
  for (;;) {
  }
}
