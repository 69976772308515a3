/* UART0 on GP0 (TX) and GP1 (RX), for boards without USB: received bytes wait in a ring. */
#ifndef NORBRIDGE_UART_H
#define NORBRIDGE_UART_H

#include <stdbool.h>
#include <stdint.h>

void uart_begin(void);
bool uart_is_empty(void);
void uart_drop(void);
uint16_t uart_read(uint8_t *into, uint16_t most);
uint16_t uart_write(const uint8_t *from, uint16_t count);
bool uart_has_sent(void);
uint32_t uart_baud(void);
void uart_set_baud(uint32_t baud);

#endif
