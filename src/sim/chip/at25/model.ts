/**
 * A strict model of AT25 chips and all that speak as they do (at25.md): write-enable latch, status registers, the kinds
 * of protection, page wrap, busy, suspend, deep power-down, power-up delays, what lies beside the array.
 *
 * Left out: dual and quad lanes (a bridge has one), sequential program; both are recorded as unknown opcodes.
 */
import { addAddressCommands, wholeAddress } from "./address.ts";
import { addArrayCommands, PAGE_BYTES } from "./array.ts";
import { addFlagCommands, stickyBits } from "./flags.ts";
import { type At25Guard, guardOf } from "./guard.ts";
import { type At25Host, atOnce, NOTHING } from "./command-access.ts";
import { blockOf, geometryOf, type At25Part } from "./part.ts";
import { freshRegisters, LOCK_BITS, type Registers } from "./registers.ts";
import { addSecurityCommands, securityCells } from "./security.ts";
import { addStatusCommands } from "./status.ts";
import { addBlockLocks } from "./block-locks.ts";
import { CellArray } from "../core/cell-array.ts";
import type { ChipModel, ChipRegisters } from "../core/chip-model.ts";
import type { ChipTimes } from "../core/chip-times.ts";
import type { FoundChip } from "../found-chip.ts";
import { type Command, SpiChip } from "../core/spi-chip.ts";

/** From power to the first command (at25.md, section 6). */
const FIRST_COMMAND_NS = 70e3;
const FALL_ASLEEP_NS = 3e3;
const WAKE_NS = 30e3;
const WAKE_DEEP_NS = 70e3;
const SUSPEND_NS = 25e3;
const POWER_UP_MODE = 0x02;
/** A chip ignores them where it cannot answer; FFh also leads out of modes with several data lines. */
const HARMLESS: ReadonlySet<number> = new Set([0x9f, 0x90, 0xab, 0x5a, 0x4b, 0xc8, 0x16, 0x48, 0xff]);
const HEARD_WHILE_BUSY: ReadonlySet<number> = new Set([0x05, 0x35, 0x15, 0x70, 0x07, 0x2b]);

export class At25Model extends SpiChip {
  readonly #part: At25Part;
  readonly #guard: At25Guard;
  readonly #registers: Registers;
  readonly #security: CellArray;
  /** With three address bytes, and in the mode with four. */
  readonly #commands: ReadonlyMap<number, Command>;
  readonly #modeCommands: ReadonlyMap<number, Command>;
  #busyReads: FoundChip["busyReads"];

  constructor(part: At25Part, times: ChipTimes, from?: At25Model) {
    super(part.name, geometryOf(part), from?.cells.fork() ?? new CellArray(part.capacityBytes, PAGE_BYTES), times);
    this.#part = part;
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
      isFourByteMode,
      bank,
      suspended: this.suspendedKind,
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

  /** Status register 3 can report it. */
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

  /** Also with an error that the host has not cleared, on parts that stay busy then. */
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

  /** Whatever the pulse carried is ignored. */
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
    const { seed } = this.times;
    // The higher bytes of the seed in other ways, so that no two seeds below 2^24 make the same ID.
    const higher = ((seed >>> 8) & 0xff) * 11 * (index + 1) + (seed >>> 16) * 13 * (index + 1) ** 2;
    return (0xd1 + 0x1d * index + (seed & 0xff) * 7 + higher) & 0xff;
  }

  #clearWriteEnable(): void {
    this.#registers.isWriteEnabled = false;
    this.#registers.isVolatileEnabled = false;
  }

  /** What the tables of commands get of the chip: what is theirs, and what all chips can do. */
  #host(): At25Host {
    return {
      part: this.#part,
      guard: this.#guard,
      registers: this.#registers,
      cells: this.cells,
      security: this.#security,
      isWpHigh: () => this.wpPin,
      windowNumber: () => this.windowNumber,
      poweredAtNs: () => this.poweredAtNs,
      suspended: () => this.suspendedKind,
      isBusy: (nowNs) => this.isBusy(nowNs),
      isInSuspended: (range) => this.isInSuspended(range),
      checkSuspended: (opcode, range, nowNs) => this.checkSuspended(opcode, range, nowNs),
      violate: (rule, opcode, nowNs, detail, address) => this.violate(rule, opcode, nowNs, detail, address),
      work: (kind, range, time, nowNs, bytes) => this.work(kind, range, time, nowNs, bytes),
      programCells: (opcode, address, data, nowNs) => this.programCells(opcode, address, data, nowNs),
      addressOf: (head, addressBytes, nowNs) => this.#addressOf(head, addressBytes, nowNs),
      clearWriteEnable: () => this.#clearWriteEnable(),
      takeLatch: (opcode, nowNs) => this.#takeLatch(opcode, nowNs),
    };
  }

  /** `addressBytes`: of the commands that the mode changes. */
  #table(addressBytes: 3 | 4): Map<number, Command> {
    const part = this.#part;
    const id = [...part.jedecId, ...(part.extendedId ?? [])];
    const table = new Map<number, Command>([
      [0x9f, constant(1, (i) => id[i] ?? 0)],
      [0x90, constant(4, (i) => (i % 2 === 0 ? part.jedecId[0] : part.deviceId))],
      [0xab, this.#wake()],
      // Asking an older part for SFDP is how it is distinguished from its successor: it returns nothing.
      [0x5a, this.#sfdpCommand(part.addressMode?.sfdpFollows === true ? addressBytes : 3)],
      [0xff, { headBytes: 1, isRead: true }],
      [0x06, atOnce(() => void (this.#registers.isWriteEnabled = true))],
      [0x04, atOnce(() => this.#clearWriteEnable())],
      [0xb9, this.#sleep(false)],
    ]);
    for (const opcode of part.unansweredOpcodes ?? []) table.set(opcode, { headBytes: 1, isRead: true });
    const host = this.#host();
    const { takeLatch, addressOf } = host;
    addArrayCommands(table, host, addressBytes);
    addStatusCommands(table, host);
    if (part.alternatesStatus) this.#addResetByF0(table);
    if (part.isNewer) this.#addResetBy66(table);
    if (part.suspend !== undefined) this.#addSuspend(table, part.suspend);
    addAddressCommands(table, { part, state: this.#registers, takeLatch });
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
        addressOf,
        takeLatch,
      });
    }
    addSecurityCommands(table, {
      part,
      addressBytes,
      cells: this.#security,
      windowNumber: () => this.windowNumber,
      uniqueIdByte: (index) => this.#uniqueIdByte(index),
      lockBits: () => this.#registers.sr2 & LOCK_BITS,
      takeLatch,
      busy: (time, nowNs) => this.work("other", NOTHING, time, nowNs),
      violate: (rule, opcode, nowNs, detail) => this.violate(rule, opcode, nowNs, detail),
      setSecured: (isIn) => void (this.#registers.isSecured = isIn),
    });
    return table;
  }

  /** F0h D0h resets the chip if 31h has enabled it; 79h is ultra-deep power-down. */
  #addResetByF0(table: Map<number, Command>): void {
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

  /** 66h 99h resets the chip. */
  #addResetBy66(table: Map<number, Command>): void {
    table.set(
      0x66,
      atOnce(() => void (this.#registers.isResetArmed = true)),
    );
    table.set(
      0x99,
      atOnce(() => {
        if (this.#registers.isResetArmed) this.poweredUp();
      }),
    );
  }

  #addSuspend(table: Map<number, Command>, [suspend, resume]: readonly [number, number]): void {
    table.set(
      suspend,
      atOnce((nowNs) => this.suspend(nowNs, SUSPEND_NS)),
    );
    // D0h is also the second byte of a reset; alone it is resume.
    table.set(
      resume,
      atOnce((nowNs) => this.resume(nowNs)),
    );
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

  #sleep(isDeep: boolean): Command {
    return atOnce((nowNs) => {
      this.#registers.sleepsFromNs = nowNs + FALL_ASLEEP_NS;
      this.#registers.isDeepAsleep = isDeep;
    });
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
}

const NO_BANK = { bank: 0, isFourByteMode: false };

function constant(headBytes: number, answer: (index: number) => number): Command {
  return { headBytes, isRead: true, answer };
}
