/**
 * Status registers of an AT25-like chip, how they are read and written, and the locks of sectors and blocks (at25.md, section
 * 3).
 */
import { stickyBits, suspendedBits, suspendedBits1 } from "./flags.ts";
import { type At25Guard, hasStatus2, sectorAt } from "./guard.ts";
import { type At25Host, addressed, atOnce, NOTHING, register } from "./command-access.ts";
import { BUSY, LOCK_BITS } from "./registers.ts";
import { type Command, keepFirst } from "../core/spi-chip.ts";

const WEL = 0x02;
const EPE = 0x20;
const SRP0 = 0x80;
const SRP1 = 0x01;
const RESET_ENABLED = 0x10;
/** SRP1, QE, LB3..1, CMP. */
const SR2_WRITABLE = 0x7b;
const ADDRESS_MODE = 0x01;

type Written = ReturnType<At25Guard["write"]>;

/** Adds what reads and writes status registers and locks. */
export function addStatusCommands(table: Map<number, Command>, chip: At25Host): void {
  const { guard, alternatesStatus, isNewer } = chip.part;
  table.set(0x05, statusCommand(chip));
  table.set(
    0x01,
    registerWrite(chip, hasStatus2(guard) ? 2 : 1, (data) => writeStatus(chip, data, 0x01)),
  );
  if (hasStatus2(guard) || guard.kind === "mask") addStatus2(table, chip);
  if (guard.kind === "sectors") addSectorLocks(table, chip, guard.sectorBytes);
  if (guard.kind === "block-register") addBlockRegister(table, chip);
  if (guard.kind === "mask") {
    table.set(
      0x98,
      latchedCommand(chip, 0x98, () => undefined),
    );
  }
  if (alternatesStatus) addResetBit(table, chip);
  if (isNewer) addStatus3(table, chip);
}

/** Status register 2, and writes that last until power goes. */
function addStatus2(table: Map<number, Command>, chip: At25Host): void {
  const { registers, part } = chip;
  table.set(
    0x35,
    register(() => registers.liveSr2 | suspendedBits(part, chip.suspended())),
  );
  if (part.lacksVolatileWrite !== true) {
    table.set(
      0x50,
      atOnce(() => void (registers.isVolatileEnabled = true)),
    );
  }
  table.set(
    0x31,
    registerWrite(chip, 1, ([sr2 = 0]) => writeStatus(chip, [chip.guard.shown(registers, chip.isWpHigh()), sr2], 0x31)),
  );
}

function addStatus3(table: Map<number, Command>, chip: At25Host): void {
  const { registers } = chip;
  table.set(
    0x15,
    // Bit 0 shows the address mode and cannot be written.
    register(() => (registers.liveSr3 & ~ADDRESS_MODE) | (registers.isFourByteMode ? ADDRESS_MODE : 0)),
  );
  table.set(
    0x11,
    registerWrite(chip, 1, ([sr3 = 0]) => {
      if ((registers.liveSr2 & SRP1) !== 0) return "locked";
      registers.liveSr3 = sr3 & ~ADDRESS_MODE;
      return "done";
    }),
  );
}

function addSectorLocks(table: Map<number, Command>, chip: At25Host, sectorBytes: readonly number[]): void {
  const { registers } = chip;
  const set = (opcode: number, value: number): Command =>
    addressed(chip, (address, nowNs) => {
      if (!chip.takeLatch(opcode, nowNs)) return;
      if ((registers.liveSr1 & SRP0) !== 0) {
        chip.violate("write-while-protected", opcode, nowNs, "SPRL locks the sector registers", address);
        return;
      }
      registers.locks = registers.locks.with(sectorAt(sectorBytes, address), value);
    });
  table.set(0x36, set(0x36, 0xff));
  table.set(0x39, set(0x39, 0x00));
  let address = 0;
  table.set(0x3c, {
    headBytes: 4,
    isRead: true,
    begin: (head, nowNs) => {
      address = chip.addressOf(head, 3, nowNs);
    },
    answer: () => registers.locks[sectorAt(sectorBytes, address)] ?? 0,
  });
  table.set(
    0x33,
    atOnce((nowNs) => chip.violate("forbidden-one-time", 0x33, nowNs, "locks a sector down permanently")),
  );
}

function addBlockRegister(table: Map<number, Command>, chip: At25Host): void {
  const { registers } = chip;
  const { length } = registers.locks;
  let data: number[] = [];
  table.set(0x72, { headBytes: 1, isRead: true, answer: (index) => registers.locks[index] ?? 0xff });
  table.set(0x42, {
    headBytes: 1,
    isRead: false,
    begin: () => {
      data = [];
    },
    take: keepFirst(length, () => data),
    end: (count, nowNs) => {
      if (!chip.takeLatch(0x42, nowNs)) return;
      if (count === length) registers.locks = Uint8Array.from(data);
      else chip.violate("short-command", 0x42, nowNs, `${count} bytes where the register has ${length}`);
    },
  });
  table.set(
    0x98,
    latchedCommand(chip, 0x98, () => void (registers.locks = new Uint8Array(length))),
  );
}

/** 31h enables the reset by F0h D0h. */
function addResetBit(table: Map<number, Command>, chip: At25Host): void {
  const { registers } = chip;
  table.set(
    0x31,
    registerWrite(chip, 1, ([sr2 = 0]) => {
      registers.isResetEnabled = (sr2 & RESET_ENABLED) !== 0;
      return "done";
    }),
  );
}

/** A command of one byte that needs the latch. */
function latchedCommand(chip: At25Host, opcode: number, act: () => void): Command {
  return atOnce((nowNs) => {
    if (chip.takeLatch(opcode, nowNs)) act();
  });
}

function statusCommand(chip: At25Host): Command {
  return {
    headBytes: 1,
    isRead: true,
    answer: (index, nowNs) =>
      chip.part.alternatesStatus && index % 2 === 1 ? secondStatusByte(chip, nowNs) : statusByte(chip, nowNs),
  };
}

/** The second byte of 05h on parts that alternate. Bits 2 and 1: a program, an erase is suspended. */
function secondStatusByte(chip: At25Host, nowNs: number): number {
  const suspended = chip.suspended();
  const bits = suspended === "erase" ? 0x02 : suspended === "program" ? 0x04 : 0;
  return (chip.registers.isResetEnabled ? RESET_ENABLED : 0) | bits | (chip.isBusy(nowNs) ? BUSY : 0);
}

function statusByte(chip: At25Host, nowNs: number): number {
  const { part, registers } = chip;
  const { isWriteEnabled, hasFailed } = registers;
  const isBusy = chip.isBusy(nowNs);
  return (
    chip.guard.shown(registers, chip.isWpHigh()) |
    (part.hasErrorBit && hasFailed && !isBusy ? EPE : 0) |
    stickyBits(part, registers) |
    suspendedBits1(part, chip.suspended()) |
    // The latch drops when the operation has ended.
    (isWriteEnabled ? WEL : 0) |
    (isBusy ? BUSY | WEL : 0)
  );
}

/** `write` returns what the locks allowed. */
function registerWrite(chip: At25Host, maximumBytes: number, write: (data: readonly number[]) => Written): Command {
  const { registers, part } = chip;
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
      const { isWriteEnabled, isVolatileEnabled } = registers;
      if (count === 0 || count > maximumBytes) {
        const rule = count === 0 ? "short-command" : "extra-bytes";
        chip.violate(rule, opcode, nowNs, `${count} bytes where the register has up to ${maximumBytes}`);
      } else if (chip.suspended() !== undefined) {
        chip.violate("command-while-suspended", opcode, nowNs, "a register write while an operation is interrupted");
      } else if (!isWriteEnabled && !isVolatileEnabled) {
        chip.violate("program-without-write-enable", opcode, nowNs, "the write-enable latch is clear");
      } else {
        checkOneTime(chip, opcode, data, nowNs);
        const written = write(data);
        if (written === "locked") {
          chip.violate("write-while-protected", opcode, nowNs, "the status registers are locked (SRP, SPRL, WP#)");
        } else if (written === "done" && isWriteEnabled) {
          chip.work("other", NOTHING, part.registerWrite, nowNs);
          const { liveSr1: sr1, liveSr2: sr2, liveSr3: sr3 } = registers;
          Object.assign(registers, { sr1, sr2, sr3 });
        }
      }
      chip.clearWriteEnable();
    },
  };
}

function checkOneTime(chip: At25Host, opcode: number, data: readonly number[], nowNs: number): void {
  const { part, registers } = chip;
  if (opcode === 0x11 || !hasStatus2(part.guard)) return;
  const sr1 = opcode === 0x01 ? (data[0] ?? 0) : registers.liveSr1;
  const sr2 = opcode === 0x01 ? (data[1] ?? 0) : (data[0] ?? 0);
  const locksNow = sr2 & LOCK_BITS & ~registers.sr2;
  if (locksNow !== 0) chip.violate("forbidden-one-time", opcode, nowNs, "locks a security register permanently");
  if ((sr1 & SRP0) !== 0 && (sr2 & SRP1) !== 0) {
    chip.violate("forbidden-one-time", opcode, nowNs, "SRP1 with SRP0 freezes the status registers permanently");
  }
}

/** Lock bits only ever get set. */
function writeStatus(chip: At25Host, [sr1 = 0, sr2]: readonly number[], opcode: 0x01 | 0x31): Written {
  const { registers } = chip;
  const written = chip.guard.write(registers, sr1, chip.isWpHigh());
  if (written !== "done") return written;
  const { shortWriteClearsSr2, takesOneStatusByte } = chip.part;
  const taken = takesOneStatusByte === true && opcode === 0x01 ? undefined : sr2;
  const next = taken ?? (shortWriteClearsSr2 && sr2 === undefined ? 0 : registers.liveSr2);
  registers.liveSr2 = (next & SR2_WRITABLE) | (registers.sr2 & LOCK_BITS);
  return "done";
}
