/**
 * What a chip can do beside reading, programming and erasing, as promises: protection, one-time bytes, page size, unique ID,
 * suspending. Each is absent if the chip, or its description, lacks it.
 */
import type { ChipAnswer, ChipDriver, ChipOutcome, OneTimeRegister, StepProgram } from "../../drivers/chip-driver.ts";
import type { EraseUnit } from "../../drivers/geometry.ts";
import { advice } from "../advice.ts";
import { toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { chipFailed, doneOr } from "./chip-failure.ts";
import type { GuardedBridge, StepRunner } from "./guarded-bridge.ts";
import { protectionService, type ProtectionService } from "./protection-service.ts";
import { runProgram } from "./run-program.ts";
import { readSteadily } from "./steady-reading.ts";

/** One-time registers: bytes that can be programmed once and never erased. */
export interface OneTimeService {
  /** The registers that the chip has, with their lengths in bytes. */
  readonly registers: readonly OneTimeRegister[];
  /** Throws ERANGE outside of the register. */
  read(register: OneTimeRegister, offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** Throws ERANGE, EROFS (the factory's; programmed before), EIO if it reads otherwise afterwards. */
  program(register: OneTimeRegister, offset: number, data: Uint8Array, consent: "one-time-program"): Promise<void>;
}

/** The page size of an AT45 chip: a power of two, or a little more (264 instead of 256 bytes). */
export interface PageSizeService {
  /** Page size in use, bytes. */
  readonly pageBytes: number;
  /** The larger size, bytes: 264, 528 or 1056. */
  readonly standardPageBytes: number;
  /** The power of two, bytes: 256, 512 or 1024. */
  readonly binaryPageBytes: number;
  /** Binary pages are permanent. */
  readonly isOneTime: boolean;
  /** The device has to be opened again. Throws EINVAL for a size the chip cannot go to. */
  set(pageBytes: number, consent: "page-size"): Promise<void>;
}

/** Erasing without waiting. While the chip is at work nothing else may be sent, but what is here. */
export interface BackgroundService {
  /**
   * Starts to erase one block of `unit` that begins at `address` (bytes), and returns at once. Throws EIO, EROFS and
   * link errors.
   */
  start(address: number, unit: EraseUnit): Promise<void>;
  /** Reads the status of the chip: still erasing, done, or done with an error that the chip reports. */
  progress(): Promise<"busy" | "ready" | "failed">;
  /** Absent if the chip cannot be interrupted. */
  readonly suspension?:
    | {
        /** Suspends the erase: other blocks can be read then. Throws EIO and link errors. */
        suspend(): Promise<void>;
        /** Continues the erase. Throws EIO and link errors. */
        resume(): Promise<void>;
      }
    | undefined;
}

/**
 * What a chip has besides reading, programming and erasing. A part that is undefined is missing in the chip, or
 * unknown.
 */
export interface ChipServices {
  /** Write protection. Always there: for a chip without protection it reads as unprotected. */
  readonly protection: ProtectionService;
  /** One-time registers. */
  readonly oneTime?: OneTimeService | undefined;
  /** Page size, for chips whose page size can be set. */
  readonly pageSize?: PageSizeService | undefined;
  /** Erasing without waiting for its end. */
  readonly background: BackgroundService;
  /** Lower-case hex; "" if what was read is not a number (all bytes alike). */
  readonly readUniqueId?: (() => Promise<string>) | undefined;
}

/** How the services of a chip are to talk. */
export interface ServiceOptions {
  /** Runs a call when the chip is free and listens. */
  readonly inTurn: <T>(call: () => Promise<T>) => Promise<T>;
  /** The bytes are not checked on the way: a command may have been another one. */
  readonly isUnchecked: boolean;
  /** Reads the ID of the chip: `no-answer` if it is not as it was when the chip was found. */
  readonly presence: StepProgram<ChipOutcome>;
}

/** The services of a chip. */
export function chipServices(bridge: GuardedBridge, driver: ChipDriver, options: ServiceOptions): ChipServices {
  const { inTurn, isUnchecked, presence } = options;
  const run = <T>(program: StepProgram<T>, runner: StepRunner = bridge): Promise<T> =>
    inTurn(() => runProgram(runner, program));
  const ask = <T>(
    program: StepProgram<ChipAnswer<T>>,
    operation: string,
    isAtWork?: (value: T) => boolean,
  ): Promise<T> => readSteadily(program, { operation, run, presence, isAtWork });
  const { oneTime, pageSize, uniqueId } = driver;
  return {
    protection: protectionService(driver, { run, ask, isUnchecked }),
    oneTime: oneTime === undefined ? undefined : oneTimeService(bridge, oneTime, run, ask),
    pageSize: pageSize === undefined ? undefined : pageSizeService(bridge, pageSize, run),
    background: backgroundService(driver.background, run, ask),
    readUniqueId:
      uniqueId === undefined
        ? undefined
        : async () => {
            const bytes = await ask(uniqueId(), "read unique ID");
            return bytes.every((byte) => byte === bytes[0]) ? "" : toHex(bytes);
          },
  };
}

type Run = <T>(program: StepProgram<T>, runner?: StepRunner) => Promise<T>;
type Ask = <T>(program: StepProgram<ChipAnswer<T>>, operation: string, isAtWork?: (value: T) => boolean) => Promise<T>;

function backgroundService(background: ChipDriver["background"], run: Run, ask: Ask): BackgroundService {
  const { suspension } = background;
  return {
    start: async (address, unit) => doneOr(await run(background.start(address, unit)), "start erase"),
    progress: () => ask(background.progress(), "read status", (progress) => progress === "busy"),
    suspension:
      suspension === undefined
        ? undefined
        : {
            suspend: async () => doneOr(await run(suspension.suspend()), "suspend"),
            resume: async () => doneOr(await run(suspension.resume()), "resume"),
          },
  };
}

function oneTimeService(
  bridge: GuardedBridge,
  control: NonNullable<ChipDriver["oneTime"]>,
  run: Run,
  ask: Ask,
): OneTimeService {
  const read: OneTimeService["read"] = async (register, offset, lengthBytes) => {
    checkInRegister(register, offset, lengthBytes);
    return ask(control.read(register, offset, lengthBytes), "read one-time bytes");
  };
  return {
    registers: control.registers,
    read,
    async program(register, offset, data, consent) {
      const operation = "program one-time bytes";
      checkInRegister(register, offset, data.length);
      if (!register.isWritable) {
        throw new NorbridgeError("EROFS", `register ${register.name} is programmed by the manufacturer and read-only`, {
          operation,
        });
      }
      if (register.allAtOnce && data.length !== register.lengthBytes) {
        const message = `register ${register.name} must be programmed in one operation of ${register.lengthBytes} bytes, not ${data.length}`;
        throw new NorbridgeError("EINVAL", message, {
          operation,
          hint: "Bytes that are left out now can never be programmed. Pad the data with FF.",
        });
      }
      const before = await read(register, offset, data.length);
      const impossible = data.findIndex((byte, index) => (byte & ~(before[index] ?? 0xff)) !== 0);
      const isUsed = register.allAtOnce && before.some((byte) => byte !== 0xff);
      if (impossible >= 0 || isUsed) {
        const message = isUsed
          ? `register ${register.name} is already programmed and can be programmed only once`
          : `byte ${offset + impossible} of register ${register.name} needs a bit at 1 that is already programmed to 0`;
        throw new NorbridgeError("EROFS", message, { operation, hint: "Nothing was changed." });
      }
      doneOr(await run(control.program(register, offset, data), bridge.consenting(consent)), operation);
      const after = await read(register, offset, data.length);
      if (after.every((byte, index) => byte === data[index])) return;
      throw new NorbridgeError("EIO", `register ${register.name} does not hold the programmed bytes`, {
        operation,
        hint: advice("It may be locked.", "show-one-time-registers"),
      });
    },
  };
}

function checkInRegister({ name, lengthBytes: all }: OneTimeRegister, offset: number, lengthBytes: number): void {
  if (offset >= 0 && lengthBytes > 0 && offset + lengthBytes <= all) return;
  throw new NorbridgeError(
    "ERANGE",
    `${lengthBytes} bytes at ${offset} are outside register ${name}, which has ${all} bytes`,
    {
      operation: "one-time bytes",
      hint: advice("Compare with the size of the register.", "show-one-time-registers"),
    },
  );
}

function pageSizeService(
  bridge: GuardedBridge,
  control: NonNullable<ChipDriver["pageSize"]>,
  run: Run,
): PageSizeService {
  const { pageBytes, standardPageBytes, binaryPageBytes, isOneTime } = control;
  return {
    pageBytes,
    standardPageBytes,
    binaryPageBytes,
    isOneTime,
    async set(wanted, consent) {
      const program = control.set(wanted);
      if (program === undefined) {
        const why =
          isOneTime && wanted === standardPageBytes ? "the pages cannot be set back to" : "it has no pages of";
        throw new NorbridgeError("EINVAL", `the page size cannot be set: ${why} ${wanted} bytes`, {
          operation: "set page size",
          hint: `The chip supports ${binaryPageBytes} and ${standardPageBytes} bytes.`,
        });
      }
      const outcome = await run(program, bridge.consenting(consent));
      if (outcome !== "done") throw chipFailed("set page size", outcome === "skipped" ? "aborted" : outcome, undefined);
    },
  };
}
