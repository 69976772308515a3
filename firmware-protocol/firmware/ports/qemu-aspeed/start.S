/* QEMU loads the program where it is linked and jumps here in ARM state; .bss is zero already, since nothing ran before. */
  .section .start, "ax"
  .global start
start:
  ldr sp, =0x80400000
  bl main
1:
  b 1b
