/**
 * Where the chips of a maker show the state in which an earlier program has left them, and what leads out of it.
 *
 * Only registers that every part with such an ID bears to be asked for: 35h reads a status register on Winbond and its
 * likes, and enters the mode of four data lines on Macronix and ISSI. A part that lacks a register does not drive the
 * line, so FF and 00 say nothing.
 *
 * Sources: datasheets of W25Q64JV and W25Q256JV (SR2 bit 7, SR3 bits 2 and 0), Micron N25Q and MT25Q (70h), Macronix
 * MX25L12835F and MX25L25635F (2Bh, 15h), Atmel AT25DF081A and AT25DF321A (second byte of 05h), SST26VF064B (05h), Spansion
 * S25FL128S and S25FL128L (07h, 15h, 30h, 17h), ISSI IS25LP256 (48h, 29h); Linux `drivers/mtd/spi-nor` for the ways out of the
 * address mode.
 */
import { READ_STATUS_2 } from "../at25/status.ts";
import { fourByteModeOf } from "../four-byte-mode.ts";

/** A state that a register shows. */
export type ShownState =
  /** An erase is suspended: the chip ignores other erases, and on most families writes of its registers. */
  | "erase-suspended"
  /** A program is suspended: the chip ignores programs and erases. */
  | "program-suspended"
  /** Commands of the array take four address bytes. */
  | "four-byte-mode"
  /** Three-byte addresses reach another part of the chip than the lowest 16 MiB. */
  | "extended-address"
  /** A lock for each block takes the place of the protection bits. */
  | "block-locks"
  /** A failed operation has left an error bit. */
  | "error-flag";

/** A register with bits that show states. */
export interface StateRegister {
  /** Command that reads it. */
  readonly opcode: number;
  /** Number of its byte in the response. Default: 0. */
  readonly byteIndex?: number | undefined;
  /** Older parts with such an ID repeat their first byte instead: a byte that equals the one before shows nothing. */
  readonly mayRepeat?: true | undefined;
  /** Name for display. */
  readonly name: string;
  /** Its bits. */
  readonly bits: readonly { readonly mask: number; readonly state: ShownState }[];
  /** Whether only parts above 16 MiB have it. */
  readonly isLargeOnly?: true | undefined;
}

/** What is known of all parts with an ID. */
export interface StateFamily {
  readonly registers: readonly StateRegister[];
  /** Commands that resume what is suspended, in the order in which to try them. */
  readonly resumes: readonly number[];
  /** The command that clears error bits; absent if none stays. */
  readonly clearErrors?: number | undefined;
  /** Ways out of the mode of four address bytes, each a list of transfers, in the order in which to try them. */
  readonly leaveFourByteMode: readonly (readonly (readonly number[])[])[];
  /** Transfers that set the extended address register to 0; absent if the parts have none. */
  readonly clearExtendedAddress?: readonly (readonly number[])[] | undefined;
}

const ATMEL = 0x1f;
const SPANSION = 0x01;
const MICRON = 0x20;
const MACRONIX = 0xc2;
const ISSI = 0x9d;
const SST = 0xbf;
const WRITE_ENABLE = [0x06];
const WRITE_DISABLE = [0x04];

const STATUS_2: StateRegister = {
  opcode: READ_STATUS_2,
  name: "status register 2",
  bits: [{ mask: 0x80, state: "erase-suspended" }],
};
const EXTENDED_ADDRESS: StateRegister = {
  opcode: 0xc8,
  name: "the extended address register",
  bits: [{ mask: 0x7f, state: "extended-address" }],
  isLargeOnly: true,
};
const CLEAR_EXTENDED_ADDRESS = [WRITE_ENABLE, [0xc5, 0x00], WRITE_DISABLE];
const BANK_REGISTER: StateRegister = {
  opcode: 0x16,
  name: "the bank address register",
  bits: [
    { mask: 0x7f, state: "extended-address" },
    { mask: 0x80, state: "four-byte-mode" },
  ],
  isLargeOnly: true,
};
/** Bank 0, and bit 7, the mode of four address bytes, off. */
const CLEAR_BANK = [[0x17, 0x00]];

/** Status register 3 of Winbond and GigaDevice: WPS in bit 2, and on large parts the address mode in bit 0. */
function status3(isLarge: boolean): StateRegister {
  const mode = isLarge ? [{ mask: 0x01, state: "four-byte-mode" as const }] : [];
  return { opcode: 0x15, name: "status register 3", bits: [{ mask: 0x04, state: "block-locks" }, ...mode] };
}

const MACRONIX_MODE: StateRegister = {
  opcode: 0x15,
  name: "the configuration register",
  bits: [{ mask: 0x20, state: "four-byte-mode" }],
  isLargeOnly: true,
};
const SECURITY: StateRegister = {
  opcode: 0x2b,
  name: "the security register",
  bits: [
    { mask: 0x08, state: "erase-suspended" },
    { mask: 0x04, state: "program-suspended" },
  ],
};
const SPANSION_STATUS_2: StateRegister = {
  opcode: 0x07,
  name: "status register 2",
  bits: [
    { mask: 0x02, state: "erase-suspended" },
    { mask: 0x01, state: "program-suspended" },
  ],
};
/** S25FL-L: bit 0 is the address mode in force. */
const CONFIGURATION_2: StateRegister = {
  opcode: 0x15,
  name: "configuration register 2",
  bits: [{ mask: 0x01, state: "four-byte-mode" }],
};
const FUNCTION_REGISTER: StateRegister = {
  opcode: 0x48,
  name: "the function register",
  bits: [
    { mask: 0x08, state: "erase-suspended" },
    { mask: 0x04, state: "program-suspended" },
  ],
};
const FLAG_STATUS: StateRegister = {
  opcode: 0x70,
  name: "the flag status register",
  bits: [
    { mask: 0x40, state: "erase-suspended" },
    { mask: 0x04, state: "program-suspended" },
    { mask: 0x3a, state: "error-flag" },
    { mask: 0x01, state: "four-byte-mode" },
  ],
};

/** AT25DF, and with them AT25DL and the A and B revisions of AT25XE: bits 1 and 2 of the second byte. */
const ATMEL_STATUS_2: StateRegister = {
  opcode: 0x05,
  byteIndex: 1,
  mayRepeat: true,
  name: "byte 2 of the status register",
  bits: [
    { mask: 0x02, state: "erase-suspended" },
    { mask: 0x04, state: "program-suspended" },
  ],
};
/** AT25FF and AT25XE-D: registers as Winbond's (ufprog), with a bit for a program as well. */
const ATMEL_FF_STATUS_2: StateRegister = {
  ...STATUS_2,
  bits: [...STATUS_2.bits, { mask: 0x04, state: "program-suspended" }],
};
/** SST26: WSE and WSP. SST25 has protection bits there. */
const SST26_STATUS: StateRegister = {
  opcode: 0x05,
  name: "the status register",
  bits: [
    { mask: 0x04, state: "erase-suspended" },
    { mask: 0x08, state: "program-suspended" },
  ],
};

/** Makers whose parts have status registers as Winbond's: 35h reads the second, 7Ah resumes. */
const LIKE_WINBOND: ReadonlySet<number> = new Set([0xef, 0xc8, 0x85, 0x0b, 0x0e, 0x68, 0x5e, 0xba, 0xa1]);
/** And of those, where 15h reads a third with the bits of Winbond's. */
const WITH_STATUS_3: ReadonlySet<number> = new Set([0xef, 0xc8, 0x85]);
/** Second bytes of Atmel's IDs with such registers: AT25SF, AT25SF641, AT25EU. */
const ATMEL_LIKE_WINBOND: ReadonlySet<number> = new Set([0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x32, 0x14]);
/** Second bytes of Atmel's IDs with sector registers; third bytes of those among them that are AT25FF or AT25XE-D. */
const ATMEL_DF: ReadonlySet<number> = new Set([0x43, 0x44, 0x45, 0x46, 0x47, 0x48]);
const ATMEL_FF: ReadonlySet<number> = new Set([0x08, 0x0c]);
const ATMEL_SL = 0x42;
const SMALLEST_SL_CODE = 0x15;
const SST26 = 0x26;
/** 2^24 bytes; the third byte of an ID is the exponent on nearly all parts, and 20h for 64 MiB follows 19h. */
const LARGEST_SMALL_CODE = 0x18;

/** Whether an ID reports that the part has more than 16 MiB; makers that count otherwise are not asked. */
export function isLargeId([, , code = 0]: readonly number[]): boolean {
  return code > LARGEST_SMALL_CODE && code < 0x30;
}

/**
 * What is known of the parts with this ID (three bytes, manufacturer first); of others nothing but how an address mode is
 * left.
 */
export function stateFamilyOf(jedecId: readonly number[]): StateFamily {
  const [maker = 0, type = 0, code = 0] = jedecId;
  const isLarge = isLargeId(jedecId);
  const plainExit = [fourByteModeOf(jedecId).leave];
  if (LIKE_WINBOND.has(maker) || isAtmelLikeWinbond(jedecId)) {
    const more = WITH_STATUS_3.has(maker) ? [status3(isLarge), EXTENDED_ADDRESS] : [];
    return {
      registers: [STATUS_2, ...more],
      resumes: [0x7a],
      leaveFourByteMode: plainExit,
      clearExtendedAddress: more.length === 0 ? undefined : CLEAR_EXTENDED_ADDRESS,
    };
  }
  switch (maker) {
    case MICRON:
      if (type !== 0xba && type !== 0xbb) break;
      return {
        registers: [FLAG_STATUS, EXTENDED_ADDRESS],
        resumes: [0x7a],
        clearErrors: 0x50,
        leaveFourByteMode: plainExit,
        clearExtendedAddress: CLEAR_EXTENDED_ADDRESS,
      };
    case MACRONIX:
      return {
        registers: [SECURITY, MACRONIX_MODE, EXTENDED_ADDRESS],
        resumes: [0x30, 0x7a],
        leaveFourByteMode: plainExit,
        // MX25L25635F and later; older ones have no such register, and its command reads FF.
        clearExtendedAddress: CLEAR_EXTENDED_ADDRESS,
      };
    case SPANSION:
      return spansion(type);
    case ISSI:
      return {
        registers: [FUNCTION_REGISTER, BANK_REGISTER],
        resumes: [0x7a, 0x30],
        leaveFourByteMode: [[[0x29]], CLEAR_BANK],
        clearExtendedAddress: CLEAR_BANK,
      };
    case SST:
      return { registers: type === SST26 ? [SST26_STATUS] : [], resumes: [0x30], leaveFourByteMode: plainExit };
    case ATMEL:
      if (!ATMEL_DF.has(type)) break;
      return ATMEL_FF.has(code)
        ? { registers: [ATMEL_FF_STATUS_2], resumes: [0xd0, 0x7a], leaveFourByteMode: plainExit }
        : { registers: [ATMEL_STATUS_2], resumes: [0xd0], leaveFourByteMode: plainExit };
    default:
  }
  return { registers: [], resumes: [], leaveFourByteMode: plainExit };
}

/** AT25SF, AT25SL, AT25EU. AT25DN011 has the second byte of AT25SL. */
function isAtmelLikeWinbond([maker = 0, type = 0, code = 0]: readonly number[]): boolean {
  if (maker !== ATMEL) return false;
  return ATMEL_LIKE_WINBOND.has(type) || (type === ATMEL_SL && code >= SMALLEST_SL_CODE);
}

/** E9h unlocks by password on FL-S, which have the mode in their bank register. FL1-K parts are as Winbond's. */
function spansion(type: number): StateFamily {
  if (type === 0x40) return { registers: [STATUS_2], resumes: [0x7a], leaveFourByteMode: [] };
  if (type === 0x60) {
    return {
      registers: [SPANSION_STATUS_2, CONFIGURATION_2],
      resumes: [0x7a],
      leaveFourByteMode: [fourByteModeOf([SPANSION]).leave],
    };
  }
  return {
    // Parts of 16 MiB have the mode as well, in the same register.
    registers: [SPANSION_STATUS_2, { ...BANK_REGISTER, isLargeOnly: undefined }],
    resumes: [0x7a, 0x8a],
    clearErrors: 0x30,
    leaveFourByteMode: [CLEAR_BANK],
    clearExtendedAddress: CLEAR_BANK,
  };
}
