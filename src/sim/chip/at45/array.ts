/** Commands of the array of an AT45 and of its buffers (at45.md): read, program, erase, compare, rewrite. */
import type { ByteRange } from "../../../../drivers/geometry.ts";
import { type At45Host, type BufferNumber } from "./command-access.ts";
import { BLOCK_PAGES, chipEraseTime, type PageRange, pagesRange, sectorOf, sectorStarts, TIMES } from "./part.ts";
import type { OperationTime } from "../core/chip-times.ts";
import { type Command, keepLast } from "../core/spi-chip.ts";

/** Opcode and bytes of its head. */
const CONTINUOUS_READS: readonly (readonly [number, number])[] = [
  [0x03, 4],
  [0x01, 4],
  [0x0b, 5],
  [0x1b, 6],
  [0xe8, 8],
];

/** Adds the commands of array and buffers. */
export function addArrayCommands(table: Map<number, Command>, chip: At45Host): void {
  const { part } = chip;
  table.set(0xd2, readPage(chip));
  table.set(
    0x50,
    erase(chip, 0x50, (page) => pagesRange(page - (page % BLOCK_PAGES), BLOCK_PAGES), TIMES.blockErase),
  );
  table.set(
    0x81,
    erase(chip, 0x81, (page) => pagesRange(page, 1), TIMES.pageErase),
  );
  table.set(
    0x7c,
    erase(chip, 0x7c, (page) => sectorOf(part, page), TIMES.sectorErase),
  );
  table.set(
    0xc7,
    sequence(chip, 0xc7, [0x94, 0x80, 0x9a], (nowNs) => chipErase(chip, nowNs)),
  );
  table.set(0x02, programThroughBuffer(chip));
  for (const [opcode, headBytes] of CONTINUOUS_READS) table.set(opcode, readOn(chip, headBytes));
  addBuffer(chip, table, 1);
  if (part.bufferCount === 2) addBuffer(chip, table, 2);
}

/** The commands that exist once a buffer. */
function addBuffer(chip: At45Host, table: Map<number, Command>, number: BufferNumber): void {
  const pick = (first: number, second: number): number => (number === 1 ? first : second);
  const add = (opcode: number, command: (opcode: number) => Command): void => void table.set(opcode, command(opcode));
  add(pick(0xd4, 0xd6), () => readBuffer(chip, number, 5));
  add(pick(0xd1, 0xd3), () => readBuffer(chip, number, 4));
  add(pick(0x84, 0x87), (opcode) => writeBuffer(chip, opcode, number));
  add(pick(0x83, 0x86), (opcode) => bufferToPage(chip, opcode, number, true));
  add(pick(0x88, 0x89), (opcode) => bufferToPage(chip, opcode, number, false));
  add(pick(0x82, 0x85), (opcode) => loadAndProgram(chip, opcode, number));
  add(pick(0x53, 0x55), () => pageToBuffer(chip, number));
  add(pick(0x60, 0x61), () => compare(chip, number));
  add(pick(0x58, 0x59), (opcode) => rewrite(chip, opcode, number));
}

function readOn(chip: At45Host, headBytes: number): Command {
  let address = 0;
  return {
    headBytes,
    isRead: true,
    begin: (head, nowNs) => {
      address = chip.pageOf(head) * chip.pageBytes() + chip.offsetOf(head, nowNs);
    },
    answer: (index) => chip.cells().at((address + index) % chip.cells().capacityBytes, chip.windowNumber()),
    answerInto: (index, into) =>
      chip.cells().readInto((address + index) % chip.cells().capacityBytes, into, chip.windowNumber()),
  };
}

function readPage(chip: At45Host): Command {
  let page = 0;
  let offset = 0;
  return {
    headBytes: 8,
    isRead: true,
    begin: (head, nowNs) => {
      page = chip.pageOf(head) * chip.pageBytes();
      offset = chip.offsetOf(head, nowNs);
    },
    answer: (index) => chip.cells().at(page + ((offset + index) % chip.pageBytes()), chip.windowNumber()),
  };
}

function readBuffer(chip: At45Host, number: BufferNumber, headBytes: number): Command {
  let offset = 0;
  return {
    headBytes,
    isRead: true,
    begin: (head, nowNs) => {
      offset = chip.offsetOf(head, nowNs);
    },
    answer: (index) => chip.buffer(number)[(offset + index) % chip.pageBytes()] ?? 0,
  };
}

function writeBuffer(chip: At45Host, opcode: number, number: BufferNumber): Command {
  let offset = 0;
  return {
    headBytes: 4,
    isRead: false,
    begin: (head, nowNs) => {
      offset = chip.offsetOf(head, nowNs);
    },
    take: (index, byte) => {
      chip.buffer(number)[(offset + index) % chip.pageBytes()] = byte;
    },
    end: (count, nowNs) => checkRoom(chip, opcode, count, offset, nowNs),
  };
}

function checkRoom(chip: At45Host, opcode: number, count: number, offset: number, nowNs: number): void {
  const room = chip.pageBytes() - offset;
  if (count > room) chip.violate("page-overrun", opcode, nowNs, `${count} bytes where the page has ${room}`, offset);
}

function bufferToPage(chip: At45Host, opcode: number, number: BufferNumber, erases: boolean): Command {
  return onPage(chip, (page, nowNs) => commit(chip, opcode, number, page, erases, nowNs));
}

/** A command with a page address and nothing after it, carried out when chip select rises. */
function onPage(chip: At45Host, act: (page: number, nowNs: number) => void): Command {
  let page = 0;
  return {
    headBytes: 4,
    isRead: false,
    begin: (head) => {
      page = chip.pageOf(head);
    },
    end: (_, nowNs) => act(page, nowNs),
  };
}

/** Brings a buffer into a page. */
function commit(
  chip: At45Host,
  opcode: number,
  number: BufferNumber,
  page: number,
  erases: boolean,
  nowNs: number,
): void {
  const range = bytesOf(chip, pagesRange(page, 1));
  if (!mayChange(chip, opcode, page, range, nowNs)) return;
  chip.state.busyBuffer = number;
  chip.work("program", range, erases ? TIMES.programWithErase : TIMES.program, nowNs, chip.pageBytes());
  if (erases) chip.cells().erase(range);
  chip.programCells(opcode, range.address, chip.buffer(number), nowNs);
}

function loadAndProgram(chip: At45Host, opcode: number, number: BufferNumber): Command {
  let offset = 0;
  let page = 0;
  return {
    headBytes: 4,
    isRead: false,
    begin: (head, nowNs) => {
      offset = chip.offsetOf(head, nowNs);
      page = chip.pageOf(head);
    },
    take: (index, byte) => {
      chip.buffer(number)[(offset + index) % chip.pageBytes()] = byte;
    },
    end: (count, nowNs) => {
      checkRoom(chip, opcode, count, offset, nowNs);
      commit(chip, opcode, number, page, true, nowNs);
    },
  };
}

/** 02h: only the bytes that were sent are programmed, without erase, through buffer 1. */
function programThroughBuffer(chip: At45Host): Command {
  let offset = 0;
  let page = 0;
  let isSent: boolean[] = [];
  return {
    headBytes: 4,
    isRead: false,
    begin: (head, nowNs) => {
      offset = chip.offsetOf(head, nowNs);
      page = chip.pageOf(head);
      isSent = [];
    },
    take: (index, byte) => {
      const at = (offset + index) % chip.pageBytes();
      chip.buffer(1)[at] = byte;
      isSent[at] = true;
    },
    end: (count, nowNs) => {
      checkRoom(chip, 0x02, count, offset, nowNs);
      const range = bytesOf(chip, pagesRange(page, 1));
      if (!mayChange(chip, 0x02, page, range, nowNs)) return;
      chip.state.busyBuffer = 1;
      chip.work("program", range, TIMES.program, nowNs, count);
      const old = chip.cells().peek(range.address, range.lengthBytes);
      const expected = old.map((byte, at) => (isSent[at] === true ? (chip.buffer(1)[at] ?? 0) : byte));
      chip.programCells(0x02, range.address, expected, nowNs);
    },
  };
}

function pageToBuffer(chip: At45Host, number: BufferNumber): Command {
  return onPage(chip, (page, nowNs) => {
    const range = bytesOf(chip, pagesRange(page, 1));
    chip.state.busyBuffer = number;
    chip.work("other", range, TIMES.transfer, nowNs);
    chip.buffer(number).set(chip.cells().peek(range.address, range.lengthBytes));
  });
}

function compare(chip: At45Host, number: BufferNumber): Command {
  return onPage(chip, (page, nowNs) => {
    const range = bytesOf(chip, pagesRange(page, 1));
    chip.state.busyBuffer = number;
    chip.work("other", range, TIMES.transfer, nowNs);
    const cells = chip.cells().peek(range.address, range.lengthBytes);
    chip.state.comparesUnequal = cells.some((byte, i) => byte !== chip.buffer(number)[i]);
  });
}

/** Page to buffer, the bytes sent over it, and back with erase. */
function rewrite(chip: At45Host, opcode: number, number: BufferNumber): Command {
  let offset = 0;
  let page = 0;
  let data: number[] = [];
  return {
    headBytes: 4,
    isRead: false,
    begin: (head, nowNs) => {
      offset = chip.offsetOf(head, nowNs);
      page = chip.pageOf(head);
      data = [];
    },
    take: keepLast(
      () => chip.pageBytes(),
      () => data,
    ),
    end: (count, nowNs) => {
      checkRoom(chip, opcode, count, offset, nowNs);
      const into = chip.buffer(number);
      into.set(chip.cells().peek(page * chip.pageBytes(), chip.pageBytes()));
      for (const [i, byte] of data.entries()) into[(offset + i) % chip.pageBytes()] = byte;
      commit(chip, opcode, number, page, true, nowNs);
    },
  };
}

function erase(chip: At45Host, opcode: number, pages: (page: number) => PageRange, time: OperationTime): Command {
  return onPage(chip, (page, nowNs) => {
    const range = bytesOf(chip, pages(page));
    if (!mayChange(chip, opcode, page, range, nowNs)) return;
    chip.state.busyBuffer = undefined;
    chip.work("erase", range, time, nowNs);
    chip.cells().erase(range);
  });
}

/** Skips protected sectors, as the real chip does without a word; it is recorded. */
function chipErase(chip: At45Host, nowNs: number): void {
  const starts = sectorStarts(chip.part);
  const sectors = starts.map((page) => ({ page, range: bytesOf(chip, sectorOf(chip.part, page)) }));
  const open = sectors.filter(({ page, range }) => mayChange(chip, 0xc7, page, range, nowNs));
  chip.state.busyBuffer = undefined;
  chip.work("erase", { address: 0, lengthBytes: chip.cells().capacityBytes }, chipEraseTime(chip.part), nowNs);
  for (const { range } of open) chip.cells().erase(range);
}

function mayChange(chip: At45Host, opcode: number, page: number, range: ByteRange, nowNs: number): boolean {
  if (!chip.isProtectionOn() || !isSectorProtected(chip, page)) return true;
  chip.violate("write-while-protected", opcode, nowNs, "the sector's protection is on", range.address);
  return false;
}

function isSectorProtected(chip: At45Host, page: number): boolean {
  const { sectorPages } = chip.part;
  const register = chip.state.protection[Math.floor(page / sectorPages)] ?? 0;
  if (page >= sectorPages) return register !== 0;
  return (register & (page < BLOCK_PAGES ? 0xc0 : 0x30)) !== 0;
}

function bytesOf(chip: At45Host, { first, count }: PageRange): ByteRange {
  return { address: first * chip.pageBytes(), lengthBytes: count * chip.pageBytes() };
}

/** An opcode followed by fixed bytes; anything else there is another command. */
function sequence(chip: At45Host, opcode: number, tail: readonly number[], act: (nowNs: number) => void): Command {
  let isRight = false;
  return {
    headBytes: 1 + tail.length,
    isRead: false,
    begin: (head, nowNs) => {
      isRight = tail.every((byte, i) => head[1 + i] === byte);
      if (!isRight) chip.violate("unknown-opcode", opcode, nowNs, "the bytes after it belong to no command");
    },
    end: (_, nowNs) => {
      if (isRight) act(nowNs);
    },
  };
}
