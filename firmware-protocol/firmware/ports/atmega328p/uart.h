/* USART0 with a ring each way, emptied and filled by interrupts. */
#ifndef NORBRIDGE_UART_H
#define NORBRIDGE_UART_H

#include <stdbool.h>
#include <stdint.h>

void uart_begin(void);
/* Nothing received is waiting; for a caller that is about to sleep, with interrupts off. */
bool uart_is_empty(void);

#endif
