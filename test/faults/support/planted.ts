/** Bugs to plant into a campaign: for every invariant three that a program like this could really have. */
import type { FlashDevice, FlashOp, FlashResult } from "../../../src/flash/flash-device.ts";
import type { RunOptions, Stream } from "../../../src/stream.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import { crc32 } from "../../../firmware-protocol/crc.ts";
import { isUndisturbed } from "../../../src/bench/campaign/found-oracle.ts";
import type { Invariant } from "../../../src/bench/campaign/oracle-parts.ts";
import type { JobKind, Scene } from "../../../src/bench/campaign/scene.ts";
import type { Tamper } from "../../../src/bench/campaign/tamper.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { encodeLine } from "../../../src/journal/journal-line.ts";
import { parseJournal } from "../../../src/journal/read-journal.ts";
import type { ChipModel } from "../../../src/sim/chip/core/chip-model.ts";

export interface PlantedBug {
  readonly invariant: Invariant;
  readonly what: string;
  /** Jobs that the bug is in. */
  readonly kinds: readonly JobKind[];
  /** Chips on which it may show, for a bug that needs one in some state; left out: chips as after power-up. */
  readonly shows?: (scene: Scene) => boolean;
  /** A new one for each job. */
  readonly tamper: () => Tamper;
}

interface Change {
  /** What is sent instead. One for one; what is skipped becomes an `identify`. */
  op?(op: FlashOp): FlashOp;
  result?(op: FlashOp, result: FlashResult): FlashResult;
}

function changed(device: FlashDevice, change: Change): FlashDevice {
  const run = async function* (ops: Stream<FlashOp>, options?: RunOptions): AsyncGenerator<FlashResult> {
    const asked: FlashOp[] = [];
    async function* sent(): AsyncGenerator<FlashOp> {
      for await (const op of ops) {
        asked.push(op);
        yield change.op === undefined ? op : change.op(op);
      }
    }
    for await (const result of device.run(sent(), options)) {
      const op = asked.shift();
      yield op === undefined ? result : (change.result?.(op, result) ?? result);
    }
  };
  // Not by inheritance: the device has private fields.
  return new Proxy(device, {
    get(target, name) {
      if (name === "run") return run;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The bridge compares by CRC-32: what has the CRC-32 of the wished bytes is treated as them. */
export function checkedByCrc32({ pieces }: Scene): Tamper {
  let chip: ChipModel | undefined;
  const change: Change = {
    result(op, result) {
      if (result.kind !== "digest" || chip === undefined || op.kind !== "digest") return result;
      const cells = chip.peek(op.address, op.lengthBytes);
      const wished = cells.slice();
      for (const { address, data } of pieces) {
        data.forEach((byte, i) => {
          const at = address + i - op.address;
          if (at >= 0 && at < wished.length) wished[at] = byte;
        });
      }
      return crc32(cells) === crc32(wished) ? { kind: "digest", check: blockCheck(wished) } : result;
    },
  };
  return { chip: (given) => (chip = given), device: (device) => changed(device, change) };
}

/** Loses every nth program, and returns digests as if it had not: a verify that cannot fail. */
function losingPrograms(every: number, lose: (data: Uint8Array) => Uint8Array): Tamper {
  let chip: ChipModel | undefined;
  let programs = 0;
  const wished: { readonly address: number; readonly data: Uint8Array }[] = [];
  const change: Change = {
    op(op) {
      if (op.kind === "erase") wished.length = 0;
      if (op.kind !== "program" || ++programs % every !== 0) return op;
      wished.push(op);
      return { ...op, data: lose(op.data) };
    },
    result(op, result) {
      if (result.kind !== "digest" || chip === undefined || op.kind !== "digest") return result;
      const cells = chip.peek(op.address, op.lengthBytes);
      for (const { address, data } of wished) {
        data.forEach((byte, i) => {
          const at = address + i - op.address;
          if (at >= 0 && at < cells.length) cells[at] = byte;
        });
      }
      return { kind: "digest", check: blockCheck(cells) };
    },
  };
  return {
    chip: (given) => (chip = given),
    device: (device) => changed(device, change),
  };
}

/** Hands everything on, and does something more when chip select rises. */
function chipThat(onDeselect: (chip: ChipModel, window: readonly number[], nowNs: number) => void): Tamper {
  return {
    chip(inner) {
      let window: number[] = [];
      return new Proxy(inner, {
        get(target, name) {
          if (name === "select") {
            return (nowNs: number) => {
              window = [];
              target.select(nowNs);
            };
          }
          if (name === "exchange") {
            return (mosi: number, nowNs: number) => (window.push(mosi), target.exchange(mosi, nowNs));
          }
          if (name === "exchangeBlock") {
            return (...[send, receive, start, byte]: Parameters<ChipModel["exchangeBlock"]>) => {
              window.push(...send);
              return target.exchangeBlock(send, receive, start, byte);
            };
          }
          if (name === "deselect") {
            return (nowNs: number) => {
              target.deselect(nowNs);
              onDeselect(target, window, nowNs);
            };
          }
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

/** What the host sends in windows that begin with such a byte never reaches the chip. */
function deafTo(isLost: (opcode: number) => boolean): Tamper {
  return {
    chip(inner) {
      let isFirst = true;
      let isDeaf = false;
      const hears = (byte: number): boolean => {
        if (isFirst) isDeaf = isLost(byte);
        isFirst = false;
        return !isDeaf;
      };
      return new Proxy(inner, {
        get(target, name) {
          if (name === "select") {
            return (nowNs: number) => {
              isFirst = true;
              target.select(nowNs);
            };
          }
          if (name === "exchange") {
            return (mosi: number, nowNs: number) => (hears(mosi) ? target.exchange(mosi, nowNs) : 0xff);
          }
          if (name === "exchangeBlock") {
            return (...[bytes, receive, start, byte]: Parameters<ChipModel["exchangeBlock"]>) =>
              hears(bytes[0] ?? 0xff)
                ? target.exchangeBlock(bytes, receive, start, byte)
                : new Uint8Array(receive).fill(0xff);
          }
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

function send(chip: ChipModel, bytes: readonly number[], nowNs: number): void {
  chip.select(nowNs);
  for (const byte of bytes) chip.exchange(byte, nowNs);
  chip.deselect(nowNs);
}

const ERASES = new Set([0x20, 0x52, 0xd8]);
const READS = new Set([0x03, 0x0b, 0x13, 0x0c]);
/** Of status register 2. */
const CMP = 0x40;

/** What the host sent once is done twice, when the chip is ready for it. */
function doneTwice(isMeant: (opcode: number) => boolean): Tamper {
  let isBusy = false;
  return chipThat((chip, window, nowNs) => {
    if (isBusy || !isMeant(window[0] ?? 0) || chip.busyUntilNs <= nowNs) return;
    isBusy = true;
    const laterNs = chip.busyUntilNs + 1;
    send(chip, [0x06], laterNs);
    send(chip, window, laterNs);
    isBusy = false;
  });
}

function failing(message: string, hint: string, code: "EIO" | "BRIDGE_RESET" = "EIO"): Tamper {
  return {
    device: (device) =>
      changed(device, {
        op() {
          throw new NorbridgeError(code, message, { operation: "test", hint });
        },
      }),
  };
}

const CHANGING: readonly JobKind[] = ["write", "erase"];
const flipped = (data: Uint8Array): Uint8Array => data.map((byte, i) => (i === 0 ? byte ^ 0x10 : byte));

export const PLANTED: readonly PlantedBug[] = [
  {
    invariant: "I1",
    // Before the comparison of a read it would be noticed.
    what: "a bit that changes between comparison and file",
    kinds: ["read"],
    tamper: () => ({
      answer: (attempt) =>
        attempt.answer instanceof Uint8Array ? { ...attempt, answer: flipped(attempt.answer) } : attempt,
    }),
  },
  {
    invariant: "I1",
    what: "a comparison that says yes",
    kinds: ["verify", "blank-check"],
    tamper: () => ({ answer: (attempt) => ({ ...attempt, answer: true }) }),
  },
  {
    invariant: "I1",
    what: "a lost page and a verify that does not see it",
    kinds: ["write"],
    tamper: () => losingPrograms(3, (data) => new Uint8Array(data.length).fill(0xff)),
  },
  {
    invariant: "I2",
    what: "an erase of one block too many",
    kinds: CHANGING,
    tamper: () => ({
      device: (device) =>
        changed(device, {
          op: (op) => (op.kind === "erase" ? { ...op, lengthBytes: op.lengthBytes * 2 } : op),
        }),
    }),
  },
  {
    invariant: "I2",
    what: "bytes around the image that are not put back",
    kinds: CHANGING,
    tamper: () => losingPrograms(1, (data) => data.map((byte, i) => (i < 16 ? 0xff : byte))),
  },
  {
    invariant: "I2",
    what: "a journal that forgets what was around the image",
    kinds: CHANGING,
    tamper: () => ({
      safe: (safe) => ({
        ...forwarded(safe),
        hold: (units) => safe.hold(units.map((unit) => ({ ...unit, pieces: [] }))),
      }),
    }),
  },
  {
    invariant: "I3",
    what: "a sector that is called proved before it is erased",
    kinds: ["write"],
    tamper: () => ({
      safe: (safe) => ({
        ...forwarded(safe),
        hold(units) {
          safe.hold(units);
          for (const { address } of units) safe.release(address);
        },
      }),
    }),
  },
  {
    invariant: "I3",
    what: "a record that is acknowledged and not stored",
    kinds: ["log"],
    tamper: () => losingPrograms(2, (data) => new Uint8Array(data.length).fill(0xff)),
  },
  {
    invariant: "I3",
    what: "a journal whose last erase is called proved",
    kinds: ["write"],
    tamper: () => ({
      journal(bytes) {
        const releases = parseJournal(bytes).held.map(({ address }) => encodeLine({ kind: "release", address }));
        return new Uint8Array(Buffer.concat([bytes, ...releases]));
      },
    }),
  },
  {
    invariant: "I4",
    what: "a wait that is far too long",
    kinds: ["read", "write"],
    tamper: () => ({ before: (wait) => wait(2e9) }),
  },
  {
    invariant: "I4",
    what: "an exception that is not a NorbridgeError",
    kinds: ["read", "write"],
    tamper: () => ({
      device: (device) =>
        changed(device, {
          op() {
            throw new TypeError("undefined is not a function");
          },
        }),
    }),
  },
  {
    invariant: "I4",
    what: "a promise that never settles",
    kinds: ["read", "write"],
    tamper: () => ({ before: () => new Promise(() => undefined) }),
  },
  {
    invariant: "I5",
    what: "a journal that the next program cannot read",
    kinds: CHANGING,
    tamper: () => {
      let readings = 0;
      return {
        journal: (bytes) => (readings++ === 0 ? bytes : new Uint8Array(Buffer.concat([bytes, Buffer.from("what\n")]))),
      };
    },
  },
  {
    invariant: "I5",
    what: "a program that works the first time only",
    kinds: CHANGING,
    tamper: () => {
      let devices = 0;
      return {
        device: (device) => (devices++ === 0 ? device : (failing("no", "no").device?.(device) ?? device)),
      };
    },
  },
  {
    invariant: "I5",
    what: "a resume that believes its digests although pages are lost",
    kinds: ["write"],
    tamper: () => {
      const losing = losingPrograms(1, (data) => new Uint8Array(data.length).fill(0xff));
      let devices = 0;
      return {
        chip: (chip) => losing.chip?.(chip) ?? chip,
        device: (device) => (devices++ === 0 ? device : (losing.device?.(device) ?? device)),
      };
    },
  },
  {
    invariant: "I6",
    what: "a program without write enable",
    kinds: ["read", "write"],
    tamper: () =>
      chipThat((chip, window, nowNs) => {
        if (window[0] === 0x9f) send(chip, [0x02, 0, 0, 0, 0], nowNs);
      }),
  },
  {
    invariant: "I6",
    what: "an opcode that the chip has not",
    kinds: ["read", "write"],
    tamper: () =>
      chipThat((chip, window, nowNs) => {
        if (window[0] === 0x9f) send(chip, [0xee], nowNs);
      }),
  },
  {
    invariant: "I6",
    what: "a read of a chip that is busy",
    kinds: ["write"],
    tamper: () =>
      chipThat((chip, window, nowNs) => {
        if (chip.busyUntilNs > nowNs && window[0] === 0x02) send(chip, [0x03, 0, 0, 0, 0], nowNs);
      }),
  },
  {
    invariant: "I7",
    what: "an erase that is done twice",
    kinds: ["write"],
    tamper: () => doneTwice((opcode) => ERASES.has(opcode)),
  },
  {
    invariant: "I7",
    what: "a page that is programmed twice",
    kinds: ["write"],
    tamper: () => doneTwice((opcode) => opcode === 0x02),
  },
  {
    invariant: "I7",
    what: "a report that counts an erase that never was",
    kinds: ["write"],
    tamper: () => ({
      answer: ({ changed: counts, ...rest }) => ({
        ...rest,
        ...(counts === undefined ? {} : { changed: { ...counts, erasedUnits: counts.erasedUnits + 1 } }),
      }),
    }),
  },
  {
    invariant: "I7",
    what: "a report that counts a byte that the chip did not get",
    kinds: ["write"],
    tamper: () => ({
      answer: ({ changed: counts, ...rest }) => ({
        ...rest,
        ...(counts === undefined ? {} : { changed: { ...counts, programmedBytes: counts.programmedBytes + 1 } }),
      }),
    }),
  },
  {
    invariant: "I8",
    what: "a message with the bytes of a chip",
    kinds: ["read", "write"],
    tamper: () => failing("chip \u001b[2J answers", "Look."),
  },
  {
    invariant: "I8",
    what: "a hint that overwrites its line",
    kinds: ["read", "write"],
    tamper: () => failing("failed", "All is well.\rfailed"),
  },
  {
    invariant: "I8",
    what: "a note with the name of a port that turns the text around",
    kinds: ["write", "erase"],
    tamper: () => failing("port \u202egnp", "Look.", "BRIDGE_RESET"),
  },
  {
    invariant: "I9",
    what: "a lift that does not put the second status register back",
    kinds: CHANGING,
    shows: ({ found }) => found?.unprotect === true && (found.statusRegisters[1] & CMP) !== 0,
    tamper: clearingStatus2,
  },
  {
    invariant: "I9",
    what: "a lift that puts nothing back and says that it has",
    kinds: CHANGING,
    shows: ({ found }) => found?.unprotect === true && found.statusRegisters[0] !== 0,
    tamper: () => ({ device: (device) => withRestore(device, (_, read) => read()) }),
  },
  {
    invariant: "I9",
    what: "an extended address that is set and not cleared",
    kinds: ["read", "write"],
    shows: ({ found }) => found?.chip === "W25Q256JV",
    tamper: () =>
      chipThat((chip, window, nowNs) => {
        if (!READS.has(window[0] ?? 0) || chip.busyUntilNs > nowNs) return;
        send(chip, [0x06], nowNs);
        send(chip, [0xc5, 0x01], nowNs);
      }),
  },
  {
    invariant: "I10",
    what: "an opening that does not resume what is suspended",
    kinds: CHANGING,
    shows: (scene) => scene.found?.found.suspended !== undefined && isUndisturbed(scene),
    tamper: () => deafTo((opcode) => opcode === 0x7a || opcode === 0x30),
  },
  {
    invariant: "I10",
    what: "an opening that does not wake a chip",
    kinds: ["read", "write"],
    shows: (scene) => scene.found?.found.isAsleep === true && isUndisturbed(scene),
    tamper: () => deafTo((opcode) => opcode === 0xab),
  },
  {
    invariant: "I10",
    what: "an opening that does not lead out of QPI",
    kinds: ["read", "write"],
    shows: (scene) => scene.found?.found.isInQpi === true && isUndisturbed(scene),
    tamper: () => deafTo((opcode) => opcode === 0xff),
  },
];

type ProtectionService = NonNullable<FlashDevice["services"]>["protection"];
type Restore = NonNullable<ProtectionService["control"]>["restore"];

/** Behind the end of a lift the second status register is 0. */
function clearingStatus2(): Tamper {
  let chip: ChipModel | undefined;
  return {
    chip: (given) => (chip = given),
    device: (device) =>
      withRestore(device, async (restore) => {
        const state = await restore();
        if (chip === undefined) return state;
        const nowNs = Math.max(0, chip.busyUntilNs) + 1;
        send(chip, [0x50], nowNs);
        send(chip, [0x31, 0], nowNs);
        return state;
      }),
  };
}

/** A device whose lifts end in another way. */
function withRestore(
  device: FlashDevice,
  end: (restore: () => ReturnType<Restore>, read: ProtectionService["read"]) => ReturnType<Restore>,
): FlashDevice {
  const { services } = device;
  const control = services?.protection.control;
  if (services === undefined || control === undefined) return device;
  const restore: Restore = (...before) =>
    end(
      () => control.restore(...before),
      () => services.protection.read(),
    );
  const protection = { ...services.protection, control: { ...control, restore } };
  return new Proxy(device, {
    get(target, name) {
      if (name === "services") return { ...services, protection };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function forwarded(safe: Parameters<NonNullable<Tamper["safe"]>>[0]): typeof safe {
  return {
    ...(safe.keepsOld === undefined ? {} : { keepsOld: safe.keepsOld }),
    holds: (address) => safe.holds?.(address) ?? false,
    hold: (units) => safe.hold(units),
    blank: (ranges, value) => safe.blank?.(ranges, value),
    release: (address) => safe.release(address),
  };
}
