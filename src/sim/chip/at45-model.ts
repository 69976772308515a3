/**
 * A strict model of AT45 DataFlash (at45.md): one or two buffers, pages of two sizes, page and byte fields in the
 * address, its own busy rules and status, sector protection, security register, switch of the page size. Programs and
 * erases need no write enable.
 *
 * Left out: suspend and resume (B0h, D0h), which no document read for this project establishes; recorded as unknown
 * opcodes. What can be done once only is done, and recorded as such.
 */
import type { ByteRange } from "../../../drivers/geometry.ts";
import {
  type At45Part,
  binaryPageBytes,
  BLOCK_PAGES,
  chipEraseTime,
  geometryOf,
  type PageRange,
  pagesRange,
  registerBytes,
  sectorOf,
  sectorStarts,
  TIMES,
} from "./at45-part.ts";
import { CellArray } from "./cell-array.ts";
import type { ChipModel, ChipRegisters } from "./chip-model.ts";
import type { ChipTimes, OperationTime } from "./chip-times.ts";
import type { FoundChip } from "./found-chip.ts";
import { type Command, keepFirst, keepLast, SpiChip } from "./spi-chip.ts";

const READY = 0x80;
const COMPARE_DIFFERS = 0x40;
const IS_PROTECTED = 0x02;
const IS_BINARY = 0x01;
const LOCKDOWN_POSSIBLE = 0x08;
/** What a buffer holds after power-up: anything but a pattern a host could mistake for data. */
const POISON = 0xa5;
const FALL_ASLEEP_NS = 3e3;
const WAKE_NS = 35e3;
const WAKE_DEEP_NS = 120e3;
const FIRST_COMMAND_NS = 70e3;
const SECURITY_USER_BYTES = 64;

type BufferNumber = 1 | 2;

interface State {
  comparesUnequal: boolean;
  isProtectionOn: boolean;
  protection: readonly number[];
  /** The user's half of the security register; undefined until it is programmed, once. */
  security: readonly number[] | undefined;
  /** A D part that was told to go to binary pages, and does so at the next power-up. */
  becomesBinary: boolean;
  /** The buffer the running operation uses. */
  busyBuffer: BufferNumber | undefined;
  sleepsFromNs: number;
  isDeepAsleep: boolean;
  awakeFromNs: number;
}

export class At45Model extends SpiChip {
  readonly #part: At45Part;
  #pageBytes: number;
  #buffers: readonly [Uint8Array, Uint8Array];
  readonly #state: State;
  readonly #commands: Map<number, Command>;

  /** Throws RangeError for a page size that the part does not have. */
  constructor(part: At45Part, pageBytes: number, times: ChipTimes, from?: At45Model) {
    if (pageBytes !== part.standardPageBytes && pageBytes !== binaryPageBytes(part)) {
      throw new RangeError(`${part.name} has no pages of ${pageBytes} bytes`);
    }
    const cells = from?.cells.fork() ?? new CellArray(part.pages * pageBytes, pageBytes);
    super(part.name, geometryOf(part, pageBytes), cells, times);
    this.#part = part;
    this.#pageBytes = pageBytes;
    const [first, second] = from === undefined ? [] : from.#buffers;
    this.#buffers = [buffer(pageBytes, first), buffer(pageBytes, second)];
    this.#state = from === undefined ? freshState(new Array<number>(registerBytes(part)).fill(0)) : { ...from.#state };
    if (from !== undefined) this.takeState(from.state);
    this.#commands = this.#table();
  }

  /** The state in which it was left. */
  presetFound({ busyMs, isAsleep }: FoundChip): void {
    if (busyMs !== undefined) this.findBusy(busyMs * 1e6);
    if (isAsleep === true) this.#state.sleepsFromNs = Number.NEGATIVE_INFINITY;
  }

  override fork(): ChipModel {
    return new At45Model(this.#part, this.#pageBytes, this.times, this);
  }

  /** The status register has one bit that a host changes: sector protection. */
  override peekRegisters(): ChipRegisters {
    const { isProtectionOn, protection } = this.#state;
    return {
      stored: [],
      inForce: [isProtectionOn ? 1 : 0],
      locks: protection,
      ...{ isFourByteMode: false, bank: 0, suspended: this.suspendedKind },
    };
  }

  get #isBinary(): boolean {
    return this.#pageBytes !== this.#part.standardPageBytes;
  }

  get #byteBits(): number {
    return Math.ceil(Math.log2(this.#pageBytes));
  }

  /** Pages keep their number and their first bytes; every byte behind the first page has another address. */
  #setPageBytes(pageBytes: number): void {
    if (pageBytes === this.#pageBytes) return;
    const { pages } = this.#part;
    const cells = new CellArray(pages * pageBytes, pageBytes);
    const kept = Math.min(pageBytes, this.#pageBytes);
    for (let page = 0; page < pages; page++) {
      const from = { address: page * this.#pageBytes, lengthBytes: kept };
      if (!this.cells.isErased(from)) cells.load(page * pageBytes, this.cells.peek(from.address, kept));
    }
    this.replaceArray(cells, geometryOf(this.#part, pageBytes));
    this.#pageBytes = pageBytes;
    this.#buffers = [buffer(pageBytes), buffer(pageBytes)];
  }

  protected override commandFor(opcode: number): Command | undefined {
    return this.#commands.get(opcode);
  }

  protected override hears(opcode: number, nowNs: number): boolean {
    const state = this.#state;
    const isHarmless = opcode === 0x9f || opcode === 0xab || opcode === 0xff;
    const refuse = (
      rule: "not-awake" | "command-while-busy" | "power-up-too-soon" | "buffer-in-use",
      detail: string,
    ): boolean => {
      if (!isHarmless) this.violate(rule, opcode, nowNs, detail);
      return false;
    };
    if (nowNs < this.poweredAtNs + FIRST_COMMAND_NS)
      return refuse("power-up-too-soon", "70 us after power at the earliest");
    if (nowNs >= state.sleepsFromNs)
      return this.#hearsAsleep(opcode, nowNs) || refuse("not-awake", "in deep power-down");
    if (nowNs < state.awakeFromNs) return refuse("not-awake", "still waking from deep power-down");
    if (!this.isBusy(nowNs) || HEARD_WHILE_BUSY.has(opcode)) return true;
    const used = BUFFER_COMMANDS.get(opcode);
    if (used === undefined) return refuse("command-while-busy", "only status, ID and the idle buffer are served");
    return used !== state.busyBuffer || refuse("buffer-in-use", `buffer ${used} is at work`);
  }

  /** ABh ends deep power-down; any pulse of chip select ends ultra-deep power-down, whatever is sent in it. */
  #hearsAsleep(opcode: number, nowNs: number): boolean {
    const state = this.#state;
    if (!state.isDeepAsleep) return opcode === 0xab;
    this.poweredUp();
    state.awakeFromNs = nowNs + WAKE_DEEP_NS;
    return false;
  }

  protected override commandAborted(): void {
    // Nothing is latched on this family: a broken command leaves no trace.
  }

  protected override poweredUp(): void {
    const { protection, security, becomesBinary } = this.#state;
    if (becomesBinary) this.#setPageBytes(binaryPageBytes(this.#part));
    for (const one of this.#buffers) one.fill(POISON);
    Object.assign(this.#state, freshState(protection), { security });
  }

  #table(): Map<number, Command> {
    const table = new Map<number, Command>([
      [0xd7, this.#status()],
      [0x57, this.#status()],
      [0x9f, { headBytes: 1, isRead: true, answer: (i) => this.#part.id[i] ?? 0 }],
      // No command: what leads other chips out of modes with several data lines passes it by.
      [0xff, { headBytes: 1, isRead: true }],
      [0xd2, this.#readPage()],
      [0x50, this.#erase(0x50, (page) => pagesRange(page - (page % BLOCK_PAGES), BLOCK_PAGES), TIMES.blockErase)],
      [0x81, this.#erase(0x81, (page) => pagesRange(page, 1), TIMES.pageErase)],
      [0x7c, this.#erase(0x7c, (page) => sectorOf(this.#part, page), TIMES.sectorErase)],
      [0xc7, this.#sequence(0xc7, [0x94, 0x80, 0x9a], (nowNs) => this.#chipErase(nowNs))],
      [0x02, this.#programThroughBuffer()],
      [0x3d, this.#settings()],
      [0x32, { headBytes: 4, isRead: true, answer: (i) => this.#state.protection[i] ?? 0xff }],
      [0x35, { headBytes: 4, isRead: true, answer: (i) => (i < registerBytes(this.#part) ? 0x00 : 0xff) }],
      [0x77, { headBytes: 4, isRead: true, answer: (i) => this.#securityByte(i) }],
      [0x9b, this.#programSecurity()],
      [0xb9, this.#sleep(false)],
      [0x79, this.#sleep(true)],
      [0xab, this.#wake()],
    ]);
    for (const [opcode, headBytes] of CONTINUOUS_READS) table.set(opcode, this.#readOn(headBytes));
    this.#addBuffer(table, 1);
    if (this.#part.bufferCount === 2) this.#addBuffer(table, 2);
    return table;
  }

  /** The commands that exist once a buffer. */
  #addBuffer(table: Map<number, Command>, number: BufferNumber): void {
    const pick = (first: number, second: number): number => (number === 1 ? first : second);
    const add = (opcode: number, command: (opcode: number) => Command): void => void table.set(opcode, command(opcode));
    add(pick(0xd4, 0xd6), () => this.#readBuffer(number, 5));
    add(pick(0xd1, 0xd3), () => this.#readBuffer(number, 4));
    add(pick(0x84, 0x87), (opcode) => this.#writeBuffer(opcode, number));
    add(pick(0x83, 0x86), (opcode) => this.#bufferToPage(opcode, number, true));
    add(pick(0x88, 0x89), (opcode) => this.#bufferToPage(opcode, number, false));
    add(pick(0x82, 0x85), (opcode) => this.#loadAndProgram(opcode, number));
    add(pick(0x53, 0x55), () => this.#pageToBuffer(number));
    add(pick(0x60, 0x61), () => this.#compare(number));
    add(pick(0x58, 0x59), (opcode) => this.#rewrite(opcode, number));
  }

  #buffer(number: BufferNumber): Uint8Array {
    return this.#buffers[number === 1 ? 0 : 1];
  }

  #isProtectionOn(): boolean {
    return this.#state.isProtectionOn || !this.wpPin;
  }

  #status(): Command {
    return {
      headBytes: 1,
      isRead: true,
      answer: (index, nowNs) => {
        const ready = this.isBusy(nowNs) ? 0 : READY;
        if (index % 2 === 1 && this.#part.isE) return ready | LOCKDOWN_POSSIBLE;
        return (
          ready |
          (this.#state.comparesUnequal ? COMPARE_DIFFERS : 0) |
          this.#part.densityBits |
          (this.#isProtectionOn() ? IS_PROTECTED : 0) |
          (this.#isBinary ? IS_BINARY : 0)
        );
      },
    };
  }

  /** Page number of a head. */
  #pageOf(head: readonly number[]): number {
    return (bigEndian(head) >>> this.#byteBits) % this.#part.pages;
  }

  /** Byte offset of a head; one that this page size does not have is recorded and wrapped. */
  #offsetOf(head: readonly number[], nowNs: number): number {
    const offset = bigEndian(head) & ((1 << this.#byteBits) - 1);
    if (offset >= this.#pageBytes) {
      this.violate("offset-beyond-page", head[0] ?? 0, nowNs, `a page has ${this.#pageBytes} bytes`, offset);
    }
    return offset % this.#pageBytes;
  }

  #linear(head: readonly number[], nowNs: number): number {
    return this.#pageOf(head) * this.#pageBytes + this.#offsetOf(head, nowNs);
  }

  #readOn(headBytes: number): Command {
    let address = 0;
    return {
      headBytes,
      isRead: true,
      begin: (head, nowNs) => {
        address = this.#linear(head, nowNs);
      },
      answer: (index) => this.cells.at((address + index) % this.cells.capacityBytes, this.windowNumber),
      answerInto: (index, into) =>
        this.cells.readInto((address + index) % this.cells.capacityBytes, into, this.windowNumber),
    };
  }

  #readPage(): Command {
    let page = 0;
    let offset = 0;
    return {
      headBytes: 8,
      isRead: true,
      begin: (head, nowNs) => {
        page = this.#pageOf(head) * this.#pageBytes;
        offset = this.#offsetOf(head, nowNs);
      },
      answer: (index) => this.cells.at(page + ((offset + index) % this.#pageBytes), this.windowNumber),
    };
  }

  #readBuffer(number: BufferNumber, headBytes: number): Command {
    let offset = 0;
    return {
      headBytes,
      isRead: true,
      begin: (head, nowNs) => {
        offset = this.#offsetOf(head, nowNs);
      },
      answer: (index) => this.#buffer(number)[(offset + index) % this.#pageBytes] ?? 0,
    };
  }

  #writeBuffer(opcode: number, number: BufferNumber): Command {
    let offset = 0;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        offset = this.#offsetOf(head, nowNs);
      },
      take: (index, byte) => {
        this.#buffer(number)[(offset + index) % this.#pageBytes] = byte;
      },
      end: (count, nowNs) => this.#checkRoom(opcode, count, offset, nowNs),
    };
  }

  #checkRoom(opcode: number, count: number, offset: number, nowNs: number): void {
    const room = this.#pageBytes - offset;
    if (count > room) this.violate("page-overrun", opcode, nowNs, `${count} bytes where the page has ${room}`, offset);
  }

  #bufferToPage(opcode: number, number: BufferNumber, erases: boolean): Command {
    return this.#onPage((page, nowNs) => this.#commit(opcode, number, page, erases, nowNs));
  }

  /** A command with a page address and nothing behind it, carried out when chip select rises. */
  #onPage(act: (page: number, nowNs: number) => void): Command {
    let page = 0;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head) => {
        page = this.#pageOf(head);
      },
      end: (_, nowNs) => act(page, nowNs),
    };
  }

  /** Brings a buffer into a page. */
  #commit(opcode: number, number: BufferNumber, page: number, erases: boolean, nowNs: number): void {
    const range = this.#bytesOf(pagesRange(page, 1));
    if (!this.#mayChange(opcode, page, range, nowNs)) return;
    this.#state.busyBuffer = number;
    this.work("program", range, erases ? TIMES.programWithErase : TIMES.program, nowNs, this.#pageBytes);
    if (erases) this.cells.erase(range);
    this.programCells(opcode, range.address, this.#buffer(number), nowNs);
  }

  #loadAndProgram(opcode: number, number: BufferNumber): Command {
    let offset = 0;
    let page = 0;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        offset = this.#offsetOf(head, nowNs);
        page = this.#pageOf(head);
      },
      take: (index, byte) => {
        this.#buffer(number)[(offset + index) % this.#pageBytes] = byte;
      },
      end: (count, nowNs) => {
        this.#checkRoom(opcode, count, offset, nowNs);
        this.#commit(opcode, number, page, true, nowNs);
      },
    };
  }

  /** 02h: only the bytes that were sent are programmed, without erase, through buffer 1. */
  #programThroughBuffer(): Command {
    let offset = 0;
    let page = 0;
    let isSent: boolean[] = [];
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        offset = this.#offsetOf(head, nowNs);
        page = this.#pageOf(head);
        isSent = [];
      },
      take: (index, byte) => {
        const at = (offset + index) % this.#pageBytes;
        this.#buffer(1)[at] = byte;
        isSent[at] = true;
      },
      end: (count, nowNs) => {
        this.#checkRoom(0x02, count, offset, nowNs);
        const range = this.#bytesOf(pagesRange(page, 1));
        if (!this.#mayChange(0x02, page, range, nowNs)) return;
        this.#state.busyBuffer = 1;
        this.work("program", range, TIMES.program, nowNs, count);
        const old = this.cells.peek(range.address, range.lengthBytes);
        const wish = old.map((byte, at) => (isSent[at] === true ? (this.#buffer(1)[at] ?? 0) : byte));
        this.programCells(0x02, range.address, wish, nowNs);
      },
    };
  }

  #pageToBuffer(number: BufferNumber): Command {
    return this.#onPage((page, nowNs) => {
      const range = this.#bytesOf(pagesRange(page, 1));
      this.#state.busyBuffer = number;
      this.work("other", range, TIMES.transfer, nowNs);
      this.#buffer(number).set(this.cells.peek(range.address, range.lengthBytes));
    });
  }

  #compare(number: BufferNumber): Command {
    return this.#onPage((page, nowNs) => {
      const range = this.#bytesOf(pagesRange(page, 1));
      this.#state.busyBuffer = number;
      this.work("other", range, TIMES.transfer, nowNs);
      const cells = this.cells.peek(range.address, range.lengthBytes);
      this.#state.comparesUnequal = cells.some((byte, i) => byte !== this.#buffer(number)[i]);
    });
  }

  /** Page to buffer, the bytes sent over it, and back with erase. */
  #rewrite(opcode: number, number: BufferNumber): Command {
    let offset = 0;
    let page = 0;
    let data: number[] = [];
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        offset = this.#offsetOf(head, nowNs);
        page = this.#pageOf(head);
        data = [];
      },
      take: keepLast(
        () => this.#pageBytes,
        () => data,
      ),
      end: (count, nowNs) => {
        this.#checkRoom(opcode, count, offset, nowNs);
        const into = this.#buffer(number);
        into.set(this.cells.peek(page * this.#pageBytes, this.#pageBytes));
        for (const [i, byte] of data.entries()) into[(offset + i) % this.#pageBytes] = byte;
        this.#commit(opcode, number, page, true, nowNs);
      },
    };
  }

  #erase(opcode: number, pages: (page: number) => PageRange, time: OperationTime): Command {
    return this.#onPage((page, nowNs) => {
      const range = this.#bytesOf(pages(page));
      if (!this.#mayChange(opcode, page, range, nowNs)) return;
      this.#state.busyBuffer = undefined;
      this.work("erase", range, time, nowNs);
      this.cells.erase(range);
    });
  }

  /** Skips protected sectors, as the real chip does without a word; it is recorded. */
  #chipErase(nowNs: number): void {
    const starts = sectorStarts(this.#part);
    const sectors = starts.map((page) => ({ page, range: this.#bytesOf(sectorOf(this.#part, page)) }));
    const open = sectors.filter(({ page, range }) => this.#mayChange(0xc7, page, range, nowNs));
    this.#state.busyBuffer = undefined;
    this.work("erase", { address: 0, lengthBytes: this.cells.capacityBytes }, chipEraseTime(this.#part), nowNs);
    for (const { range } of open) this.cells.erase(range);
  }

  #mayChange(opcode: number, page: number, range: ByteRange, nowNs: number): boolean {
    if (!this.#isProtectionOn() || !this.#isSectorProtected(page)) return true;
    this.violate("write-while-protected", opcode, nowNs, "the sector's protection is on", range.address);
    return false;
  }

  #isSectorProtected(page: number): boolean {
    const { sectorPages } = this.#part;
    const register = this.#state.protection[Math.floor(page / sectorPages)] ?? 0;
    if (page >= sectorPages) return register !== 0;
    return (register & (page < BLOCK_PAGES ? 0xc0 : 0x30)) !== 0;
  }

  #bytesOf({ first, count }: PageRange): ByteRange {
    return { address: first * this.#pageBytes, lengthBytes: count * this.#pageBytes };
  }

  /** An opcode followed by fixed bytes; anything else there is another command. */
  #sequence(opcode: number, tail: readonly number[], act: (nowNs: number) => void): Command {
    let isRight = false;
    return {
      headBytes: 1 + tail.length,
      isRead: false,
      begin: (head, nowNs) => {
        isRight = tail.every((byte, i) => head[1 + i] === byte);
        if (!isRight) this.violate("unknown-opcode", opcode, nowNs, "the bytes after it belong to no command");
      },
      end: (_, nowNs) => {
        if (isRight) act(nowNs);
      },
    };
  }

  /** 3Dh: four bytes say which setting. */
  #settings(): Command {
    let code = 0;
    let data: number[] = [];
    return {
      headBytes: 4,
      isRead: false,
      begin: (head) => {
        code = bigEndian(head);
        data = [];
      },
      take: keepFirst(registerBytes(this.#part), () => data),
      end: (_, nowNs) => this.#set(code, data, nowNs),
    };
  }

  #set(code: number, data: readonly number[], nowNs: number): void {
    const state = this.#state;
    const busy = (): void => {
      state.busyBuffer = 1;
      this.work("other", { address: 0, lengthBytes: 0 }, TIMES.register, nowNs);
    };
    switch (code) {
      case 0x2a7fa9:
        state.isProtectionOn = true;
        return;
      case 0x2a7f9a:
        state.isProtectionOn = false;
        return;
      case 0x2a7fcf:
        busy();
        state.protection = state.protection.map(() => 0xff);
        return;
      case 0x2a7ffc:
        busy();
        state.protection = state.protection.map((old, i) => old & (data[i] ?? 0xff));
        return;
      case 0x2a7f30:
        this.violate("forbidden-one-time", 0x3d, nowNs, "locks a sector down permanently");
        return;
      case 0x2a80a6:
        this.violate("forbidden-one-time", 0x3d, nowNs, "changes the page size and the address of every byte");
        busy();
        // D parts do it at the next power-up, and never go back.
        if (this.#part.isE) this.#setPageBytes(binaryPageBytes(this.#part));
        else state.becomesBinary = true;
        return;
      case 0x2a80a7:
        if (!this.#part.isE) {
          this.violate("unknown-opcode", 0x3d, nowNs, "a D part does not go back to standard pages");
          return;
        }
        this.violate("forbidden-one-time", 0x3d, nowNs, "changes the page size and the address of every byte");
        busy();
        this.#setPageBytes(this.#part.standardPageBytes);
        return;
      default:
        this.violate("unknown-opcode", 0x3d, nowNs, "the bytes after it belong to no command");
    }
  }

  #securityByte(index: number): number {
    if (index < SECURITY_USER_BYTES) return this.#state.security?.[index] ?? 0xff;
    return (index * 37 + this.times.seed) & 0xff;
  }

  /** 9Bh and three zero bytes; what is not sent of the user's half can never be sent. */
  #programSecurity(): Command {
    let data: number[] = [];
    let isRight = false;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head) => {
        data = [];
        isRight = bigEndian(head) === 0;
      },
      take: keepFirst(SECURITY_USER_BYTES, () => data),
      end: (_, nowNs) => {
        const state = this.#state;
        if (!isRight) {
          this.violate("unknown-opcode", 0x9b, nowNs, "the bytes after it belong to no command");
          return;
        }
        if (state.security !== undefined) {
          this.violate("write-while-protected", 0x9b, nowNs, "the user's half was programmed before");
          return;
        }
        this.violate("forbidden-one-time", 0x9b, nowNs, "programs bytes that no erase clears");
        state.busyBuffer = 1;
        this.work("other", { address: 0, lengthBytes: 0 }, TIMES.register, nowNs);
        state.security = Array.from({ length: SECURITY_USER_BYTES }, (_unused, index) => data[index] ?? 0xff);
        this.#buffer(1).set(data.slice(0, SECURITY_USER_BYTES));
      },
    };
  }

  #sleep(isDeep: boolean): Command {
    return {
      headBytes: 1,
      isRead: false,
      end: (_, nowNs) => {
        this.#state.sleepsFromNs = nowNs + FALL_ASLEEP_NS;
        this.#state.isDeepAsleep = isDeep;
      },
    };
  }

  #wake(): Command {
    return {
      headBytes: 1,
      isRead: true,
      end: (_, nowNs) => {
        if (nowNs >= this.#state.sleepsFromNs) this.#state.awakeFromNs = nowNs + WAKE_NS;
        this.#state.sleepsFromNs = Number.POSITIVE_INFINITY;
      },
    };
  }
}

/** Opcode and bytes of its head. */
const CONTINUOUS_READS: readonly (readonly [number, number])[] = [
  [0x03, 4],
  [0x01, 4],
  [0x0b, 5],
  [0x1b, 6],
  [0xe8, 8],
];
const HEARD_WHILE_BUSY: ReadonlySet<number> = new Set([0xd7, 0x57, 0x9f]);
/** Buffer reads and writes, which the chip serves on the buffer it does not use itself. */
const BUFFER_COMMANDS: ReadonlyMap<number, BufferNumber> = new Map([
  [0xd4, 1],
  [0xd1, 1],
  [0x84, 1],
  [0xd6, 2],
  [0xd3, 2],
  [0x87, 2],
]);

function freshState(protection: readonly number[]): State {
  return {
    comparesUnequal: false,
    isProtectionOn: false,
    protection,
    security: undefined,
    becomesBinary: false,
    busyBuffer: undefined,
    sleepsFromNs: Number.POSITIVE_INFINITY,
    isDeepAsleep: false,
    awakeFromNs: Number.NEGATIVE_INFINITY,
  };
}

function buffer(pageBytes: number, from?: Uint8Array): Uint8Array {
  return from?.slice() ?? new Uint8Array(pageBytes).fill(POISON);
}

function bigEndian(head: readonly number[]): number {
  return ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0);
}
