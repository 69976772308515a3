/**
 * What an AT25-like chip has beside its array: registers, one-time bytes, unique ID (at25.md, section 2). Each kind is a
 * set of commands over cells of their own.
 */
import type { At25Part } from "./part.ts";
import { CellArray } from "../core/cell-array.ts";
import type { RuleName } from "../core/chip-model.ts";
import type { OperationTime } from "../core/chip-times.ts";
import { type Command, keepFirst, keepLast } from "../core/spi-chip.ts";

/** What these commands need of the chip. */
export interface SecurityHost {
  readonly part: At25Part;
  /** Of commands that the address mode changes. */
  readonly addressBytes: 3 | 4;
  readonly cells: CellArray;
  readonly windowNumber: () => number;
  readonly uniqueIdByte: (index: number) => number;
  /** Lock bits of status register 2. */
  readonly lockBits: () => number;
  /** Takes the write-enable latch; false, and a broken rule noted, where it was clear. */
  takeLatch(opcode: number, nowNs: number): boolean;
  busy(time: OperationTime, nowNs: number): void;
  violate(rule: RuleName, opcode: number, nowNs: number, detail: string): void;
  /** Whether array commands reach the secured area. */
  setSecured(isIn: boolean): void;
}

const OTP_BYTES = 128;
const OTP_USER_BYTES = 64;
const OTP_PAGE_BYTES = 128;
const OTP_PAGES = 4;
const REGISTER_PAGE_BYTES = 256;
const SECURED_BYTES = 512;
const SECURED_FACTORY_BYTES = 16;
const SECURITY_ID_BYTES = 2048;
const GRANULE = 64;

/** The cells of a part's kind, with what the factory wrote. */
export function securityCells(part: At25Part, uniqueIdByte: (index: number) => number): CellArray {
  const factory = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, index) => uniqueIdByte(index));
  const { security } = part;
  const filled = (bytes: number, at: number, data: Uint8Array): CellArray => {
    const cells = new CellArray(bytes, GRANULE);
    cells.load(at, data);
    return cells;
  };
  switch (security.kind) {
    case "registers":
      return new CellArray(4 * security.registerBytes, GRANULE);
    case "otp-128":
      return filled(OTP_BYTES, OTP_USER_BYTES, factory(OTP_BYTES - OTP_USER_BYTES));
    case "otp-pages":
      return filled(OTP_PAGES * OTP_PAGE_BYTES, 0, factory(OTP_PAGE_BYTES));
    case "secured":
      return filled(SECURED_BYTES, 0, factory(SECURED_FACTORY_BYTES));
    case "security-id":
      return filled(SECURITY_ID_BYTES, 0, factory(8));
    case "none":
      return new CellArray(GRANULE, GRANULE);
  }
}

/** Adds the commands of the part's kind. */
export function addSecurityCommands(table: Map<number, Command>, host: SecurityHost): void {
  const { security, uniqueIdBytes } = host.part;
  if (uniqueIdBytes > 0) {
    table.set(0x4b, {
      headBytes: 2 + host.addressBytes,
      isRead: true,
      answer: (index) => (index < uniqueIdBytes ? host.uniqueIdByte(index) : 0xff),
    });
  }
  switch (security.kind) {
    case "registers":
      addRegisters(table, host, security.registerBytes, security.shift);
      break;
    case "otp-128":
      table.set(
        0x77,
        readFrom(host, 6, (address) => address % OTP_BYTES),
      );
      table.set(
        0x9b,
        programOnce(host, 0x9b, (address) => (address < OTP_USER_BYTES ? address : undefined), true),
      );
      break;
    case "otp-pages":
      table.set(
        0x4b,
        readFrom(host, 5, (address) => address % (OTP_PAGES * OTP_PAGE_BYTES)),
      );
      table.set(
        0x9b,
        programOnce(host, 0x9b, (address) => (isUserPage(address) ? address : undefined), false),
      );
      break;
    case "secured":
      table.set(
        0xb1,
        atOnce(() => host.setSecured(true)),
      );
      table.set(
        0xc1,
        atOnce(() => host.setSecured(false)),
      );
      break;
    case "security-id": {
      let address = 0;
      table.set(0x88, {
        headBytes: 4,
        isRead: true,
        begin: (head) => {
          address = ((head[1] ?? 0) << 8) | (head[2] ?? 0);
        },
        answer: (index) => host.cells.at((address + index) % SECURITY_ID_BYTES, host.windowNumber()),
      });
      break;
    }
    case "none":
  }
}

function addRegisters(table: Map<number, Command>, host: SecurityHost, registerBytes: number, shift: number): void {
  /** Place of the register that the head of a command names; undefined if there is no such register. */
  const placeOf = (head: readonly number[]): number | undefined => {
    const address = addressOf(head.slice(host.addressBytes - 3));
    const number = (address >> shift) & 3;
    return number === 0 ? undefined : number * registerBytes + (address % registerBytes);
  };
  const startOf = (at: number): number => at - (at % registerBytes);
  let start: number | undefined;
  table.set(0x48, {
    headBytes: 2 + host.addressBytes,
    isRead: true,
    begin: (head) => {
      start = placeOf(head);
    },
    answer: (index) => {
      if (start === undefined) return 0xff;
      const base = startOf(start);
      return host.cells.at(base + ((start - base + index) % registerBytes), host.windowNumber());
    },
  });
  addRegisterChanges(table, host, registerBytes, placeOf);
}

/** Program and erase of security registers. */
function addRegisterChanges(
  table: Map<number, Command>,
  host: SecurityHost,
  registerBytes: number,
  placeOf: (head: readonly number[]) => number | undefined,
): void {
  const numberOf = (at: number): number => Math.floor(at / registerBytes);
  const maySecure = (opcode: number, at: number, nowNs: number): boolean => {
    const isLocked = (host.lockBits() & (0x04 << numberOf(at))) !== 0;
    if (!host.takeLatch(opcode, nowNs)) return false;
    if (isLocked) host.violate("write-while-protected", opcode, nowNs, `security register ${numberOf(at)} is locked`);
    return !isLocked;
  };
  let start: number | undefined;
  let data: number[] = [];
  table.set(0x42, {
    headBytes: 1 + host.addressBytes,
    isRead: false,
    begin: (head) => {
      start = placeOf(head);
      data = [];
    },
    take: keepLast(
      () => REGISTER_PAGE_BYTES,
      () => data,
    ),
    end: (_, nowNs) => {
      if (start === undefined || !maySecure(0x42, start, nowNs)) return;
      host.busy(host.part.page, nowNs);
      // Like a page of the array: what does not fit continues at its start.
      const page = start - (start % REGISTER_PAGE_BYTES);
      const offset = start - page;
      for (const [index, byte] of data.entries())
        host.cells.program(page + ((offset + index) % REGISTER_PAGE_BYTES), Uint8Array.of(byte));
    },
  });
  table.set(0x44, {
    headBytes: 1 + host.addressBytes,
    isRead: false,
    begin: (head) => {
      start = placeOf(head);
    },
    end: (_, nowNs) => {
      if (start === undefined || !maySecure(0x44, start, nowNs)) return;
      const [smallest] = host.part.erases;
      if (smallest !== undefined) host.busy(smallest.time, nowNs);
      host.cells.erase({ address: numberOf(start) * registerBytes, lengthBytes: registerBytes });
    },
  });
}

function readFrom(host: SecurityHost, headBytes: number, place: (address: number) => number): Command {
  let start = 0;
  return {
    headBytes,
    isRead: true,
    begin: (head) => {
      start = addressOf(head);
    },
    answer: (index) => host.cells.at(place(start + index), host.windowNumber()),
  };
}

/**
 * 9Bh. Carried out, and noted as what cannot be taken back. `once`: the first program closes the whole register, what was
 * not sent in it stays as it is permanently.
 */
function programOnce(
  host: SecurityHost,
  opcode: number,
  place: (address: number) => number | undefined,
  once: boolean,
): Command {
  let start = 0;
  let data: number[] = [];
  return {
    headBytes: 4,
    isRead: false,
    begin: (head) => {
      start = addressOf(head);
      data = [];
    },
    take: keepFirst(OTP_PAGES * OTP_PAGE_BYTES, () => data),
    end: (_, nowNs) => {
      if (!host.takeLatch(opcode, nowNs)) return;
      const used = host.cells.peek(0, OTP_USER_BYTES).some((byte) => byte !== 0xff);
      if (once && used) {
        host.violate("write-while-protected", opcode, nowNs, "the user's half was programmed before");
        return;
      }
      host.violate("forbidden-one-time", opcode, nowNs, "programs bytes that no erase clears");
      host.busy(host.part.page, nowNs);
      for (const [index, byte] of data.entries()) {
        const at = place(start + index);
        if (at !== undefined) host.cells.program(at, Uint8Array.of(byte));
      }
    },
  };
}

/** The first page is the factory's, and there are no more than four. */
function isUserPage(address: number): boolean {
  return address >= OTP_PAGE_BYTES && address < OTP_PAGES * OTP_PAGE_BYTES;
}

function atOnce(act: () => void): Command {
  return { headBytes: 1, isRead: false, end: act };
}

function addressOf(head: readonly number[]): number {
  return ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0);
}
