/** Status registers of the AT25 families: which bit says what. Source: at25.md. */
import type { ReadyPoll } from "../step-answers.ts";

/** Reads status register 1. Also polled: the chip puts out a fresh byte in every window. */
export const READ_STATUS_1 = 0x05;
/** Reads status register 2 where the part has one. Elsewhere it may enter QPI: never a question to an unknown part. */
export const READ_STATUS_2 = 0x35;
/** Reads status register 3, or the configuration register of Macronix. */
export const READ_STATUS_3 = 0x15;

/** The write-enable latch. */
export const STATUS_1_WEL = 0x02;

/** Ready is bit 0 at 0. */
export const READY: ReadyPoll = { opcode: READ_STATUS_1, mask: 0x01, value: 0x00 };

/** SR1 bit 1, the write enable latch: set by 06h, cleared at the end of each program, erase and register write. */
export const STATUS_1_WRITE_ENABLED = 0x02;

/** SR1 bit 5 of the families that report errors: the last program or erase failed. */
export const STATUS_1_ERROR = 0x20;

/** Layout "bp-sec-tb-cmp". */
export const STATUS_1_SEC = 0x40;
export const STATUS_1_TB = 0x20;
export const STATUS_1_BP_SHIFT = 2;
export const STATUS_1_BP_MASK = 0x07;
export const STATUS_1_SRP0 = 0x80;
export const STATUS_2_CMP = 0x40;
export const STATUS_2_SRP1 = 0x01;
/** Where block protection bits lie on nearly every part whose layout is not known, bits 5..2. */
export const STATUS_1_LIKELY_PROTECTION = 0x3c;
