/**
 * A strict model of AT45 DataFlash (at45.md): one or two buffers, pages of two sizes, page and byte fields in the
 * address, its own busy rules and status, sector protection, security register, switch of the page size. Programs and
 * erases need no write enable.
 *
 * Left out: suspend and resume (B0h, D0h), which no document read for this project establishes; recorded as unknown
 * opcodes. What can be done once only is done, and recorded as such.
 */
import { addArrayCommands } from "./array.ts";
import { type At45Host, type At45State, bigEndian, type BufferNumber } from "./command-access.ts";
import { type At45Part, binaryPageBytes, geometryOf, registerBytes } from "./part.ts";
import { addSettingCommands } from "./settings.ts";
import { CellArray } from "../core/cell-array.ts";
import type { ChipModel, ChipRegisters } from "../core/chip-model.ts";
import type { ChipTimes } from "../core/chip-times.ts";
import type { FoundChip } from "../found-chip.ts";
import { type Command, SpiChip } from "../core/spi-chip.ts";

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

export class At45Model extends SpiChip {
  readonly #part: At45Part;
  #pageBytes: number;
  #buffers: readonly [Uint8Array, Uint8Array];
  readonly #state: At45State;
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
      isFourByteMode: false,
      bank: 0,
      suspended: this.suspendedKind,
    };
  }

  get #isBinary(): boolean {
    return this.#pageBytes !== this.#part.standardPageBytes;
  }

  get #byteBits(): number {
    return Math.ceil(Math.log2(this.#pageBytes));
  }

  /** Pages keep their number and their first bytes; every byte after the first page has another address. */
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

  /** What the tables of commands get of the chip: what is theirs, and what all chips can do. */
  #host(): At45Host {
    return {
      part: this.#part,
      state: this.#state,
      seed: this.times.seed,
      cells: () => this.cells,
      pageBytes: () => this.#pageBytes,
      buffer: (number) => this.#buffer(number),
      windowNumber: () => this.windowNumber,
      isProtectionOn: () => this.#isProtectionOn(),
      pageOf: (head) => this.#pageOf(head),
      offsetOf: (head, nowNs) => this.#offsetOf(head, nowNs),
      setPageBytes: (pageBytes) => this.#setPageBytes(pageBytes),
      violate: (rule, opcode, nowNs, detail, address) => this.violate(rule, opcode, nowNs, detail, address),
      work: (kind, range, time, nowNs, bytes) => this.work(kind, range, time, nowNs, bytes),
      programCells: (opcode, address, data, nowNs) => this.programCells(opcode, address, data, nowNs),
    };
  }

  #table(): Map<number, Command> {
    const table = new Map<number, Command>([
      [0xd7, this.#status()],
      [0x57, this.#status()],
      [0x9f, { headBytes: 1, isRead: true, answer: (i) => this.#part.id[i] ?? 0 }],
      // No command: what leads other chips out of modes with several data lines passes it by.
      [0xff, { headBytes: 1, isRead: true }],
      [0xb9, this.#sleep(false)],
      [0x79, this.#sleep(true)],
      [0xab, this.#wake()],
    ]);
    const host = this.#host();
    addArrayCommands(table, host);
    addSettingCommands(table, host);
    return table;
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

function freshState(protection: readonly number[]): At45State {
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
