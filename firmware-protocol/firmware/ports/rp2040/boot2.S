/* The second stage of booting: 252 bytes that the boot ROM copies to RAM and runs, and a checksum that a tool puts behind
 * them. Sets the flash's interface to plain reads (03h, one line, 24 address bits), which every flash knows, and jumps to
 * the program behind it (datasheet 2.8.1.3.1 and 4.10). */
  .syntax unified
  .cpu cortex-m0plus
  .thumb
  .section .boot2, "ax"
  .global boot2
  .thumb_func
boot2:
  ldr r0, =0x18000000 /* SSI */
  movs r1, #0
  str r1, [r0, #0x08] /* off while it is set up */
  movs r1, #4
  str r1, [r0, #0x14] /* clk_sys / 4 */
  ldr r1, =0x001f0300 /* 32-bit frames, one line, send a command and read */
  str r1, [r0, #0x00]
  movs r1, #0
  str r1, [r0, #0x04] /* one frame a read */
  movs r2, #0xf4
  ldr r1, =0x03000218 /* command 03h, 8 bits of it, 24 bits of address */
  str r1, [r0, r2]
  movs r1, #1
  str r1, [r0, #0x08]
  ldr r0, =0x10000100 /* the program's vectors */
  ldr r1, =0xe000ed08 /* VTOR */
  str r0, [r1]
  ldmia r0, {r0, r1}
  msr msp, r0
  bx r1
  .pool
