/**
 * A lock for each block in place of the BP bits: WPS = 1 on Winbond and parts like it, WPSEL = 1 on Macronix. 4 KiB each in
 * the first and the last 64 KiB, 64 KiB between them; all are set at power-up, and power-off takes every change back.
 *
 * Above 16 MiB the commands take four address bytes only in that mode of the chip, so it is entered around them.
 * Sources: datasheets of W25Q128JV and MX25L12835F (36h, 39h, 3Dh or 3Ch, 7Eh, 98h); OpenIPC/u-boot-gk7205v200#18.
 */
import type { SpiStep, StepResult } from "../../../firmware-protocol/step.ts";
import type { BlockLocks } from "../../chip-descriptor.ts";
import type {
  ChipAnswer,
  ExpectedRegister,
  ProtectionAttempt,
  ProtectionChange,
  ProtectionControl,
  ProtectionState,
  StepProgram,
} from "../../chip-driver.ts";
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../geometry.ts";
import { mergeNeighbours } from "../../byte-ranges.ts";
import { answerOf, outcomeOf, receivedByte, sending, withAddress } from "../../step-answers.ts";
import { type ProtectionScheme, registerValue, writeRegister } from "./register-write.ts";

const SECTOR_BYTES = 4096;
const BLOCK_BYTES = 65_536;
const LOCK = 0x36;
const UNLOCK = 0x39;
const LOCK_ALL = 0x7e;
const UNLOCK_ALL = 0x98;
const WRITE_ENABLE = 0x06;
const WRITE_DISABLE = 0x04;
const ENTER_4_BYTES = 0xb7;
const LEAVE_4_BYTES = 0xe9;
const LOCKS_A_BYTE = 8;
/** Nothing drives the line: the chip may not know the command. */
const NO_ANSWER = 0xff;

/** The scheme of a part that has block locks beside `base`. */
export function withBlockLocks(
  base: ProtectionScheme,
  locks: BlockLocks,
  addressBytes: 3 | 4,
  capacityBytes: number,
): ProtectionScheme {
  const blocks = [...lockedBlocks(capacityBytes)];
  const areInForce = (state: ProtectionState): boolean => locks.inForce.some((place) => isSet(state, place));
  const read: ProtectionScheme["read"] = {
    steps: base.read.steps,
    decode: (results) => {
      const answer = base.read.decode(results);
      if (answer.outcome !== "done" || !areInForce(answer.value)) return answer;
      return { outcome: "done", value: inForce(answer.value, [{ address: 0, lengthBytes: capacityBytes }]) };
    },
  };
  return {
    read,
    detail: (state) => (areInForce(state) ? readLocks(read, locks, blocks, addressBytes) : undefined),
    control:
      base.control === undefined
        ? undefined
        : controlOf(base.control, areInForce, new LockWrites(blocks, addressBytes)),
  };
}

function controlOf(
  base: ProtectionControl,
  areInForce: (state: ProtectionState) => boolean,
  writes: LockWrites,
): ProtectionControl {
  return {
    ...base,
    lift: (state, term) => (areInForce(state) ? writes.change([], state.isUncertain) : base.lift(state, term)),
    restore: (before, now, term) => {
      const registers = base.restore(before, now, term);
      if (!hasLocks(before)) return registers;
      // A chip that returned a lock that is open returns them all.
      const locks = writes.change(before.ranges, now.isUncertain === true && writes.coversAll(before.ranges));
      return {
        ...locks,
        expected: [...registers.expected, ...locks.expected],
        attempts: [...locks.attempts, ...registers.attempts],
      };
    },
    protect: (state, range, term) => {
      if (!areInForce(state)) return base.protect(state, range, term);
      const wanted = writes.blocks.filter((block) => rangeContains(range, block));
      const touched = writes.blocks.filter((block) => rangeIntersection(range, block) !== undefined);
      if (wanted.length === 0 || wanted.length !== touched.length) return { choices: writes.blocks };
      return writes.change([range], state.isUncertain);
    },
  };
}

/** As read before the locks themselves are: all of it may be protected. */
function inForce(state: ProtectionState, ranges: readonly ByteRange[]): ProtectionState {
  return {
    ...state,
    ranges,
    heldBy: "locks of single blocks, which are used instead of the BP bits and are all set at each power-up",
    // The locks of the registers are none of theirs.
    lockedBy: "",
    terms: ["until-power-off"],
    ifRefused: undefined,
  };
}

function readLocks(
  read: ProtectionScheme["read"],
  { readOpcode }: BlockLocks,
  blocks: readonly ByteRange[],
  addressBytes: 3 | 4,
): StepProgram<ChipAnswer<ProtectionState>> {
  const count = read.steps.length;
  const asked = blocks.map(({ address }) => ({
    kind: "transfer" as const,
    send: withAddress(readOpcode, addressBytes, address),
    receiveBytes: 1,
  }));
  const [enter, leave] = modeSteps(addressBytes);
  return {
    steps: [...read.steps, ...enter, ...asked, ...leave],
    decode: (results: readonly StepResult[]) => {
      const registers = read.decode(results.slice(0, count));
      if (registers.outcome !== "done") return registers;
      return answerOf(results, () => {
        const answers = blocks.map((_, index) => receivedByte(results, count + enter.length + index));
        return withLocks(registers.value, blocks, answers);
      });
    },
  };
}

function withLocks(state: ProtectionState, blocks: readonly ByteRange[], answers: readonly number[]): ProtectionState {
  const isLocked = (index: number): boolean => ((answers[index] ?? 0) & 1) !== 0;
  const locked = blocks.filter((_, index) => isLocked(index));
  return {
    ...inForce(state, mergeNeighbours(locked)),
    registers: [...state.registers, ...lockBytes(blocks, isLocked).map(({ name, value }) => ({ name, value }))],
    isUncertain: answers.every((answer) => answer === NO_ANSWER) ? true : state.isUncertain,
  };
}

/** Eight locks a byte, the first in bit 0. */
function lockBytes(blocks: readonly ByteRange[], isLocked: (index: number) => boolean): ExpectedRegister[] {
  return Array.from({ length: Math.ceil(blocks.length / LOCKS_A_BYTE) }, (_, byte) => {
    let [value, mask] = [0, 0];
    for (let bit = 0; bit < LOCKS_A_BYTE; bit++) {
      const index = byte * LOCKS_A_BYTE + bit;
      if (index >= blocks.length) break;
      mask |= 1 << bit;
      if (isLocked(index)) value |= 1 << bit;
    }
    return { name: lockName(byte), value, mask };
  });
}

function lockName(byte: number): string {
  return `block locks byte ${byte}`;
}

function hasLocks({ registers }: ProtectionState): boolean {
  return registers.some(({ name }) => name === lockName(0));
}

/** The commands that change locks. */
class LockWrites {
  readonly blocks: readonly ByteRange[];
  readonly #addressBytes: 3 | 4;

  constructor(blocks: readonly ByteRange[], addressBytes: 3 | 4) {
    this.blocks = blocks;
    this.#addressBytes = addressBytes;
  }

  coversAll(ranges: readonly ByteRange[]): boolean {
    return this.blocks.every((block) => ranges.some((range) => rangeContains(range, block)));
  }

  /** Exactly the blocks in `ranges` locked. `isUncertain`: what is read does not show whether they are. */
  change(ranges: readonly ByteRange[], isUncertain = false): ProtectionChange {
    const wanted = this.blocks.map((block) => ranges.some((range) => rangeContains(range, block)));
    const expected = lockBytes(this.blocks, (index) => wanted[index] === true);
    const global = this.#global(wanted);
    const single = this.#single(wanted);
    const isEven = wanted.every((isWanted) => isWanted === wanted[0]);
    return {
      expected: isUncertain ? [] : expected,
      attempts: isEven ? [global, single] : [single, global],
      unread: isUncertain ? this.#globalProgram(wanted) : undefined,
    };
  }

  /** 7Eh or 98h; if some are to be locked and some not, 36h for those after 98h. */
  #global(wanted: readonly boolean[]): ProtectionAttempt {
    const isAll = wanted.every(Boolean);
    return {
      commands: isAll ? "7Eh" : "98h",
      write: (now) => (hasLocks(now) && !this.#isAs(now, wanted) ? this.#globalProgram(wanted) : undefined),
    };
  }

  #globalProgram(wanted: readonly boolean[]): ReturnType<typeof writeRegister> {
    if (wanted.every(Boolean)) return writeRegister([Uint8Array.of(LOCK_ALL)]);
    const locked = this.blocks.filter((_, index) => wanted[index] === true);
    const unlocked = writeRegister([Uint8Array.of(UNLOCK_ALL)]);
    return locked.length === 0 ? unlocked : joined(unlocked, this.#addressed(LOCK, locked));
  }

  /** 36h or 39h for every block that is not as it should be. */
  #single(wanted: readonly boolean[]): ProtectionAttempt {
    return {
      commands: "36h or 39h for each block",
      write: (now) => {
        if (!hasLocks(now)) return undefined;
        const differing = (isWanted: boolean): ByteRange[] =>
          this.blocks.filter((_, index) => wanted[index] === isWanted && isLockedIn(now, index) !== isWanted);
        const [lock, unlock] = [differing(true), differing(false)];
        if (lock.length + unlock.length === 0) return undefined;
        return joined(this.#addressed(UNLOCK, unlock), this.#addressed(LOCK, lock));
      },
    };
  }

  #isAs(now: ProtectionState, wanted: readonly boolean[]): boolean {
    return wanted.every((isWanted, index) => isLockedIn(now, index) === isWanted);
  }

  #addressed(opcode: number, blocks: readonly ByteRange[]): ReturnType<typeof writeRegister> {
    if (blocks.length === 0) return writeRegister([]);
    const [enter, leave] = modeSteps(this.#addressBytes);
    const writes = writeRegister(blocks.map(({ address }) => withAddress(opcode, this.#addressBytes, address)));
    return { steps: [...enter, ...writes.steps, ...leave], decode: outcomeOf };
  }
}

function joined(...programs: readonly ReturnType<typeof writeRegister>[]): ReturnType<typeof writeRegister> {
  return { steps: programs.flatMap(({ steps }) => steps), decode: outcomeOf };
}

function isLockedIn(state: ProtectionState, index: number): boolean {
  const value = registerValue(state, lockName(Math.floor(index / LOCKS_A_BYTE)));
  return ((value >> (index % LOCKS_A_BYTE)) & 1) !== 0;
}

/** Some parts take these two only after 06h; on the others 04h clears what it set. */
function modeSteps(addressBytes: 3 | 4): readonly [enter: readonly SpiStep[], leave: readonly SpiStep[]] {
  if (addressBytes === 3) return [[], []];
  const around = (opcode: number): SpiStep[] => [sending(WRITE_ENABLE), sending(opcode), sending(WRITE_DISABLE)];
  return [around(ENTER_4_BYTES), around(LEAVE_4_BYTES)];
}

/** A register that nothing answers for reads FF: that is not a bit that is set. */
function isSet(state: ProtectionState, { register, mask }: BlockLocks["inForce"][number]): boolean {
  const value = state.registers.find(({ name }) => name === register)?.value ?? 0;
  return value !== NO_ANSWER && (value & mask) !== 0;
}

function* lockedBlocks(capacityBytes: number): Generator<ByteRange> {
  for (let range = { address: 0, lengthBytes: 0 }; rangeEnd(range) < capacityBytes; yield range) {
    const address = rangeEnd(range);
    const isEdge = address < BLOCK_BYTES || address >= capacityBytes - BLOCK_BYTES;
    range = { address, lengthBytes: isEdge ? SECTOR_BYTES : BLOCK_BYTES };
  }
}
