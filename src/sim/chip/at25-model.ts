/**
 * A strict model of AT25 chips and all that speak as they do (at25.md): write-enable latch, status registers, the kinds
 * of protection, page wrap, busy, suspend, deep power-down, power-up delays, what lies beside the array.
 *
 * Left out: dual and quad lanes (a bridge has one), sequential program; both are recorded as unknown opcodes.
 */
import { type ByteRange, rangeIntersection } from "../../../drivers/geometry.ts";
import { addAddressCommands, wholeAddress } from "./at25-address.ts";
import { addFlagCommands, stickyBits, suspendedBits, suspendedBits1 } from "./at25-flags.ts";
import { type At25Guard, guardOf, hasStatus2, sectorAt } from "./at25-guard.ts";
import { blockOf, geometryOf, type At25Part, type EraseCommand } from "./at25-part.ts";
import { addSecurityCommands, securityCells } from "./at25-security.ts";
import { addBlockLocks } from "./block-locks.ts";
import { CellArray } from "./cell-array.ts";
import type { ChipModel, ChipRegisters } from "./chip-model.ts";
import type { ChipTimes } from "./chip-times.ts";
import type { FoundChip } from "./found-chip.ts";
import { type Command, keepFirst, SpiChip } from "./spi-chip.ts";

const PAGE_BYTES = 256;
const BUSY = 0x01;
const WEL = 0x02;
const EPE = 0x20;
const SRP0 = 0x80;
const SRP1 = 0x01;
const LOCK_BITS = 0x38;
const RESET_ENABLED = 0x10;
/** SRP1, QE, LB3..1, CMP. */
const SR2_WRITABLE = 0x7b;
/** From power to the first command, and to the first write (at25.md, section 6). */
const FIRST_COMMAND_NS = 70e3;
const FIRST_WRITE_NS = 5e6;
const FALL_ASLEEP_NS = 3e3;
const WAKE_NS = 30e3;
const WAKE_DEEP_NS = 70e3;
const SUSPEND_NS = 25e3;
const POWER_UP_MODE = 0x02;
const ADDRESS_MODE = 0x01;
/** A chip ignores them where it cannot answer; FFh also leads out of modes with several data lines. */
const HARMLESS: ReadonlySet<number> = new Set([0x9f, 0x90, 0xab, 0x5a, 0x4b, 0xc8, 0x16, 0x48, 0xff]);
const HEARD_WHILE_BUSY: ReadonlySet<number> = new Set([0x05, 0x35, 0x15, 0x70, 0x07, 0x2b]);
/** Array commands that have a twin with four address bytes. */
const TWINS: readonly (readonly [opcode: number, twin: number])[] = [
  [0x03, 0x13],
  [0x0b, 0x0c],
  [0x02, 0x12],
  [0x20, 0x21],
  [0x52, 0x5c],
  [0xd8, 0xdc],
];

/** What power loss and power-up change or keep. */
interface Registers {
  /** As stored in cells. */
  sr1: number;
  sr2: number;
  sr3: number;
  /** As in force: a volatile write (50h) changes only these. */
  liveSr1: number;
  liveSr2: number;
  liveSr3: number;
  isWriteEnabled: boolean;
  isVolatileEnabled: boolean;
  isResetArmed: boolean;
  /** One byte a sector, or the block-protection register. */
  locks: Uint8Array;
  hasFailed: boolean;
  /** Status register 2 bit 4 of the families that reset by F0h. */
  isResetEnabled: boolean;
  /** Array commands reach the secured area. */
  isSecured: boolean;
  /** Other commands than the twins take four address bytes. */
  isFourByteMode: boolean;
  /** Upper address bits of commands with three address bytes. */
  bank: number;
  failed: "none" | "program" | "erase";
  wasProtected: boolean;
  /** Ultra-deep: any pulse of chip select wakes it. */
  isDeepAsleep: boolean;
  /** From when it is asleep; infinite while awake. */
  sleepsFromNs: number;
  awakeFromNs: number;
}

export class At25Model extends SpiChip {
  readonly #part: At25Part;
  readonly #guard: At25Guard;
  readonly #registers: Registers;
  readonly #security: CellArray;
  /** With three address bytes, and in the mode with four. */
  readonly #commands: ReadonlyMap<number, Command>;
  readonly #modeCommands: ReadonlyMap<number, Command>;
  #busyReads: FoundChip["busyReads"];
  #latch = new Uint8Array(PAGE_BYTES);
  readonly #pageBytes: number;
  #latchAddress = 0;

  constructor(part: At25Part, times: ChipTimes, from?: At25Model) {
    super(part.name, geometryOf(part), from?.cells.fork() ?? new CellArray(part.capacityBytes, PAGE_BYTES), times);
    this.#part = part;
    this.#pageBytes = part.programBytes ?? PAGE_BYTES;
    this.#guard = guardOf(part);
    this.#security =
      from === undefined ? securityCells(part, (index) => this.#uniqueIdByte(index)) : from.#security.fork();
    this.#registers =
      from === undefined ? freshRegisters() : { ...from.#registers, locks: from.#registers.locks.slice() };
    if (from === undefined) this.#guard.powerUp(this.#registers);
    else this.takeState(from.state);
    if (from !== undefined) this.#busyReads = from.#busyReads;
    this.#commands = this.#table(3);
    this.#modeCommands = part.addressMode === undefined ? this.#commands : this.#table(4);
  }

  override fork(): ChipModel {
    return new At25Model(this.#part, this.times, this);
  }

  override peekRegisters(): ChipRegisters {
    const { sr1, sr2, sr3, liveSr1, liveSr2, liveSr3, locks, isFourByteMode, bank } = this.#registers;
    return {
      stored: [sr1, sr2, sr3],
      inForce: [liveSr1, liveSr2, liveSr3],
      locks: [...locks],
      ...{ isFourByteMode, bank, suspended: this.suspendedKind },
    };
  }

  /** Sets the status registers as a factory or an earlier user left them, without rules. */
  presetStatus(sr1: number, sr2: number, sr3 = 0): void {
    Object.assign(this.#registers, { sr1, sr2, sr3, liveSr1: sr1, liveSr2: sr2, liveSr3: sr3 });
    this.#registers.isFourByteMode = this.#startsInFourByteMode;
  }

  /** Whether it is in its mode of four address bytes now. */
  get isInFourByteMode(): boolean {
    return this.#registers.isFourByteMode;
  }

  /** The state in which it was left, without rules; `found` is one that the part can have. */
  presetFound(found: FoundChip): void {
    const registers = this.#registers;
    if (found.isFourByteMode === true) registers.isFourByteMode = true;
    if (found.bank !== undefined) registers.bank = found.bank;
    if (found.isAsleep === true) registers.sleepsFromNs = Number.NEGATIVE_INFINITY;
    if (found.hasStickyError === true) registers.failed = "erase";
    this.#busyReads = found.busyReads;
    if (found.busyMs !== undefined) this.findBusy(found.busyMs * 1e6);
    if (found.suspended !== undefined) this.#presetSuspended(found.suspended);
  }

  #presetSuspended({ kind, address }: NonNullable<FoundChip["suspended"]>): void {
    const [erase] = this.#part.erases.filter(({ unitBytes }) => unitBytes !== PAGE_BYTES);
    if (kind === "program" || erase === undefined) {
      const page = { address: address - (address % PAGE_BYTES), lengthBytes: PAGE_BYTES };
      this.findSuspended("program", page, this.times.nanoseconds(this.#part.page, address, 0) / 2);
    } else {
      this.findSuspended("erase", blockOf(erase, address), this.times.nanoseconds(erase.time, address, 0) / 2);
    }
  }

  /** Status register 3 can say so. */
  get #startsInFourByteMode(): boolean {
    return this.#part.isNewer && this.#part.addressMode !== undefined && (this.#registers.sr3 & POWER_UP_MODE) !== 0;
  }

  /** Volatile locks are open, as after a host that unlocked them; for tests that are not about protection. */
  presetUnlocked(): void {
    this.#registers.locks.fill(0);
  }

  protected override commandFor(opcode: number): Command | undefined {
    return (this.#registers.isFourByteMode ? this.#modeCommands : this.#commands).get(opcode);
  }

  protected override deafLevel(): number {
    return this.#busyReads === "00" ? 0x00 : 0xff;
  }

  /** Also with an error that nobody has cleared, on parts that stay busy then. */
  protected override isBusy(nowNs: number): boolean {
    return super.isBusy(nowNs) || stickyBits(this.#part, this.#registers) !== 0;
  }

  #hearsBusy(opcode: number): boolean {
    if (opcode === 0x9f) return this.#busyReads === "id";
    if (opcode === 0x30) return stickyBits(this.#part, this.#registers) !== 0;
    return (
      (HEARD_WHILE_BUSY.has(opcode) && this.commandFor(opcode) !== undefined) || opcode === this.#part.suspend?.[0]
    );
  }

  protected override hears(opcode: number, nowNs: number): boolean {
    const registers = this.#registers;
    const isHarmless = HARMLESS.has(opcode);
    const refuse = (rule: "not-awake" | "command-while-busy" | "power-up-too-soon", detail: string): boolean => {
      if (!isHarmless) this.violate(rule, opcode, nowNs, detail);
      return false;
    };
    if (nowNs < this.poweredAtNs + FIRST_COMMAND_NS)
      return refuse("power-up-too-soon", "70 us after power at the earliest");
    if (nowNs >= registers.sleepsFromNs) {
      if (registers.isDeepAsleep) return this.#wakeDeep(nowNs);
      return opcode === 0xab || refuse("not-awake", "in deep power-down");
    }
    if (nowNs < registers.awakeFromNs) return refuse("not-awake", "still waking from deep power-down");
    if (this.isBusy(nowNs) && !this.#hearsBusy(opcode)) return refuse("command-while-busy", "only status is heard");
    if (opcode !== 0x99) registers.isResetArmed = false;
    return true;
  }

  /** Whatever the pulse carried is not heard. */
  #wakeDeep(nowNs: number): boolean {
    this.poweredUp();
    this.#registers.awakeFromNs = nowNs + WAKE_DEEP_NS;
    return false;
  }

  protected override commandAborted(): void {
    this.#clearWriteEnable();
  }

  protected override poweredUp(): void {
    const { sr1, sr2, sr3 } = this.#registers;
    Object.assign(this.#registers, freshRegisters(), { sr1, sr2, sr3, liveSr1: sr1, liveSr2: sr2, liveSr3: sr3 });
    this.#registers.isFourByteMode = this.#startsInFourByteMode;
    this.#guard.powerUp(this.#registers);
  }

  #uniqueIdByte(index: number): number {
    return (0xd1 + 0x1d * index + this.times.seed * 7) & 0xff;
  }

  #clearWriteEnable(): void {
    this.#registers.isWriteEnabled = false;
    this.#registers.isVolatileEnabled = false;
  }

  /** `addressBytes`: of the commands that the mode changes. */
  #table(addressBytes: 3 | 4): Map<number, Command> {
    const part = this.#part;
    const id = [...part.jedecId, ...(part.extendedId ?? [])];
    const table = new Map<number, Command>([
      [0x03, this.#readCommand(0, addressBytes)],
      [0x0b, this.#readCommand(1, addressBytes)],
      [0x9f, constant(1, (i) => id[i] ?? 0)],
      [0x90, constant(4, (i) => (i % 2 === 0 ? part.jedecId[0] : part.deviceId))],
      [0xab, this.#wake()],
      [0x05, this.#statusCommand()],
      // Asking an older part for SFDP is how it is told from its successor: it answers nothing.
      [0x5a, this.#sfdpCommand(part.addressMode?.sfdpFollows === true ? addressBytes : 3)],
      [0xff, { headBytes: 1, isRead: true }],
      [0x06, this.#now(() => void (this.#registers.isWriteEnabled = true))],
      [0x04, this.#now(() => this.#clearWriteEnable())],
      [0x01, this.#registerWrite(hasStatus2(part.guard) ? 2 : 1, (data) => this.#writeStatus(data, 0x01))],
      [0x02, this.#program(0x02, addressBytes)],
      [0xb9, this.#sleep(false)],
    ]);
    for (const opcode of part.unansweredOpcodes ?? []) table.set(opcode, { headBytes: 1, isRead: true });
    for (const opcode of part.chipEraseOpcodes ?? [0x60, 0xc7]) table.set(opcode, this.#chipErase(opcode));
    for (const erase of part.erases) {
      table.set(erase.opcode, this.#blockErase(erase, erase.opcode, addressBytes));
    }
    if (hasStatus2(part.guard) || part.guard.kind === "mask") this.#addStatus2(table);
    if (part.guard.kind === "sectors") this.#addSectorLocks(table, part.guard.sectorBytes);
    if (part.guard.kind === "block-register") this.#addBlockRegister(table);
    if (part.guard.kind === "mask")
      table.set(
        0x98,
        this.#registerCommand(0x98, () => undefined),
      );
    if (part.alternatesStatus) this.#addAtmelReset(table);
    if (part.isNewer) this.#addNewer(table);
    if (part.suspend !== undefined) this.#addSuspend(table, part.suspend);
    if (part.hasFourByteCommands) this.#addFourByte(table);
    addAddressCommands(table, {
      part,
      state: this.#registers,
      takeLatch: (opcode, nowNs) => this.#takeLatch(opcode, nowNs),
    });
    addFlagCommands(table, {
      part,
      state: this.#registers,
      suspended: () => this.suspendedKind,
      isBusy: (nowNs) => this.isBusy(nowNs),
      clearLatch: () => this.#clearWriteEnable(),
    });
    if (part.hasBlockLocks === true) {
      addBlockLocks(table, {
        capacityBytes: part.capacityBytes,
        state: this.#registers,
        addressBytes,
        addressOf: (head, bytes, nowNs) => this.#addressOf(head, bytes, nowNs),
        takeLatch: (opcode, nowNs) => this.#takeLatch(opcode, nowNs),
      });
    }
    addSecurityCommands(table, {
      part,
      addressBytes,
      cells: this.#security,
      windowNumber: () => this.windowNumber,
      uniqueIdByte: (index) => this.#uniqueIdByte(index),
      lockBits: () => this.#registers.sr2 & LOCK_BITS,
      takeLatch: (opcode, nowNs) => this.#takeLatch(opcode, nowNs),
      busy: (time, nowNs) => this.work("other", NOTHING, time, nowNs),
      violate: (rule, opcode, nowNs, detail) => this.violate(rule, opcode, nowNs, detail),
      setSecured: (isIn) => void (this.#registers.isSecured = isIn),
    });
    return table;
  }

  /** Status register 2, and writes that last until power goes. */
  #addStatus2(table: Map<number, Command>): void {
    table.set(
      0x35,
      status(() => this.#registers.liveSr2 | suspendedBits(this.#part, this.suspendedKind)),
    );
    if (this.#part.lacksVolatileWrite !== true) {
      table.set(
        0x50,
        this.#now(() => void (this.#registers.isVolatileEnabled = true)),
      );
    }
    table.set(
      0x31,
      this.#registerWrite(1, ([sr2 = 0]) =>
        this.#writeStatus([this.#guard.shown(this.#registers, this.wpPin), sr2], 0x31),
      ),
    );
  }

  #addSectorLocks(table: Map<number, Command>, sectorBytes: readonly number[]): void {
    const set = (opcode: number, value: number): Command =>
      this.#addressed((address, nowNs) => {
        if (!this.#takeLatch(opcode, nowNs)) return;
        if ((this.#registers.liveSr1 & SRP0) !== 0) {
          this.violate("write-while-protected", opcode, nowNs, "SPRL locks the sector registers", address);
          return;
        }
        this.#registers.locks = this.#registers.locks.with(sectorAt(sectorBytes, address), value);
      });
    table.set(0x36, set(0x36, 0xff));
    table.set(0x39, set(0x39, 0x00));
    let address = 0;
    table.set(0x3c, {
      headBytes: 4,
      isRead: true,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, 3, nowNs);
      },
      answer: () => this.#registers.locks[sectorAt(sectorBytes, address)] ?? 0,
    });
    table.set(
      0x33,
      this.#now((nowNs) => this.violate("forbidden-one-time", 0x33, nowNs, "locks a sector down permanently")),
    );
  }

  #addBlockRegister(table: Map<number, Command>): void {
    const { locks } = this.#registers;
    let data: number[] = [];
    table.set(0x72, { headBytes: 1, isRead: true, answer: (index) => this.#registers.locks[index] ?? 0xff });
    table.set(0x42, {
      headBytes: 1,
      isRead: false,
      begin: () => {
        data = [];
      },
      take: keepFirst(locks.length, () => data),
      end: (count, nowNs) => {
        if (!this.#takeLatch(0x42, nowNs)) return;
        if (count === locks.length) this.#registers.locks = Uint8Array.from(data);
        else this.violate("short-command", 0x42, nowNs, `${count} bytes where the register has ${locks.length}`);
      },
    });
    table.set(
      0x98,
      this.#registerCommand(0x98, () => void (this.#registers.locks = new Uint8Array(locks.length))),
    );
  }

  /** A command of one byte that needs the latch. */
  #registerCommand(opcode: number, act: () => void): Command {
    return this.#now((nowNs) => {
      if (this.#takeLatch(opcode, nowNs)) act();
    });
  }

  /** 31h enables it, F0h D0h does it, 79h sleeps deeper. */
  #addAtmelReset(table: Map<number, Command>): void {
    table.set(
      0x31,
      this.#registerWrite(1, ([sr2 = 0]) => {
        this.#registers.isResetEnabled = (sr2 & RESET_ENABLED) !== 0;
        return "done";
      }),
    );
    let confirm = 0;
    table.set(0xf0, {
      headBytes: 2,
      isRead: false,
      begin: (head) => {
        confirm = head[1] ?? 0;
      },
      end: () => {
        if (confirm === 0xd0 && this.#registers.isResetEnabled) this.poweredUp();
      },
    });
    table.set(0x79, this.#sleep(true));
  }

  #addNewer(table: Map<number, Command>): void {
    table.set(
      0x15,
      status(() => this.#shownSr3()),
    );
    table.set(
      0x11,
      this.#registerWrite(1, ([sr3 = 0]) => {
        if ((this.#registers.liveSr2 & SRP1) !== 0) return "locked";
        this.#registers.liveSr3 = sr3 & ~ADDRESS_MODE;
        return "done";
      }),
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

  #addSuspend(table: Map<number, Command>, [suspend, resume]: readonly [number, number]): void {
    table.set(
      suspend,
      this.#now((nowNs) => this.suspend(nowNs, SUSPEND_NS)),
    );
    // D0h is also the second byte of a reset; alone it is resume.
    table.set(
      resume,
      this.#now((nowNs) => this.resume(nowNs)),
    );
  }

  #addFourByte(table: Map<number, Command>): void {
    for (const [opcode, twin] of TWINS) {
      const erase = this.#part.erases.find((one) => one.opcode === opcode);
      if (this.#part.fourByteOpcodes?.includes(twin) === false) continue;
      if (erase !== undefined) table.set(twin, this.#blockErase(erase, twin, 4));
      else if (opcode === 0x02) table.set(twin, this.#program(twin, 4));
      else if (opcode === 0x03 || opcode === 0x0b) table.set(twin, this.#readCommand(opcode === 0x0b ? 1 : 0, 4));
    }
  }

  /** Bit 0 shows the address mode and cannot be written. */
  #shownSr3(): number {
    const { liveSr3, isFourByteMode } = this.#registers;
    return (liveSr3 & ~ADDRESS_MODE) | (isFourByteMode ? ADDRESS_MODE : 0);
  }

  #statusCommand(): Command {
    return {
      headBytes: 1,
      isRead: true,
      answer: (index, nowNs) =>
        this.#part.alternatesStatus && index % 2 === 1 ? this.#atmelSr2(nowNs) : this.#sr1(nowNs),
    };
  }

  /** Bits 2 and 1: a program, an erase is suspended. */
  #atmelSr2(nowNs: number): number {
    const suspended = this.suspendedKind === "erase" ? 0x02 : this.suspendedKind === "program" ? 0x04 : 0;
    return (this.#registers.isResetEnabled ? RESET_ENABLED : 0) | suspended | (this.isBusy(nowNs) ? BUSY : 0);
  }

  #sr1(nowNs: number): number {
    const { isWriteEnabled, hasFailed } = this.#registers;
    const isBusy = this.isBusy(nowNs);
    return (
      this.#guard.shown(this.#registers, this.wpPin) |
      (this.#part.hasErrorBit && hasFailed && !isBusy ? EPE : 0) |
      stickyBits(this.#part, this.#registers) |
      suspendedBits1(this.#part, this.suspendedKind) |
      // The latch drops when the operation has ended.
      (isWriteEnabled ? WEL : 0) |
      (isBusy ? BUSY | WEL : 0)
    );
  }

  #readCommand(dummyBytes: number, addressBytes: 3 | 4): Command {
    let address = 0;
    let cells = this.cells;
    return {
      headBytes: 1 + addressBytes + dummyBytes,
      isRead: true,
      begin: (head, nowNs) => {
        cells = this.#registers.isSecured ? this.#security : this.cells;
        address = this.#addressOf(head, addressBytes, nowNs);
        this.checkSuspended(head[0] ?? 0, { address, lengthBytes: 1 }, nowNs);
      },
      answer: (index) => cells.at((address + index) % cells.capacityBytes, this.windowNumber),
      answerInto: (index, into) => cells.readInto((address + index) % cells.capacityBytes, into, this.windowNumber),
    };
  }

  #sfdpCommand(addressBytes: 3 | 4): Command {
    const { sfdp } = this.#part;
    let address = 0;
    return {
      headBytes: 2 + addressBytes,
      isRead: true,
      begin: (head) => {
        address = wholeAddress(NO_BANK, head, addressBytes);
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

  #sleep(isDeep: boolean): Command {
    return this.#now((nowNs) => {
      this.#registers.sleepsFromNs = nowNs + FALL_ASLEEP_NS;
      this.#registers.isDeepAsleep = isDeep;
    });
  }

  /** A command with an address and nothing behind it. */
  #addressed(act: (address: number, nowNs: number) => void, addressBytes: 3 | 4 = 3): Command {
    let address = 0;
    return {
      headBytes: 1 + addressBytes,
      isRead: false,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, addressBytes, nowNs);
      },
      end: (_, nowNs) => act(address, nowNs),
    };
  }

  /** The address of a head; bits above the chip do not count, and the host should not send them. */
  #addressOf(head: readonly number[], addressBytes: 3 | 4, nowNs: number): number {
    const { isSecured } = this.#registers;
    const { capacityBytes } = isSecured ? this.#security : this.cells;
    // The area beside the array has no banks.
    const address = wholeAddress(isSecured ? NO_BANK : this.#registers, head, addressBytes);
    if (address >= (isSecured ? capacityBytes : (this.#part.claimedBytes ?? capacityBytes))) {
      this.violate("address-beyond-end", head[0] ?? 0, nowNs, `the chip has ${capacityBytes} bytes`, address);
    }
    return address % capacityBytes;
  }

  /** Takes the latch; false, and a broken rule noted, where it was clear. */
  #takeLatch(opcode: number, nowNs: number): boolean {
    const isEnabled = this.#registers.isWriteEnabled;
    this.#clearWriteEnable();
    if (!isEnabled) this.violate("program-without-write-enable", opcode, nowNs, "the write-enable latch is clear");
    return isEnabled;
  }

  /** Whether a write may begin; else the rule broken is recorded and the latch cleared. */
  #mayWrite(opcode: number, isErase: boolean, range: ByteRange, nowNs: number): boolean {
    if (nowNs < this.poweredAtNs + FIRST_WRITE_NS) {
      this.violate("power-up-too-soon", opcode, nowNs, "5 ms after power at the earliest", range.address);
    } else if (!this.#registers.isWriteEnabled) {
      const rule = isErase ? "erase-without-write-enable" : "program-without-write-enable";
      this.violate(rule, opcode, nowNs, "the write-enable latch is clear", range.address);
    } else if (this.isSuspended && (isErase || this.suspendedKind === "program" || this.isInSuspended(range))) {
      const what = isErase ? "an erase" : "this program";
      this.violate("command-while-suspended", opcode, nowNs, `${what} while another is interrupted`, range.address);
    } else if (this.#guard.refuses(this.#registers, range)) {
      this.violate("write-while-protected", opcode, nowNs, "block protection covers it", range.address);
      if (this.#part.flags !== undefined) this.#fail(isErase ? "erase" : "program", true);
    } else {
      this.#clearWriteEnable();
      return true;
    }
    this.#clearWriteEnable();
    return false;
  }

  /** Noted where the part keeps it until it is cleared. */
  #fail(failed: "program" | "erase", wasProtected: boolean): void {
    Object.assign(this.#registers, { failed, wasProtected });
  }

  #program(opcode: number, addressBytes: 3 | 4): Command {
    let address = 0;
    return {
      headBytes: 1 + addressBytes,
      isRead: false,
      begin: (head, nowNs) => {
        address = this.#addressOf(head, addressBytes, nowNs);
        this.#beginLatch(address);
      },
      take: (index, byte) => this.#fillLatch(index, byte),
      end: (count, nowNs) => {
        const room = this.#pageBytes - (address % this.#pageBytes);
        if (count === 0) {
          this.violate("short-command", opcode, nowNs, "a program without data", address);
          this.#clearWriteEnable();
          return;
        }
        // No host can know of a page that is smaller than it should be.
        if (count > room && this.#pageBytes === PAGE_BYTES)
          this.violate("page-overrun", opcode, nowNs, `${count} bytes where the page has ${room}`, address);
        const page = { address: address - (address % this.#pageBytes), lengthBytes: this.#pageBytes };
        // Within the page; where more came than fits, the latch holds what came last.
        const whole = count > room;
        const from = whole ? page.address : address;
        const offset = from % this.#pageBytes;
        const data = this.#latch.subarray(offset, whole ? this.#pageBytes : offset + count);
        if (this.#registers.isSecured) {
          if (!this.#takeLatch(opcode, nowNs)) return;
          this.violate("forbidden-one-time", opcode, nowNs, "programs bytes of the secured area");
          this.work("other", NOTHING, this.#part.page, nowNs);
          this.#security.program(from, data);
          return;
        }
        if (!this.#mayWrite(opcode, false, page, nowNs) || this.#ignoresProgram(page)) return;
        this.work("program", page, this.#part.page, nowNs, Math.min(count, this.#pageBytes));
        const wish = this.cells.peek(from, data.length).map((byte, index) => byte & (data[index] ?? 0xff));
        this.programCells(opcode, from, data, nowNs);
        this.#registers.hasFailed = this.cells.peek(from, data.length).some((byte, index) => byte !== wish[index]);
        if (this.#registers.hasFailed) this.#fail("program", false);
      },
    };
  }

  /** Not a word of it shows, but the latch is used up. */
  #ignoresProgram(page: ByteRange): boolean {
    const { programIgnored } = this.#part;
    if (programIgnored === undefined || rangeIntersection(programIgnored, page) === undefined) return false;
    this.#clearWriteEnable();
    return true;
  }

  #beginLatch(address: number): void {
    this.#latch = new Uint8Array(this.#pageBytes).fill(0xff);
    this.#latchAddress = address % this.#pageBytes;
  }

  #fillLatch(index: number, byte: number): void {
    this.#latch[(this.#latchAddress + index) % this.#pageBytes] = byte;
  }

  #blockErase(erase: EraseCommand, opcode: number, addressBytes: 3 | 4): Command {
    return this.#addressed((address, nowNs) => {
      const block = blockOf(erase, address);
      if (this.#mayWrite(opcode, true, block, nowNs)) this.#erase(block, erase.time, nowNs);
    }, addressBytes);
  }

  #chipErase(opcode: number): Command {
    return this.#now((nowNs) => {
      const all = { address: 0, lengthBytes: this.cells.capacityBytes };
      if (this.#mayWrite(opcode, true, all, nowNs)) this.#erase(all, this.#part.chipErase, nowNs);
    });
  }

  #erase(range: ByteRange, time: EraseCommand["time"], nowNs: number): void {
    this.work("erase", range, time, nowNs);
    this.cells.erase(range);
    this.#registers.hasFailed = !this.cells.isErased(range);
    if (this.#registers.hasFailed) this.#fail("erase", false);
  }

  /** `write` answers what the locks let it do. */
  #registerWrite(maximumBytes: number, write: (data: readonly number[]) => Written): Command {
    let data: number[] = [];
    let opcode = 0;
    return {
      headBytes: 1,
      isRead: false,
      begin: (head) => {
        data = [];
        opcode = head[0] ?? 0;
      },
      take: keepFirst(maximumBytes, () => data),
      end: (count, nowNs) => {
        const { isWriteEnabled, isVolatileEnabled } = this.#registers;
        if (count === 0 || count > maximumBytes) {
          const rule = count === 0 ? "short-command" : "extra-bytes";
          this.violate(rule, opcode, nowNs, `${count} bytes where the register has up to ${maximumBytes}`);
        } else if (this.isSuspended) {
          this.violate("command-while-suspended", opcode, nowNs, "a register write while an operation is interrupted");
        } else if (!isWriteEnabled && !isVolatileEnabled) {
          this.violate("program-without-write-enable", opcode, nowNs, "the write-enable latch is clear");
        } else {
          this.#checkOneTime(opcode, data, nowNs);
          const isVolatile = !isWriteEnabled;
          const written = write(data);
          if (written === "locked") {
            this.violate("write-while-protected", opcode, nowNs, "the status registers are locked (SRP, SPRL, WP#)");
          } else if (written === "done" && !isVolatile) {
            this.work("other", NOTHING, this.#part.registerWrite, nowNs);
            const { liveSr1: sr1, liveSr2: sr2, liveSr3: sr3 } = this.#registers;
            Object.assign(this.#registers, { sr1, sr2, sr3 });
          }
        }
        this.#clearWriteEnable();
      },
    };
  }

  #checkOneTime(opcode: number, data: readonly number[], nowNs: number): void {
    if (opcode === 0x11 || !hasStatus2(this.#part.guard)) return;
    const sr1 = opcode === 0x01 ? (data[0] ?? 0) : this.#registers.liveSr1;
    const sr2 = opcode === 0x01 ? (data[1] ?? 0) : (data[0] ?? 0);
    const locksNow = sr2 & LOCK_BITS & ~this.#registers.sr2;
    if (locksNow !== 0) this.violate("forbidden-one-time", opcode, nowNs, "locks a security register permanently");
    if ((sr1 & SRP0) !== 0 && (sr2 & SRP1) !== 0) {
      this.violate("forbidden-one-time", opcode, nowNs, "SRP1 with SRP0 freezes the status registers permanently");
    }
  }

  /** Lock bits only ever get set. */
  #writeStatus([sr1 = 0, sr2]: readonly number[], opcode: 0x01 | 0x31): Written {
    const registers = this.#registers;
    const written = this.#guard.write(registers, sr1, this.wpPin);
    if (written !== "done") return written;
    const { shortWriteClearsSr2, takesOneStatusByte } = this.#part;
    const taken = takesOneStatusByte === true && opcode === 0x01 ? undefined : sr2;
    const next = taken ?? (shortWriteClearsSr2 && sr2 === undefined ? 0 : registers.liveSr2);
    registers.liveSr2 = (next & SR2_WRITABLE) | (registers.sr2 & LOCK_BITS);
    return "done";
  }
}

type Written = ReturnType<At25Guard["write"]>;

const NO_BANK = { bank: 0, isFourByteMode: false };
const NOTHING: ByteRange = { address: 0, lengthBytes: 0 };

function freshRegisters(): Registers {
  return {
    sr1: 0,
    sr2: 0,
    sr3: 0,
    liveSr1: 0,
    liveSr2: 0,
    liveSr3: 0,
    isWriteEnabled: false,
    isVolatileEnabled: false,
    isResetArmed: false,
    locks: new Uint8Array(0),
    hasFailed: false,
    isResetEnabled: false,
    isSecured: false,
    isFourByteMode: false,
    bank: 0,
    failed: "none",
    wasProtected: false,
    isDeepAsleep: false,
    sleepsFromNs: Number.POSITIVE_INFINITY,
    awakeFromNs: Number.NEGATIVE_INFINITY,
  };
}

function constant(headBytes: number, answer: (index: number) => number): Command {
  return { headBytes, isRead: true, answer };
}

function status(answer: (nowNs: number) => number): Command {
  return { headBytes: 1, isRead: true, answer: (_, nowNs) => answer(nowNs) };
}
