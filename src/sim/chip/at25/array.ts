/** Commands of the array of an AT25-like chip: read, program, erase, each with three or four address bytes. */
import { type ByteRange, rangeIntersection } from "../../../../drivers/geometry.ts";
import { sameBytes } from "../../../bytes.ts";
import { type At25Host, addressed, atOnce, NOTHING } from "./command-access.ts";
import { blockOf, type EraseCommand } from "./part.ts";
import type { Command } from "../core/spi-chip.ts";

/** Bytes of a page, unless the part programs fewer at once. */
export const PAGE_BYTES = 256;
/** From power to the first write (at25.md, section 6). */
const FIRST_WRITE_NS = 5e6;
/** Array commands that have a twin with four address bytes. */
const TWINS: readonly (readonly [opcode: number, twin: number])[] = [
  [0x03, 0x13],
  [0x0b, 0x0c],
  [0x02, 0x12],
  [0x20, 0x21],
  [0x52, 0x5c],
  [0xd8, 0xdc],
];

/** Adds the array commands. `addressBytes`: of those that the address mode changes. */
export function addArrayCommands(table: Map<number, Command>, chip: At25Host, addressBytes: 3 | 4): void {
  const { part } = chip;
  table.set(0x03, readCommand(chip, 0, addressBytes));
  table.set(0x0b, readCommand(chip, 1, addressBytes));
  table.set(0x02, programCommand(chip, 0x02, addressBytes));
  for (const opcode of part.chipEraseOpcodes ?? [0x60, 0xc7]) table.set(opcode, chipErase(chip, opcode));
  for (const erase of part.erases) table.set(erase.opcode, blockErase(chip, erase, erase.opcode, addressBytes));
  if (part.hasFourByteCommands) addFourByte(table, chip);
}

function addFourByte(table: Map<number, Command>, chip: At25Host): void {
  for (const [opcode, twin] of TWINS) {
    const erase = chip.part.erases.find((one) => one.opcode === opcode);
    if (chip.part.fourByteOpcodes?.includes(twin) === false) continue;
    if (erase !== undefined) table.set(twin, blockErase(chip, erase, twin, 4));
    else if (opcode === 0x02) table.set(twin, programCommand(chip, twin, 4));
    else if (opcode === 0x03 || opcode === 0x0b) table.set(twin, readCommand(chip, opcode === 0x0b ? 1 : 0, 4));
  }
}

function readCommand(chip: At25Host, dummyBytes: number, addressBytes: 3 | 4): Command {
  let address = 0;
  let cells = chip.cells;
  return {
    headBytes: 1 + addressBytes + dummyBytes,
    isRead: true,
    begin: (head, nowNs) => {
      cells = chip.registers.isSecured ? chip.security : chip.cells;
      address = chip.addressOf(head, addressBytes, nowNs);
      chip.checkSuspended(head[0] ?? 0, { address, lengthBytes: 1 }, nowNs);
    },
    answer: (index) => cells.at((address + index) % cells.capacityBytes, chip.windowNumber()),
    answerInto: (index, into) => cells.readInto((address + index) % cells.capacityBytes, into, chip.windowNumber()),
  };
}

/** Whether a write may begin; else the rule broken is recorded and the latch cleared. */
function mayWrite(chip: At25Host, opcode: number, isErase: boolean, range: ByteRange, nowNs: number): boolean {
  const suspended = chip.suspended();
  if (nowNs < chip.poweredAtNs() + FIRST_WRITE_NS) {
    chip.violate("power-up-too-soon", opcode, nowNs, "5 ms after power at the earliest", range.address);
  } else if (!chip.registers.isWriteEnabled) {
    const rule = isErase ? "erase-without-write-enable" : "program-without-write-enable";
    chip.violate(rule, opcode, nowNs, "the write-enable latch is clear", range.address);
  } else if (suspended !== undefined && (isErase || suspended === "program" || chip.isInSuspended(range))) {
    const what = isErase ? "an erase" : "this program";
    chip.violate("command-while-suspended", opcode, nowNs, `${what} while another is interrupted`, range.address);
  } else if (chip.guard.refuses(chip.registers, range)) {
    chip.violate("write-while-protected", opcode, nowNs, "block protection covers it", range.address);
    if (chip.part.flags !== undefined) noteFailure(chip, isErase ? "erase" : "program", true);
  } else {
    chip.clearWriteEnable();
    return true;
  }
  chip.clearWriteEnable();
  return false;
}

/** Noted on parts that keep it until it is cleared. */
function noteFailure({ registers }: At25Host, failed: "program" | "erase", wasProtected: boolean): void {
  Object.assign(registers, { failed, wasProtected });
}

/** The buffer of a page: it holds what came last for each place. */
class PageLatch {
  readonly pageBytes: number;
  #bytes = new Uint8Array();
  #start = 0;

  constructor(pageBytes: number) {
    this.pageBytes = pageBytes;
  }

  begin(address: number): void {
    this.#bytes = new Uint8Array(this.pageBytes).fill(0xff);
    this.#start = address % this.pageBytes;
  }

  take(index: number, byte: number): void {
    this.#bytes[(this.#start + index) % this.pageBytes] = byte;
  }

  takeAll(index: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) this.take(index + at, bytes[at] ?? 0);
  }

  /** `count` bytes from where it began, or all of them if more came than fit. */
  bytes(count: number): { readonly offset: number; readonly data: Uint8Array } {
    const isWhole = count > this.pageBytes - this.#start;
    const offset = isWhole ? 0 : this.#start;
    return { offset, data: this.#bytes.subarray(offset, isWhole ? this.pageBytes : offset + count) };
  }
}

function programCommand(chip: At25Host, opcode: number, addressBytes: 3 | 4): Command {
  const latch = new PageLatch(chip.part.programBytes ?? PAGE_BYTES);
  const { pageBytes } = latch;
  let address = 0;
  return {
    headBytes: 1 + addressBytes,
    isRead: false,
    begin: (head, nowNs) => {
      address = chip.addressOf(head, addressBytes, nowNs);
      latch.begin(address);
    },
    take: (index, byte) => latch.take(index, byte),
    takeAll: (index, bytes) => latch.takeAll(index, bytes),
    end: (count, nowNs) => {
      const room = pageBytes - (address % pageBytes);
      if (count === 0) {
        chip.violate("short-command", opcode, nowNs, "a program without data", address);
        chip.clearWriteEnable();
        return;
      }
      // No host can know of a page that is smaller than it should be.
      if (count > room && pageBytes === PAGE_BYTES) {
        chip.violate("page-overrun", opcode, nowNs, `${count} bytes where the page has ${room}`, address);
      }
      const { offset, data } = latch.bytes(count);
      programLatch(chip, opcode, { page: address - (address % pageBytes), pageBytes, offset, data, count }, nowNs);
    },
  };
}

/** What is in the latch when chip select rises. */
interface Latched {
  /** Address of the page. */
  readonly page: number;
  readonly pageBytes: number;
  /** Where the data begins in it. */
  readonly offset: number;
  readonly data: Uint8Array;
  /** Bytes that were sent. */
  readonly count: number;
}

function programLatch(chip: At25Host, opcode: number, latched: Latched, nowNs: number): void {
  const { page: address, pageBytes, offset, data, count } = latched;
  const { part, cells, registers } = chip;
  const page = { address, lengthBytes: pageBytes };
  const from = address + offset;
  if (registers.isSecured) {
    if (!chip.takeLatch(opcode, nowNs)) return;
    chip.violate("forbidden-one-time", opcode, nowNs, "programs bytes of the secured area");
    chip.work("other", NOTHING, part.page, nowNs);
    chip.security.program(from, data);
    return;
  }
  if (!mayWrite(chip, opcode, false, page, nowNs) || ignoresProgram(chip, page)) return;
  chip.work("program", page, part.page, nowNs, Math.min(count, pageBytes));
  const expected = cells.peek(from, data.length);
  for (let at = 0; at < data.length; at++) expected[at] = (expected[at] ?? 0) & (data[at] ?? 0);
  chip.programCells(opcode, from, data, nowNs);
  registers.hasFailed = !sameBytes(cells.peek(from, data.length), expected);
  if (registers.hasFailed) noteFailure(chip, "program", false);
}

/** Not a bit of it shows, but the latch is used up. */
function ignoresProgram(chip: At25Host, page: ByteRange): boolean {
  const { programIgnored } = chip.part;
  if (programIgnored === undefined || rangeIntersection(programIgnored, page) === undefined) return false;
  chip.clearWriteEnable();
  return true;
}

function blockErase(chip: At25Host, erase: EraseCommand, opcode: number, addressBytes: 3 | 4): Command {
  const act = (address: number, nowNs: number): void => {
    const block = blockOf(erase, address);
    if (mayWrite(chip, opcode, true, block, nowNs)) eraseCells(chip, block, erase.time, nowNs);
  };
  return addressed(chip, act, addressBytes);
}

function chipErase(chip: At25Host, opcode: number): Command {
  return atOnce((nowNs) => {
    const all = { address: 0, lengthBytes: chip.cells.capacityBytes };
    if (mayWrite(chip, opcode, true, all, nowNs)) eraseCells(chip, all, chip.part.chipErase, nowNs);
  });
}

function eraseCells(chip: At25Host, range: ByteRange, time: EraseCommand["time"], nowNs: number): void {
  const { cells, registers } = chip;
  chip.work("erase", range, time, nowNs);
  cells.erase(range);
  registers.hasFailed = !cells.isErased(range);
  if (registers.hasFailed) noteFailure(chip, "erase", false);
}
