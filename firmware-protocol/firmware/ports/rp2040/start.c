/* From reset to main(): copies the program and the vectors to RAM, clears what has to be zero. */
#include <stdint.h>

#include "registers.h"
#include "watchdog.h"

extern uint32_t run_begin, run_end, run_image, bss_begin, bss_end, stack_top;
int main(void);
void reset(void);
void fault(void);
void uart_interrupt(void);
void usb_interrupt(void);

#define IRQS 26

/* In flash: the program is not in RAM yet. No call may leave this function before it is. */
__attribute__((section(".start"), noreturn, used)) void reset(void) {
  volatile uint32_t *to = &run_begin;
  const volatile uint32_t *from = &run_image;
  void (*volatile enter)(void) = (void (*)(void))(uintptr_t)main;
  while (to < &run_end) *to++ = *from++;
  for (to = &bss_begin; to < &bss_end;) *to++ = 0;
  /* From here on nothing is fetched from flash. */
  VTOR = (uint32_t)&run_begin;
  for (;;) enter();
}

/* An unexpected exception: starts again, and the host learns why. */
__attribute__((noreturn, used)) void fault(void) { watchdog_restart_after_fault(); }

typedef void (*vector)(void);

/* What boot2 enters by. A fault before the copy is complete finds no handler: the processor locks up (ARMv6-M B1.5.7). */
__attribute__((section(".boot_vectors"), used)) const vector boot_vectors[2] = {(vector)&stack_top, reset};

/* First in RAM: VTOR takes multiples of 256 (datasheet 2.4.8, M0PLUS_VTOR). */
/* clang-format off */
__attribute__((section(".vectors"), used)) const vector vectors[16 + IRQS] = {
    (vector)&stack_top,
    reset,
    fault, /* NMI */
    fault, /* hard fault */
    0, 0, 0, 0, 0, 0, 0,
    fault, /* SVC */
    0, 0,
    fault, /* PendSV */
    fault, /* SysTick */
    fault, fault, fault, fault, fault,
    usb_interrupt, /* 5 */
    fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
    uart_interrupt, /* 20 */
    fault, fault, fault, fault, fault,
};
/* clang-format on */
