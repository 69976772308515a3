/**
 * A strict model of AT25SF chips and of the SFDP parts of the same command set (at25.md): write-enable latch, status
 * registers with block protection, page wrap, busy, deep power-down, power-up delays, security registers.
 *
 * Left out: dual and quad lanes (a bridge has one), suspend and resume; both are recorded as unknown opcodes.
 */
import { rangeIntersection, type ByteRange } from "../../../drivers/geometry.ts";
import { geometryOf, type At25Part } from "./at25-part.ts";
import { protectedRange } from "./block-protection.ts";
import { CellArray } from "./cell-array.ts";
import type { ChipModel } from "./chip-model.ts";
import type { ChipTimes } from "./chip-times.ts";
import { type Command, SpiChip } from "./spi-chip.ts";

const PAGE_BYTES = 256;
const BUSY = 0x01;
const WEL = 0x02;
const SRP0 = 0x80;
const SR1_WRITABLE = 0xfc;
const SRP1 = 0x01;
const LOCK_BITS = 0x38;
const CMP = 0x40;
/** SRP1, QE, LB3..1, CMP. */
const SR2_WRITABLE = 0x7b;
/** From power to the first command, and to the first write (at25.md, section 6). */
const FIRST_COMMAND_NS = 70e3;
const FIRST_WRITE_NS = 5e6;
const FALL_ASLEEP_NS = 3e3;
const WAKE_NS = 30e3;
const ID_OPCODES: ReadonlySet<number> = new Set([0x9f, 0x90, 0xab, 0x5a, 0x4b]);

/** What power loss and power-up change or keep. */
interface Registers {
  /** As stored in cells. */
  sr1: number;
  sr2: number;
  sr3: number;
  /** As in force: a volatile write (50h) changes only these. */
  liveSr1: number;
  liveSr2: number;
  isWriteEnabled: boolean;
  isVolatileEnabled: boolean;
  isResetArmed: boolean;
  /** From when it is asleep; infinite while awake. */
  sleepsFromNs: number;
  awakeFromNs: number;
}

export class At25Model extends SpiChip {
  readonly #part: At25Part;
  readonly #registers: Registers;
  readonly #security: CellArray;
  #commands = new Map<number, Command>();
  #latch = new Uint8Array(PAGE_BYTES);
  #latchAddress = 0;

  constructor(part: At25Part, times: ChipTimes, from?: At25Model) {
    super(part.name, geometryOf(part), from?.cells.fork() ?? new CellArray(part.capacityBytes, PAGE_BYTES), times);
    this.#part = part;
    this.#security = from === undefined ? new CellArray(4 * PAGE_BYTES, PAGE_BYTES) : from.#security.fork();
    this.#registers = from === undefined ? freshRegisters() : { ...from.#registers };
    if (from !== undefined) this.takeState(from.state);
    this.#commands = this.#table();
  }

  override fork(): ChipModel {
    return new At25Model(this.#part, this.times, this);
  }

  /** Sets the status registers as a factory or an earlier user left them, without rules. */
  presetStatus(sr1: number, sr2: number): void {
    Object.assign(this.#registers, { sr1, sr2, liveSr1: sr1, liveSr2: sr2 });
  }

  protected override commandFor(opcode: number): Command | undefined {
    return this.#commands.get(opcode);
  }

  protected override hears(opcode: number, nowNs: number): boolean {
    const registers = this.#registers;
    const isHarmless = ID_OPCODES.has(opcode);
    const refuse = (rule: "not-awake" | "command-while-busy" | "power-up-too-soon", detail: string): boolean => {
      if (!isHarmless) this.violate(rule, opcode, nowNs, detail);
      return false;
    };
    if (nowNs < this.poweredAtNs + FIRST_COMMAND_NS)
      return refuse("power-up-too-soon", "70 us after power at the earliest");
    if (nowNs >= registers.sleepsFromNs) return opcode === 0xab || refuse("not-awake", "in deep power-down");
    if (nowNs < registers.awakeFromNs) return refuse("not-awake", "still waking from deep power-down");
    if (this.isBusy(nowNs) && opcode !== 0x05 && opcode !== 0x35)
      return refuse("command-while-busy", "only status is heard");
    if (opcode !== 0x99) registers.isResetArmed = false;
    return true;
  }

  protected override commandAborted(): void {
    this.#clearWriteEnable();
  }

  protected override poweredUp(): void {
    const { sr1, sr2, sr3 } = this.#registers;
    Object.assign(this.#registers, freshRegisters(), { sr1, sr2, sr3, liveSr1: sr1, liveSr2: sr2 });
  }

  #clearWriteEnable(): void {
    this.#registers.isWriteEnabled = false;
    this.#registers.isVolatileEnabled = false;
  }

  #table(): Map<number, Command> {
    const part = this.#part;
    const table = new Map<number, Command>([
      [0x03, this.#readCommand(4)],
      [0x0b, this.#readCommand(5)],
      [0x9f, constant(1, (i) => part.jedecId[i] ?? 0)],
      [0x90, constant(4, (i) => (i % 2 === 0 ? part.jedecId[0] : part.deviceId))],
      [0xab, this.#wake()],
      [0x05, status((nowNs) => this.#sr1(nowNs))],
      [0x35, status(() => this.#registers.liveSr2)],
      // Asking an older part for SFDP is how it is told from its successor: it answers nothing.
      [0x5a, { headBytes: 5, isRead: true, ...this.#sfdpAnswer() }],
      [0x06, this.#now(() => void (this.#registers.isWriteEnabled = true))],
      [0x04, this.#now(() => this.#clearWriteEnable())],
      [0x50, this.#now(() => void (this.#registers.isVolatileEnabled = true))],
      [0x01, this.#registerWrite(2, (data) => this.#writeStatus(data))],
      [0x31, this.#registerWrite(1, ([sr2 = 0]) => this.#writeStatus([this.#registers.liveSr1, sr2]))],
      [0x02, this.#program()],
      [0x60, this.#chipErase()],
      [0xc7, this.#chipErase()],
      [0xb9, this.#now((nowNs) => void (this.#registers.sleepsFromNs = nowNs + FALL_ASLEEP_NS))],
      [0x48, this.#readSecurity()],
      [0x42, this.#programSecurity()],
      [0x44, this.#eraseSecurity()],
    ]);
    for (const { opcode, unitBytes } of part.erases) table.set(opcode, this.#blockErase(opcode, unitBytes));
    if (part.isNewer) this.#addNewer(table);
    return table;
  }

  #addNewer(table: Map<number, Command>): void {
    table.set(
      0x4b,
      constant(5, (i) => (i < 8 ? (0xd1 + 0x1d * i + this.times.seed * 7) & 0xff : 0xff)),
    );
    table.set(
      0x15,
      status(() => this.#registers.sr3),
    );
    table.set(
      0x11,
      this.#registerWrite(1, ([sr3 = 0]) => void (this.#registers.sr3 = sr3)),
    );
    table.set(
      0x66,
      this.#now(() => void (this.#registers.isResetArmed = true)),
    );
    table.set(
      0x99,
      this.#now(() => {
        if (this.#registers.isResetArmed) this.poweredUp();
      }),
    );
  }

  #sr1(nowNs: number): number {
    const { liveSr1, isWriteEnabled } = this.#registers;
    // The latch drops when the operation has ended.
    return (liveSr1 & SR1_WRITABLE) | (isWriteEnabled ? WEL : 0) | (this.isBusy(nowNs) ? BUSY | WEL : 0);
  }

  #readCommand(headBytes: number): Command {
    const { capacityBytes } = this.cells;
    let address = 0;
    return {
      headBytes,
      isRead: true,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, nowNs);
      },
      answer: (index) => this.cells.at((address + index) % capacityBytes, this.windowNumber),
      answerInto: (index, into) => this.cells.readInto((address + index) % capacityBytes, into, this.windowNumber),
    };
  }

  #sfdpAnswer(): Pick<Command, "begin" | "answer"> {
    const { sfdp } = this.#part;
    let address = 0;
    return {
      begin: (head) => {
        address = bigEndian(head);
      },
      answer: (index) => sfdp?.[address + index] ?? 0xff,
    };
  }

  #wake(): Command {
    return {
      headBytes: 1,
      isRead: true,
      answer: (index) => (index < 3 ? 0xff : this.#part.deviceId),
      end: (_, nowNs) => {
        if (nowNs >= this.#registers.sleepsFromNs) this.#registers.awakeFromNs = nowNs + WAKE_NS;
        this.#registers.sleepsFromNs = Number.POSITIVE_INFINITY;
      },
    };
  }

  /** A command of one byte that acts when chip select rises. */
  #now(act: (nowNs: number) => void): Command {
    return { headBytes: 1, isRead: false, end: (_, nowNs) => act(nowNs) };
  }

  /** The address of a head; bits above the chip do not count, and the host should not send them. */
  #addressOf(head: readonly number[], nowNs: number): number {
    const address = bigEndian(head);
    const { capacityBytes } = this.cells;
    if (address >= capacityBytes) {
      this.violate("address-beyond-end", head[0] ?? 0, nowNs, `the chip has ${capacityBytes} bytes`, address);
    }
    return address % capacityBytes;
  }

  /** Whether a write may begin; else the rule broken is recorded and the latch cleared. */
  #mayWrite(opcode: number, range: ByteRange, nowNs: number): boolean {
    const isErase = opcode !== 0x02 && opcode !== 0x42;
    if (nowNs < this.poweredAtNs + FIRST_WRITE_NS) {
      this.violate("power-up-too-soon", opcode, nowNs, "5 ms after power at the earliest", range.address);
    } else if (!this.#registers.isWriteEnabled) {
      const rule = isErase ? "erase-without-write-enable" : "program-without-write-enable";
      this.violate(rule, opcode, nowNs, "the write-enable latch is clear", range.address);
    } else if (rangeIntersection(this.#protected(), range) !== undefined) {
      this.violate("write-while-protected", opcode, nowNs, "block protection covers it", range.address);
    } else {
      this.#clearWriteEnable();
      return true;
    }
    this.#clearWriteEnable();
    return false;
  }

  #protected(): ByteRange {
    const { liveSr1, liveSr2 } = this.#registers;
    const bits = {
      bp: (liveSr1 >> 2) & 7,
      tb: (liveSr1 & 0x20) !== 0,
      sec: (liveSr1 & 0x40) !== 0,
      cmp: (liveSr2 & CMP) !== 0,
    };
    return protectedRange(bits, this.cells.capacityBytes);
  }

  #program(): Command {
    let address = 0;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, nowNs);
        this.#beginLatch(address);
      },
      take: (index, byte) => this.#fillLatch(index, byte),
      end: (count, nowNs) => {
        const room = PAGE_BYTES - (address % PAGE_BYTES);
        if (count === 0) {
          this.violate("short-command", 0x02, nowNs, "a program without data", address);
          this.#clearWriteEnable();
          return;
        }
        if (count > room)
          this.violate("page-overrun", 0x02, nowNs, `${count} bytes where the page has ${room}`, address);
        const page = { address: address - (address % PAGE_BYTES), lengthBytes: PAGE_BYTES };
        if (!this.#mayWrite(0x02, page, nowNs)) return;
        this.work("program", page, this.#part.page, nowNs, Math.min(count, PAGE_BYTES));
        // Within the page; where more came than fits, the latch holds what came last.
        const whole = count > room;
        const from = whole ? page.address : address;
        const offset = from % PAGE_BYTES;
        this.programCells(0x02, from, this.#latch.subarray(offset, whole ? PAGE_BYTES : offset + count), nowNs);
      },
    };
  }

  #beginLatch(address: number): void {
    this.#latch = new Uint8Array(PAGE_BYTES).fill(0xff);
    this.#latchAddress = address % PAGE_BYTES;
  }

  #fillLatch(index: number, byte: number): void {
    this.#latch[(this.#latchAddress + index) % PAGE_BYTES] = byte;
  }

  #blockErase(opcode: number, unitBytes: number): Command {
    const erase = this.#part.erases.find((one) => one.opcode === opcode);
    let address = 0;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, nowNs);
      },
      end: (_, nowNs) => {
        const block = { address: address - (address % unitBytes), lengthBytes: unitBytes };
        if (erase === undefined || !this.#mayWrite(opcode, block, nowNs)) return;
        this.work("erase", block, erase.time, nowNs);
        this.cells.erase(block);
      },
    };
  }

  #chipErase(): Command {
    return {
      headBytes: 1,
      isRead: false,
      end: (_, nowNs) => {
        const all = { address: 0, lengthBytes: this.cells.capacityBytes };
        if (!this.#mayWrite(0xc7, all, nowNs)) return;
        this.work("erase", all, this.#part.chipErase, nowNs);
        this.cells.erase(all);
      },
    };
  }

  #registerWrite(maximumBytes: number, write: (data: readonly number[]) => void): Command {
    let data: number[] = [];
    let opcode = 0;
    return {
      headBytes: 1,
      isRead: false,
      begin: (head) => {
        data = [];
        opcode = head[0] ?? 0;
      },
      take: (_, byte) => void data.push(byte),
      end: (count, nowNs) => {
        const { isWriteEnabled, isVolatileEnabled, liveSr1, liveSr2 } = this.#registers;
        if (count === 0 || count > maximumBytes) {
          const rule = count === 0 ? "short-command" : "extra-bytes";
          this.violate(rule, opcode, nowNs, `${count} bytes where the register has up to ${maximumBytes}`);
        } else if (!isWriteEnabled && !isVolatileEnabled) {
          this.violate("program-without-write-enable", opcode, nowNs, "the write-enable latch is clear");
        } else if (((liveSr1 & SRP0) !== 0 && !this.wpPin) || (liveSr2 & SRP1) !== 0) {
          this.violate("write-while-protected", opcode, nowNs, "the status registers are locked (SRP, WP#)");
        } else {
          this.#checkOneTime(opcode, data, nowNs);
          const isVolatile = !isWriteEnabled;
          if (!isVolatile) this.work("other", { address: 0, lengthBytes: 0 }, this.#part.registerWrite, nowNs);
          write(data);
          const { liveSr1: sr1, liveSr2: sr2 } = this.#registers;
          if (!isVolatile) Object.assign(this.#registers, { sr1, sr2 });
        }
        this.#clearWriteEnable();
      },
    };
  }

  #checkOneTime(opcode: number, data: readonly number[], nowNs: number): void {
    const sr1 = opcode === 0x01 ? (data[0] ?? 0) : this.#registers.liveSr1;
    const sr2 = opcode === 0x01 ? (data[1] ?? 0) : (data[0] ?? 0);
    if (opcode === 0x11) return;
    const locksNow = sr2 & LOCK_BITS & ~this.#registers.sr2;
    if (locksNow !== 0) this.violate("forbidden-one-time", opcode, nowNs, "locks a security register for good");
    if ((sr1 & SRP0) !== 0 && (sr2 & SRP1) !== 0) {
      this.violate("forbidden-one-time", opcode, nowNs, "SRP1 with SRP0 freezes the status registers for good");
    }
  }

  /** Lock bits only ever get set. */
  #writeStatus([sr1 = 0, sr2]: readonly number[]): void {
    const registers = this.#registers;
    registers.liveSr1 = sr1 & SR1_WRITABLE;
    const next = sr2 ?? (this.#part.shortWriteClearsSr2 ? 0 : registers.liveSr2);
    registers.liveSr2 = (next & SR2_WRITABLE) | (registers.sr2 & LOCK_BITS);
  }

  /** Address in the security cells; undefined where there is no such register. */
  #securityAddress(head: readonly number[]): number | undefined {
    const address = bigEndian(head);
    const number = (address >> this.#part.securityShift) & 3;
    return number === 0 ? undefined : number * PAGE_BYTES + (address & 0xff);
  }

  #readSecurity(): Command {
    let address: number | undefined;
    return {
      headBytes: 5,
      isRead: true,
      begin: (head) => {
        address = this.#securityAddress(head);
      },
      answer: (index) => {
        if (address === undefined) return 0xff;
        const page = address - (address % PAGE_BYTES);
        return this.#security.at(page + ((address + index) % PAGE_BYTES), this.windowNumber);
      },
    };
  }

  #programSecurity(): Command {
    let address: number | undefined;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head) => {
        address = this.#securityAddress(head);
        this.#beginLatch(address ?? 0);
      },
      take: (index, byte) => this.#fillLatch(index, byte),
      end: (_, nowNs) => {
        if (address === undefined || !this.#maySecure(0x42, address, nowNs)) return;
        this.work("other", { address: 0, lengthBytes: 0 }, this.#part.page, nowNs);
        this.#security.program(address - (address % PAGE_BYTES), this.#latch);
      },
    };
  }

  #eraseSecurity(): Command {
    let address: number | undefined;
    return {
      headBytes: 4,
      isRead: false,
      begin: (head) => {
        address = this.#securityAddress(head);
      },
      end: (_, nowNs) => {
        if (address === undefined || !this.#maySecure(0x44, address, nowNs)) return;
        const [smallest] = this.#part.erases;
        if (smallest !== undefined) this.work("other", { address: 0, lengthBytes: 0 }, smallest.time, nowNs);
        this.#security.erase({ address: address - (address % PAGE_BYTES), lengthBytes: PAGE_BYTES });
      },
    };
  }

  #maySecure(opcode: number, address: number, nowNs: number): boolean {
    const register = Math.floor(address / PAGE_BYTES);
    const isEnabled = this.#registers.isWriteEnabled;
    const isLocked = (this.#registers.sr2 & (0x04 << register)) !== 0;
    this.#clearWriteEnable();
    if (!isEnabled) this.violate("program-without-write-enable", opcode, nowNs, "the write-enable latch is clear");
    else if (isLocked) this.violate("write-while-protected", opcode, nowNs, `security register ${register} is locked`);
    return isEnabled && !isLocked;
  }
}

function freshRegisters(): Registers {
  return {
    sr1: 0,
    sr2: 0,
    sr3: 0,
    liveSr1: 0,
    liveSr2: 0,
    isWriteEnabled: false,
    isVolatileEnabled: false,
    isResetArmed: false,
    sleepsFromNs: Number.POSITIVE_INFINITY,
    awakeFromNs: Number.NEGATIVE_INFINITY,
  };
}

function bigEndian(head: readonly number[]): number {
  return ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0);
}

function constant(headBytes: number, answer: (index: number) => number): Command {
  return { headBytes, isRead: true, answer };
}

function status(answer: (nowNs: number) => number): Command {
  return { headBytes: 1, isRead: true, answer: (_, nowNs) => answer(nowNs) };
}
