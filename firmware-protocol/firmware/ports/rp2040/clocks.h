/* Clocks of the RP2040, and its time. */
#ifndef NORBRIDGE_CLOCKS_H
#define NORBRIDGE_CLOCKS_H

/* clk_sys and clk_peri: four times the fastest SPI clock. */
#define CLOCK_HZ 120000000u

void clocks_begin(void);

#endif
