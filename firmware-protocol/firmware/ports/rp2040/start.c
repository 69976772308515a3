/* From reset to main(): copies the program to RAM, clears what has to be zero. */
#include <stdint.h>

extern uint32_t run_begin, run_end, run_image, bss_begin, bss_end, stack_top;
int main(void);
void reset(void);
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
  for (;;) enter();
}

/* Unexpected exceptions: stops here, so that a debugger finds it; the host sees silence and reports it. */
__attribute__((section(".start"), noreturn, used)) static void stop(void) {
  for (;;) {
  }
}

typedef void (*vector)(void);

/* clang-format off */
__attribute__((section(".vectors"), used)) const vector vectors[16 + IRQS] = {
    (vector)&stack_top,
    reset,
    stop, /* NMI */
    stop, /* hard fault */
    0, 0, 0, 0, 0, 0, 0,
    stop, /* SVC */
    0, 0,
    stop, /* PendSV */
    stop, /* SysTick */
    stop, stop, stop, stop, stop,
    usb_interrupt, /* 5 */
    stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop,
    uart_interrupt, /* 20 */
    stop, stop, stop, stop, stop,
};
/* clang-format on */
