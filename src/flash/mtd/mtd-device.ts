/** The MTD interface of QNX's flash filesystem (f3s) on a `FlashDevice`. */
import {
  type ByteRange,
  type EraseBlock,
  eraseBlockAt,
  type EraseUnit,
  wholeChip,
  rangeIntersection,
  smallestEraseUnit,
} from "../../../drivers/geometry.ts";
import { mergeRanges, subtractRanges } from "../../../drivers/byte-ranges.ts";
import { formatAddress, formatRange } from "../../bytes.ts";
import { type ErrorCode, NorbridgeError } from "../../errors.ts";
import type { BackgroundService } from "../chip-services.ts";
import type { ProtectionService } from "../protection-service.ts";
import type { FlashDevice, FlashIdentity } from "../flash-device.ts";
import { checkRange } from "../op-parts.ts";

/** How an `MtdDevice` programs and erases. */
export interface MtdOptions {
  /** Read back what was programmed and compare; default true. Without it only chips that report errors notice one. */
  readonly verifies?: boolean | undefined;
  /** Which erase unit `erase` takes; the smallest if left out. */
  readonly eraseUnit?: EraseUnit | undefined;
}

/** The erase that was begun last and not yet seen to its end. */
interface Erasing {
  readonly block: EraseBlock;
  isSuspended: boolean;
}

/**
 * A device as QNX's flash filesystem (f3s) sees one: an erase is started, checked by `sync`, and may be suspended
 * while something is read. Error codes have the meaning of f3s:
 *
 * - EIO: it failed, and the block can be used again after it was erased.
 * - EFAULT: it failed permanently; the block cannot be used.
 * - EROFS: the block is locked.
 * - EINVAL, ERANGE: the arguments are not valid; nothing was sent.
 * - ENODEV: the chip is gone, or is another one.
 * - ESHUTDOWN: the device was closed.
 * - EBUSY: a block is being erased already.
 * - EAGAIN: the chip is still erasing; try again.
 * - ECANCELED: a suspend came too late, the erase was done.
 *
 * Calls run one after the other, in the order in which they were made.
 */
export class MtdDevice {
  readonly #device: FlashDevice;
  readonly #verifies: boolean;
  readonly #unit: EraseUnit;
  #erasing: Erasing | undefined;
  #isClosed = false;
  /** What was called last; the next call waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: FlashDevice, options: MtdOptions = {}) {
    this.#device = device;
    this.#verifies = options.verifies ?? true;
    this.#unit = options.eraseUnit ?? smallestEraseUnit(device.geometry);
  }

  /** Who it is, asked of the chip again. Throws ENODEV if it no longer answers, or is another. */
  identify(): Promise<FlashIdentity> {
    return this.#inTurn("identify", async () => {
      await this.#readable("identify", undefined);
      await this.#device.checkIdentity();
      return this.#device.identity;
    });
  }

  /** Back to a chip that listens: waits for what is under way, takes up what was suspended. Throws EFAULT, ENODEV. */
  reset(): Promise<void> {
    return this.#inTurn("reset", async () => {
      if (this.#erasing?.isSuspended === true) await this.#resume(this.#erasing);
      while (this.#erasing !== undefined) {
        if ((await this.#settle(this.#erasing)) === "busy") await this.#pause();
      }
    });
  }

  /**
   * Reads a range; in the middle of an erase elsewhere the erase is suspended for it and resumed. Throws EAGAIN
   * if the chip cannot be interrupted or the range is being erased.
   */
  read(address: number, lengthBytes: number): Promise<Uint8Array> {
    const range = { address, lengthBytes };
    return this.#inTurn("read", async () => {
      checkRange(this.#device.geometry, range, "read");
      const restore = await this.#readable("read", range);
      try {
        return await this.#device.read(address, lengthBytes);
      } finally {
        await restore?.();
      }
    });
  }

  /**
   * Programs a range, across pages, and resolves to the count of its bytes, as the original does. Throws EIO if a cell was
   * not erased, EFAULT if one does not take its program, EROFS if it is locked, EAGAIN while the chip erases.
   */
  program(address: number, data: Uint8Array): Promise<number> {
    const range = { address, lengthBytes: data.length };
    return this.#inTurn("program", async () => {
      checkRange(this.#device.geometry, range, "program");
      await this.#mustBeIdle("program", "EAGAIN");
      await this.#mustBeUnlocked("program", range);
      await this.#device.program(address, data);
      if (this.#verifies) await this.#compare(address, data);
      return data.length;
    });
  }

  /**
   * Begins to erase the block that contains `address` and does not wait; `sync` reports the end. Throws ERANGE after the end
   * of the chip, EINVAL if the erase unit has no block, EBUSY while another is erased, EROFS if it is locked.
   */
  erase(address: number): Promise<void> {
    return this.#inTurn("erase", async () => {
      const block = this.#blockAt("erase", address);
      await this.#mustBeIdle("erase", "EBUSY");
      await this.#mustBeUnlocked("erase", block);
      const { background } = this;
      if (background === undefined) {
        await this.#device.erase(block.address, block.lengthBytes);
        return;
      }
      await background.start(block.address, block.unit);
      this.#erasing = { block, isSuspended: false };
    });
  }

  /** The end of an erase. Throws EAGAIN while it continues or is suspended, EFAULT if the block did not become blank. */
  sync(): Promise<void> {
    return this.#inTurn("sync", async () => {
      const erasing = this.#erasing;
      if (erasing === undefined) return;
      const isBusy = erasing.isSuspended || (await this.#settle(erasing)) === "busy";
      if (isBusy) throw this.#stillErasing("sync", erasing.block);
    });
  }

  /** Interrupts the erase. Throws ECANCELED if it was done already, EINVAL if none is in progress or it cannot be. */
  suspend(): Promise<void> {
    return this.#inTurn("suspend", async () => {
      const erasing = this.#erasing;
      if (erasing === undefined || erasing.isSuspended) {
        throw this.#error("EINVAL", "suspend", "no erase is in progress");
      }
      if (!(await this.#suspend(erasing))) {
        throw this.#error("ECANCELED", "suspend", `the erase of ${formatRange(erasing.block)} was already complete`);
      }
    });
  }

  /** Continues an interrupted erase. Throws EINVAL if there is none. */
  resume(): Promise<void> {
    return this.#inTurn("resume", async () => {
      const erasing = this.#erasing;
      if (erasing?.isSuspended !== true) throw this.#error("EINVAL", "resume", "no erase is interrupted");
      await this.#resume(erasing);
    });
  }

  /** Whether anything of the block that contains `address` is locked. Throws ERANGE, EINVAL as `erase`. */
  isLocked(address: number): Promise<boolean> {
    return this.#inTurn("is locked", async () => {
      const block = this.#blockAt("is locked", address);
      await this.#mustBeIdle("is locked", "EAGAIN");
      const { ranges } = await this.#device.protectedRanges();
      return ranges.some((range) => rangeIntersection(range, block) !== undefined);
    });
  }

  /**
   * Locks a range, or the block that contains an address, beside what is locked. Throws EINVAL if the chip cannot lock
   * just that.
   */
  lock(place: ByteRange | number): Promise<void> {
    return this.#changeLocks("lock", place, (locked, range) => mergeRanges([...locked, range]));
  }

  /**
   * Unlocks a range, or the block that contains an address. Throws EINVAL if the chip cannot leave just the rest locked;
   * EROFS if it is locked permanently.
   */
  unlock(place: ByteRange | number): Promise<void> {
    return this.#changeLocks("unlock", place, (locked, range) => locked.flatMap((one) => subtractRanges(one, [range])));
  }

  /** Unlocks everything. Throws EROFS if hardware does not let it. */
  unlockAll(): Promise<void> {
    return this.#changeLocks("unlock all", wholeChip(this.#device.geometry), () => []);
  }

  /** Waits for what is in progress, as long as it takes an undamaged chip, and closes the device. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.reset();
    } finally {
      this.#isClosed = true;
      await this.#device.close();
    }
  }

  private get background(): BackgroundService | undefined {
    return this.#device.services?.background;
  }

  /** One call after the other. Errors of the way to the chip become ENODEV, as here there is nothing else. */
  #inTurn<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      if (this.#isClosed) throw this.#error("ESHUTDOWN", operation, "the device is closed");
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof NorbridgeError) || (error.code !== "CHIP_MISSING" && error.code !== "CHIP_CHANGED")) {
          throw error;
        }
        throw this.#error("ENODEV", operation, error.message, error);
      }
    };
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Makes the chip accept commands for something outside of the block that is erased. Returns what resumes the erase, if it
   * was interrupted for this; throws EAGAIN if that cannot be.
   */
  async #readable(operation: string, range: ByteRange | undefined): Promise<(() => Promise<void>) | undefined> {
    const erasing = this.#erasing;
    if (erasing === undefined) return undefined;
    const isInside = range !== undefined && rangeIntersection(erasing.block, range) !== undefined;
    if (!erasing.isSuspended) {
      if ((await this.#settle(erasing)) !== "busy") return undefined;
      if (isInside || this.background?.suspension === undefined) throw this.#stillErasing(operation, erasing.block);
      return (await this.#suspend(erasing)) ? () => this.#resume(erasing) : undefined;
    }
    if (isInside) throw this.#stillErasing(operation, erasing.block);
    return undefined;
  }

  async #mustBeIdle(operation: string, code: "EAGAIN" | "EBUSY"): Promise<void> {
    const erasing = this.#erasing;
    if (erasing === undefined || (!erasing.isSuspended && (await this.#settle(erasing)) !== "busy")) return;
    throw this.#error(code, operation, `${formatRange(erasing.block)} is still being erased`);
  }

  async #mustBeUnlocked(operation: string, range: ByteRange): Promise<void> {
    const { ranges, heldBy } = await this.#device.protectedRanges();
    const locked = ranges.find((one) => rangeIntersection(one, range) !== undefined);
    if (locked === undefined) return;
    throw this.#error("EROFS", operation, `${formatRange(locked)} is protected by ${heldBy}`);
  }

  /** True if the erase is interrupted now, false if it had come to its end. */
  async #suspend(erasing: Erasing): Promise<boolean> {
    const suspension = this.background?.suspension;
    if (suspension === undefined) throw this.#error("EINVAL", "suspend", "this chip cannot interrupt an erase");
    if ((await this.#settle(erasing)) !== "busy") return false;
    await suspension.suspend();
    erasing.isSuspended = true;
    return true;
  }

  async #resume(erasing: Erasing): Promise<void> {
    await this.background?.suspension?.resume();
    erasing.isSuspended = false;
  }

  /** Checks whether the erase has ended; then what came of it, and it is no longer in progress. Throws EFAULT. */
  async #settle(erasing: Erasing): Promise<"busy" | "done"> {
    const progress = await this.background?.progress();
    if (progress === "busy") return "busy";
    this.#erasing = undefined;
    const { address, lengthBytes } = erasing.block;
    const isBlank = progress !== "failed" && (await this.#isBlank(address, lengthBytes));
    if (isBlank) return "done";
    // Once more, and waited for: a supply that sagged is not a broken block.
    if ((await this.#erasesAgain(address, lengthBytes)) && (await this.#isBlank(address, lengthBytes))) return "done";
    throw this.#error("EFAULT", "erase", `${formatRange(erasing.block)} is not blank after the erase`);
  }

  /** False if the chip itself reports that it failed. */
  async #erasesAgain(address: number, lengthBytes: number): Promise<boolean> {
    try {
      await this.#device.erase(address, lengthBytes);
      return true;
    } catch (error) {
      if (error instanceof NorbridgeError && error.code === "EIO") return false;
      throw error;
    }
  }

  async #isBlank(address: number, lengthBytes: number): Promise<boolean> {
    const bytes = await this.#device.read(address, lengthBytes);
    return bytes.every((byte) => byte === this.#device.geometry.erasedByte);
  }

  async #compare(address: number, data: Uint8Array): Promise<void> {
    const at = await this.#firstDifference(address, data);
    if (at === undefined) return;
    const [is] = await this.#device.read(address + at, 1);
    const wanted = data[at] ?? 0;
    if (((is ?? 0) & wanted) !== wanted) {
      throw this.#error("EIO", "program", `${formatAddress(address + at)} is not erased: erase its block first`);
    }
    await this.#device.program(address, data);
    const still = await this.#firstDifference(address, data);
    if (still === undefined) return;
    throw this.#error("EFAULT", "program", `${formatAddress(address + still)} was not programmed`);
  }

  async #firstDifference(address: number, data: Uint8Array): Promise<number | undefined> {
    const bytes = await this.#device.read(address, data.length);
    const at = data.findIndex((byte, index) => byte !== bytes[index]);
    return at === -1 ? undefined : at;
  }

  #changeLocks(
    operation: string,
    place: ByteRange | number,
    change: (locked: readonly ByteRange[], range: ByteRange) => readonly ByteRange[],
  ): Promise<void> {
    return this.#inTurn(operation, async () => {
      const range = typeof place === "number" ? this.#blockAt(operation, place) : place;
      checkRange(this.#device.geometry, range, operation);
      await this.#mustBeIdle(operation, "EAGAIN");
      const { read, control } = this.#locks(operation);
      const before = await read();
      const wanted = change(before.ranges, range);
      if (same(wanted, before.ranges)) return;
      const [only, ...others] = wanted;
      if (others.length > 0) {
        throw this.#error("EINVAL", operation, `the chip cannot lock exactly ${wanted.map(formatRange).join(" and ")}`);
      }
      const [term] = control.terms;
      const after = only === undefined ? await control.lift(term) : await this.#protect(operation, control, only);
      if (!same(after.ranges, wanted)) {
        const left = after.ranges.length === 0 ? "nothing" : after.ranges.map(formatRange).join(", ");
        throw this.#error("EROFS", operation, `protected is ${left} by ${after.heldBy}`);
      }
    });
  }

  async #protect(operation: string, control: Control, range: ByteRange): ReturnType<Control["protect"]> {
    try {
      return await control.protect(range, control.terms[0]);
    } catch (error) {
      if (!(error instanceof NorbridgeError) || error.code !== "ERANGE") throw error;
      throw new NorbridgeError("EINVAL", error.message, { operation, hint: error.advice, cause: error });
    }
  }

  #locks(operation: string): { readonly read: ProtectionService["read"]; readonly control: Control } {
    const service = this.#device.services?.protection;
    if (service?.control === undefined) throw this.#error("EINVAL", operation, "this device has no locks to change");
    return { read: () => service.read(), control: service.control };
  }

  /** The block that contains an address. */
  #blockAt(operation: string, address: number): EraseBlock {
    checkRange(this.#device.geometry, { address, lengthBytes: 1 }, operation);
    const block = eraseBlockAt(this.#unit, address);
    if (block !== undefined) return block;
    throw this.#error("EINVAL", operation, `no ${this.#unit.name} contains ${formatAddress(address)}`);
  }

  /** Gives the chip, and simulated time, a moment. */
  async #pause(): Promise<void> {
    await this.#device.checkIdentity().catch(() => undefined);
  }

  #stillErasing(operation: string, block: ByteRange): NorbridgeError {
    return this.#error("EAGAIN", operation, `${formatRange(block)} is still being erased`);
  }

  #error(code: ErrorCode, operation: string, message: string, cause?: unknown): NorbridgeError {
    return new NorbridgeError(code, `${operation}: ${message}`, {
      operation,
      cause,
    });
  }
}

type Control = NonNullable<ProtectionService["control"]>;

function same(a: readonly ByteRange[], b: readonly ByteRange[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, index) => one.address === b[index]?.address && one.lengthBytes === b[index].lengthBytes)
  );
}
