/** The status of an AT45, byte 1 and, on E parts, byte 2. Source: at45.md. */
import type { ReadyPoll } from "../step-answers.ts";

/** Only for a chip whose ID reports AT45: many other chips erase or write on this opcode. */
export const READ_STATUS = 0xd7;

/** Ready is bit 7 at 1: the other way round than on AT25. */
export const READY: ReadyPoll = { opcode: READ_STATUS, mask: 0x80, value: 0x80 };

/** Byte 1: sector protection is enabled, by command or by the WP# pin. */
export const STATUS_1_PROTECT = 0x02;
/** Byte 1: pages are 256, 512 or 1024 bytes. */
export const STATUS_1_BINARY_PAGES = 0x01;
/** Byte 1: density code, in place. */
export const STATUS_1_DENSITY = 0x3c;
/** Byte 2: the last program or erase failed. */
export const STATUS_2_ERROR = 0x20;
