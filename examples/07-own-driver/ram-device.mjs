// @ts-check
/**
 * A device of your own, complete: flash in memory, with the rules of the real one. It uses the public interface alone. All jobs
 * and storage formats of norbridge work on it; main.mjs shows some.
 *
 * `FlashDevice` has the rules of a device. The tests for them are in test/conformance/flash-device.ts.
 */
import { NorbridgeError } from "norbridge";
import { eraseBlockAt, rangeEnd } from "norbridge/drivers";
import { blockCheck } from "norbridge/protocol";

/** @import { FlashDevice, FlashOp, FlashProtection, FlashResult, RunOptions, Stream } from "norbridge" */
/** @import { ByteRange, FlashGeometry } from "norbridge/drivers" */

const KIB = 1024;

/**
 * 256 KiB, pages of 256 bytes, sectors of 4 KiB, blocks of 32 KiB. A write plans its erases by the times.
 *
 * @type {FlashGeometry}
 */
export const RAM_GEOMETRY = {
  capacityBytes: 256 * KIB,
  pageBytes: 256,
  erasedByte: 0xff,
  eraseUnits: [unit("4 KiB sector", 4 * KIB, 60_000), unit("32 KiB block", 32 * KIB, 200_000)],
  programTypicalUs: 700,
  programMaximumUs: 3_000,
};

/**
 * @param {string} name
 * @param {number} unitBytes
 * @param {number} typicalUs
 * @returns {FlashGeometry["eraseUnits"][number]}
 */
function unit(name, unitBytes, typicalUs) {
  const count = (256 * KIB) / unitBytes;
  return { name, regions: [{ address: 0, unitBytes, count, typicalUs, maximumUs: 10 * typicalUs }] };
}

/** @implements {FlashDevice} */
export class RamDevice {
  geometry = RAM_GEOMETRY;
  identity = { name: "RAM", vendor: "example", jedecId: "" };
  cells = new Uint8Array(RAM_GEOMETRY.capacityBytes).fill(0xff);
  #isClosed = false;

  /**
   * The base of all other methods: operations in, results out, in order. After one that failed, all others are skipped.
   *
   * @param {Stream<FlashOp>} ops
   * @param {RunOptions} options
   * @returns {AsyncGenerator<FlashResult>}
   */
  async *run(ops, { signal } = {}) {
    let isOver = false;
    for await (const op of ops) {
      if (isOver) {
        yield { kind: "skipped" };
      } else if (signal?.aborted === true) {
        isOver = true;
        yield { kind: "failed", outcome: "aborted", range: rangeOf(op) };
      } else {
        yield this.#carryOut(op);
      }
    }
  }

  /**
   * Checks everything before it changes anything.
   *
   * @param {FlashOp} op
   * @returns {FlashResult}
   */
  #carryOut(op) {
    if (this.#isClosed) throw refuse("ESHUTDOWN", op, "the device is closed");
    const range = rangeOf(op);
    if (!Number.isInteger(range.address) || !Number.isInteger(range.lengthBytes)) {
      throw refuse("EINVAL", op, "addresses and lengths must be whole numbers");
    }
    if (range.address < 0 || range.lengthBytes < 0 || rangeEnd(range) > this.cells.length) {
      throw refuse("ERANGE", op, "it is not within the device");
    }
    const bytes = this.cells.subarray(range.address, rangeEnd(range));
    switch (op.kind) {
      case "read":
        return { kind: "read", data: bytes.slice() };
      case "digest":
        return { kind: "digest", check: blockCheck(bytes) };
      case "program":
        // The physics of NOR: programming clears bits and sets none.
        op.data.forEach((byte, index) => (bytes[index] = (bytes[index] ?? 0) & byte));
        return { kind: "program" };
      case "identify":
        // Memory of this program is always there.
        return { kind: "identify" };
      case "erase":
        if (!this.#tiles(range)) throw refuse("EINVAL", op, "start and end must be borders of blocks");
        bytes.fill(0xff);
        return { kind: "erase" };
    }
  }

  /** @param {ByteRange} range */
  #tiles(range) {
    const [sector] = this.geometry.eraseUnits;
    /** @param {number} address */
    const begins = (address) => sector !== undefined && eraseBlockAt(sector, address)?.address === address;
    return (
      range.lengthBytes > 0 &&
      begins(range.address) &&
      (rangeEnd(range) === this.cells.length || begins(rangeEnd(range)))
    );
  }

  // Each of the next four is a run of one operation.

  /**
   * @param {number} address
   * @param {number} lengthBytes
   */
  async read(address, lengthBytes) {
    const result = await this.#one({ kind: "read", address, lengthBytes });
    return result.kind === "read" ? result.data : new Uint8Array();
  }

  /**
   * @param {number} address
   * @param {Uint8Array} data
   */
  async program(address, data) {
    await this.#one({ kind: "program", address, data });
  }

  /**
   * @param {number} address
   * @param {number} lengthBytes
   */
  async erase(address, lengthBytes) {
    await this.#one({ kind: "erase", address, lengthBytes });
  }

  /**
   * @param {number} address
   * @param {number} lengthBytes
   */
  async digest(address, lengthBytes) {
    const result = await this.#one({ kind: "digest", address, lengthBytes });
    return result.kind === "digest" ? result.check : 0;
  }

  /** @param {FlashOp} op */
  #one(op) {
    return Promise.resolve().then(() => this.#carryOut(op));
  }

  /** @returns {Promise<FlashProtection>} */
  protectedRanges() {
    return Promise.resolve({ ranges: [], heldBy: "" });
  }

  /** Memory is always the same; a device on a wire reads the chip's ID here. */
  checkIdentity() {
    return Promise.resolve();
  }

  close() {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

/**
 * @param {FlashOp} op
 * @returns {ByteRange}
 */
function rangeOf(op) {
  return { address: op.address, lengthBytes: op.kind === "program" ? op.data.length : op.lengthBytes };
}

/**
 * @param {"ERANGE" | "EINVAL" | "ESHUTDOWN"} code
 * @param {FlashOp} op
 * @param {string} why
 */
function refuse(code, op, why) {
  return new NorbridgeError(code, `${op.kind}: ${why}`, { operation: op.kind, range: rangeOf(op) });
}
