@ blink: a whole flash image for a Raspberry Pi Pico (RP2040): the LED on GPIO 25 says "NORBRIDGE" in Morse code,
@ its letters fading in and out along a sine table.
@
@ It is an example of what norbridge writes, so it holds what real images hold: code, tables, text, noise, zeros,
@ repeated records and blank flash. It fills 48 KiB:
@
@   0x0000  second stage boot loader, 256 bytes, the last four a CRC that the boot ROM checks
@   0x0100  vectors and code
@   0x0400  Morse table, message, CRC-32 table, sine table
@   0x2000  licence
@   0x3000  blank
@   0x4000  noise from a xorshift generator
@   0x8000  zeros
@   0xa000  128 settings records, nearly alike
@   0xb000  blank, and a footer in the last 16 bytes
@
@ Registers: RP2040 Datasheet, 2.14 (resets), 2.19 (GPIO), 2.3.1.7 (SIO), 4.10.13 (SSI); boot: 2.8.1.

        .syntax unified
        .cpu cortex-m0plus
        .thumb

        .equ XIP_BASE,       0x10000000
        .equ SSI_BASE,       0x18000000
        .equ RESETS_BASE,    0x4000c000
        .equ RESETS_CLEAR,   0x4000f000      @ the same registers, writing clears bits
        .equ GPIO25_CTRL,    0x400140cc
        .equ SIO_BASE,       0xd0000000
        .equ VTOR,           0xe000ed08
        .equ STACK_TOP,      0x20042000
        .equ LED,            1 << 25
        .equ IO_AND_PADS,    (1 << 5) | (1 << 8)

        .section .image, "ax"

@ ---- second stage: plain serial reads (command 03h), which every flash knows, then on to the program ----
boot2:
        push    {lr}
        ldr     r0, =SSI_BASE
        movs    r1, #0
        str     r1, [r0, #0x08]         @ SSIENR: off while it is changed
        movs    r1, #8
        str     r1, [r0, #0x14]         @ BAUDR: system clock / 8
        ldr     r1, =(31 << 16) | (3 << 8)
        str     r1, [r0, #0x00]         @ CTRLR0: 32-bit frames, command and address, then read
        movs    r1, #0
        str     r1, [r0, #0x04]         @ CTRLR1: one frame an access
        ldr     r1, =(0x03 << 24) | (2 << 8) | (6 << 2)
        movs    r2, #0xf4
        str     r1, [r0, r2]            @ SPI_CTRLR0: command 03h of 8 bits, address of 24
        movs    r1, #1
        str     r1, [r0, #0x08]         @ SSIENR: on
        pop     {r0}
        cmp     r0, #0
        bne     1f                      @ called as a function, not by the boot ROM
        ldr     r0, =vectors
        ldr     r1, =VTOR
        str     r0, [r1]
        ldmia   r0!, {r1, r2}
        msr     msp, r1
        bx      r2
1:      bx      r0
        .pool
        .org    0xfc, 0
        .word   0x3ba72e05              @ CRC-32/MPEG-2 of the 252 bytes before it: change it with them

@ ---- the program ----
        .org    0x100, 0
vectors:
        .word   STACK_TOP
        .word   start + 1
        .word   hang + 1                @ NMI
        .word   hang + 1                @ hard fault
        .org    0x1c0, 0

        .global start
        .thumb_func
start:
        ldr     r0, =RESETS_CLEAR
        ldr     r1, =IO_AND_PADS
        str     r1, [r0]                @ take pins and pads out of reset
        ldr     r0, =RESETS_BASE
1:      ldr     r2, [r0, #8]            @ RESET_DONE
        ands    r2, r1
        cmp     r2, r1
        bne     1b
        ldr     r0, =GPIO25_CTRL
        movs    r1, #5                  @ function 5: SIO
        str     r1, [r0]
        ldr     r7, =SIO_BASE
        ldr     r6, =LED
        str     r6, [r7, #0x24]         @ output enable

again:
        ldr     r5, =message
letter:
        ldrb    r0, [r5]
        adds    r5, #1
        cmp     r0, #0
        beq     pause
        subs    r0, #'A'
        ldr     r1, =morse
        ldrb    r4, [r1, r0]
        lsls    r4, r4, #24
sign:
        lsls    r4, r4, #1              @ carry: the sign; zero left: that was the end mark
        beq     letter_end
        bcs     1f
        movs    r0, #1
        b       2f
1:      movs    r0, #3
2:      bl      glow
        movs    r0, #1
        bl      dark
        b       sign
letter_end:
        movs    r0, #2
        bl      dark
        b       letter
pause:
        movs    r0, #8
        bl      dark
        b       again

@ Lights the LED for r0 units of about 120 ms: on and off in quick turns, the share of "on" from the sine table.
        .thumb_func
glow:
        push    {r4, r5, lr}
        ldr     r5, =sine
        movs    r4, #201                @ entries of a half wave of 402
        lsls    r4, r4, #1
        movs    r3, r0
1:      ldrh    r1, [r5]
        adds    r5, #2
        lsrs    r1, r1, #5              @ 0..1023
        adds    r1, #1
        ldr     r2, =1025
        subs    r2, r2, r1
        muls    r1, r3
        muls    r2, r3
        lsrs    r1, r1, #1
        lsrs    r2, r2, #1
        adds    r1, #1
        adds    r2, #1
        str     r6, [r7, #0x14]         @ on
2:      subs    r1, #1
        bne     2b
        str     r6, [r7, #0x18]         @ off
3:      subs    r2, #1
        bne     3b
        subs    r4, #1
        bne     1b
        pop     {r4, r5, pc}

@ Leaves the LED off for r0 units.
        .thumb_func
dark:
        ldr     r1, =250000             @ 3 cycles each at about 6 MHz, the ring oscillator's start-up speed
        muls    r1, r0
        str     r6, [r7, #0x18]
1:      subs    r1, #1
        bne     1b
        bx      lr

        .thumb_func
hang:
        b       hang
        .pool

@ ---- tables ----
        .org    0x400, 0
@ Morse code of A to Z, from the top bit: the signs (dot 0, dash 1), then a 1 as end mark.
morse:
        .byte   0b01100000, 0b10001000, 0b10101000, 0b10010000, 0b01000000, 0b00101000, 0b11010000
        .byte   0b00001000, 0b00100000, 0b01111000, 0b10110000, 0b01001000, 0b11100000, 0b10100000
        .byte   0b11110000, 0b01101000, 0b11011000, 0b01010000, 0b00010000, 0b11000000, 0b00110000
        .byte   0b00011000, 0b01110000, 0b10011000, 0b10111000, 0b11001000
message:
        .asciz  "NORBRIDGE"

        .org    0x800, 0
@ The table of CRC-32 (reflected polynomial 0xEDB88320).
crc_table:
        .set    index, 0
        .rept   256
        .set    crc, index
        .rept   8
        .set    crc, ((crc >> 1) & 0x7fffffff) ^ (0xedb88320 * (crc & 1))
        .endr
        .word   crc
        .set    index, index + 1
        .endr

@ One half wave of a sine, 402 steps, amplitude 32760, by the "magic circle": x and y feed each other 1/128.
        .org    0xc00, 0
sine:
        .set    x, 32760 * 4096
        .set    y, 0
        .rept   402
        .hword  y / 4096
        .set    y, y + x / 128
        .set    x, x - y / 128
        .endr
        .org    0x1000, 0xff

@ ---- text ----
        .org    0x2000, 0xff
        .ascii  "norbridge example image: blink\n\nMIT License\n\n"
        .ascii  "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
        .ascii  "of this software and associated documentation files (the \"Software\"), to deal\n"
        .ascii  "in the Software without restriction, including without limitation the rights\n"
        .ascii  "to use, copy, modify, merge, publish, distribute, sublicense, and/or sell\n"
        .ascii  "copies of the Software, and to permit persons to whom the Software is\n"
        .ascii  "furnished to do so, subject to the following conditions:\n\n"
        .ascii  "The above copyright notice and this permission notice shall be included in all\n"
        .ascii  "copies or substantial portions of the Software.\n\n"
        .ascii  "THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR\n"
        .ascii  "IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,\n"
        .ascii  "FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE\n"
        .ascii  "AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER\n"
        .ascii  "LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,\n"
        .ascii  "OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE\n"
        .ascii  "SOFTWARE.\n"

@ ---- noise: xorshift32, seed 2463534242 ----
        .org    0x4000, 0xff
        .set    noise, 2463534242
        .rept   4096
        .set    noise, (noise ^ (noise << 13)) & 0xffffffff
        .set    noise, noise ^ ((noise >> 17) & 0x7fff)
        .set    noise, (noise ^ (noise << 5)) & 0xffffffff
        .word   noise
        .endr

@ ---- zeros ----
        .org    0xa000, 0

@ ---- settings: 128 records of 32 bytes ----
        .set    index, 0
        .rept   128
        .ascii  "SET1"
        .hword  index, 24
        .ascii  "channel gain   "
        .byte   0
        .word   100, 0
        .set    index, index + 1
        .endr

@ ---- blank, footer ----
        .org    0xbff0, 0xff
        .ascii  "NRBLINK1"
        .word   0xc000, XIP_BASE
