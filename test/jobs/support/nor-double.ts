/**
 * A flash device for tests of jobs: NOR rules, a log of operations, faults on order. It pulls operations ahead of
 * their execution as a pipelined device does. Written from the interface alone.
 */
import type { EraseUnit, FlashGeometry } from "../../../drivers/geometry.ts";
import { eraseBlockAt, rangeEnd } from "../../../drivers/geometry.ts";
import { blockCheck } from "../../../firmware-protocol/block-check.ts";
import type { Clock } from "../../../src/clock.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import type { FlashDevice, FlashOp, FlashProtection, FlashResult } from "../../../src/flash/flash-device.ts";
import type { RunOptions, Stream } from "../../../src/stream.ts";

/** What happens to one operation instead of being done. */
export type Fault =
  /** The chip takes it and does nothing. */
  | "ignore"
  /** Only the first half of a program's bytes arrives. */
  | "half"
  /** The link goes away in the middle of it. */
  | "cut"
  | "timeout"
  | "program-failed"
  /** The signal aborts while it runs. */
  | "abort";

export function unitOf(name: string, capacityBytes: number, unitBytes: number, typicalUs: number): EraseUnit {
  const region = { address: 0, unitBytes, count: capacityBytes / unitBytes, typicalUs, maximumUs: typicalUs * 10 };
  return { name, regions: [region] };
}

/** 16 sectors of 8 bytes, pages of 4; blocks of 2 and 4 sectors; no chip erase. */
export const TOY: FlashGeometry = {
  capacityBytes: 128,
  pageBytes: 4,
  erasedByte: 0xff,
  eraseUnits: [unitOf("sector", 128, 8, 100), unitOf("pair", 128, 16, 150), unitOf("block", 128, 32, 220)],
  programTypicalUs: 10,
  programMaximumUs: 50,
};

/** Shape and typical times of an AT25SF041B: chip erase 2 s against 8 blocks of 250 ms. */
export const HALF_MEGABYTE: FlashGeometry = {
  capacityBytes: 524_288,
  pageBytes: 256,
  erasedByte: 0xff,
  eraseUnits: [
    unitOf("4 KiB sector", 524_288, 4096, 70_000),
    unitOf("32 KiB block", 524_288, 32_768, 150_000),
    unitOf("64 KiB block", 524_288, 65_536, 250_000),
    unitOf("chip", 524_288, 524_288, 1_900_000),
  ],
  programTypicalUs: 400,
  programMaximumUs: 10_000,
};

export class NorDouble implements FlashDevice {
  readonly geometry: FlashGeometry;
  readonly identity = { name: "double", vendor: "test", jedecId: "" };
  readonly bytes: Uint8Array;
  /** `erase 0x0+8`, in order of execution. */
  readonly log: string[] = [];
  readonly violations: string[] = [];
  /** Called with the number of the operation, counted from 0 over the life of the device. */
  faultAt: (index: number, op: FlashOp) => Fault | undefined = () => undefined;
  protection: FlashProtection = { ranges: [], heldBy: "" };
  abort: () => void = () => undefined;
  timeUs = 0;
  runs = 0;
  /** Largest payload that was asked and not yet answered. */
  maxAheadBytes = 0;
  /** Times the device had nothing to do while the stream had not ended. */
  stalls = 0;
  #index = 0;
  readonly #depth: number;

  constructor(geometry: FlashGeometry, options: { readonly depth?: number; readonly bytes?: Uint8Array } = {}) {
    this.geometry = geometry;
    this.#depth = options.depth ?? 8;
    this.bytes = options.bytes?.slice() ?? new Uint8Array(geometry.capacityBytes).fill(geometry.erasedByte);
  }

  get clock(): Clock {
    return { nowUs: () => this.timeUs, wait: () => Promise.resolve() };
  }

  count(kind: FlashOp["kind"]): number {
    return this.log.filter((line) => line.startsWith(kind)).length;
  }

  async *run(ops: Stream<FlashOp>, options: RunOptions = {}): AsyncGenerator<FlashResult> {
    this.runs++;
    const iterator = Symbol.asyncIterator in ops ? ops[Symbol.asyncIterator]() : ops[Symbol.iterator]();
    const queue: FlashOp[] = [];
    let pulled: IteratorResult<FlashOp> | undefined;
    let pending: Promise<void> | undefined;
    let isOver = false;
    let hasFailed = false;
    for (;;) {
      while (!isOver && queue.length < this.#depth) {
        pending ??= Promise.resolve(iterator.next()).then((item) => {
          pulled = item;
        });
        if (queue.length === 0 && this.log.length > 0 && pulled === undefined) await ticks(60);
        if (queue.length === 0 && this.log.length > 0 && pulled === undefined) this.stalls++;
        await (queue.length === 0 ? pending : Promise.race([pending, ticks(60)]));
        const item: IteratorResult<FlashOp> | undefined = pulled;
        if (item === undefined) break;
        pulled = undefined;
        pending = undefined;
        if (item.done === true) isOver = true;
        else queue.push(item.value);
      }
      const op = queue.shift();
      if (op === undefined) return;
      const ahead = queue.reduce((sum, { ...o }) => sum + (o.kind === "program" ? o.data.length : 0), 0);
      this.maxAheadBytes = Math.max(this.maxAheadBytes, ahead);
      const result: FlashResult = hasFailed || options.signal?.aborted === true ? { kind: "skipped" } : this.#do(op);
      if (result.kind === "failed") hasFailed = true;
      yield result;
    }
  }

  #do(op: FlashOp): FlashResult {
    const fault = this.faultAt(this.#index++, op);
    const range = { address: op.address, lengthBytes: op.kind === "program" ? op.data.length : op.lengthBytes };
    if (rangeEnd(range) > this.geometry.capacityBytes)
      throw new NorbridgeError("ERANGE", "range", { operation: "test" });
    this.log.push(`${op.kind} 0x${range.address.toString(16)}+${range.lengthBytes}`);
    if (fault === "ignore") return op.kind === "erase" || op.kind === "program" ? { kind: op.kind } : this.#done(op);
    if (fault === undefined) return this.#done(op);
    if (fault === "half") {
      return this.#done(op.kind === "program" ? { ...op, data: op.data.subarray(0, op.data.length / 2) } : op);
    }
    if (op.kind === "erase") this.bytes.fill(0x00, range.address, range.address + range.lengthBytes / 2);
    if (op.kind === "program") this.#program(op.address, op.data.subarray(0, op.data.length / 2));
    if (fault === "cut") throw new NorbridgeError("BRIDGE_RESET", "the bridge restarted", { operation: "test" });
    if (fault === "abort") {
      this.abort();
      return { kind: "failed", outcome: "aborted", range };
    }
    return { kind: "failed", outcome: fault, range };
  }

  #done(op: FlashOp): FlashResult {
    if (op.kind === "program") {
      this.#program(op.address, op.data);
      return { kind: "program" };
    }
    if (op.kind === "identify") return { kind: "identify" };
    const end = op.address + op.lengthBytes;
    if (op.kind === "read") return { kind: "read", data: this.bytes.slice(op.address, end) };
    if (op.kind === "digest") return { kind: "digest", check: blockCheck(this.bytes.subarray(op.address, end)) };
    const unit = this.geometry.eraseUnits.find((candidate) => {
      const block = eraseBlockAt(candidate, op.address);
      return block?.address === op.address && block.lengthBytes === op.lengthBytes;
    });
    if (unit === undefined) this.violations.push(`no such block: ${op.address}+${op.lengthBytes}`);
    this.timeUs += unit?.regions[0]?.typicalUs ?? 0;
    this.bytes.fill(this.geometry.erasedByte, op.address, end);
    return { kind: "erase" };
  }

  #program(address: number, data: Uint8Array): void {
    const { pageBytes, erasedByte } = this.geometry;
    this.timeUs += this.geometry.programTypicalUs;
    if (data.length > 0 && Math.floor(address / pageBytes) !== Math.floor((address + data.length - 1) / pageBytes)) {
      this.violations.push(`page crossed at ${address}`);
    }
    data.forEach((byte, at) => {
      const old = this.bytes[address + at]!;
      if (byte !== erasedByte && old !== erasedByte) this.violations.push(`programmed unerased ${address + at}`);
      this.bytes[address + at] = old & byte;
    });
  }

  read(address: number, lengthBytes: number): Promise<Uint8Array> {
    return Promise.resolve(this.bytes.slice(address, address + lengthBytes));
  }
  program(): Promise<void> {
    throw new Error("not used by jobs");
  }
  erase(): Promise<void> {
    throw new Error("not used by jobs");
  }
  digest(): Promise<number> {
    throw new Error("not used by jobs");
  }
  protectedRanges(): Promise<FlashProtection> {
    return Promise.resolve(this.protection);
  }
  checkIdentity(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

/** Bytes that look random but are the same every time. */
export function noise(lengthBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < lengthBytes; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    bytes[i] = state & 0xff;
  }
  return bytes;
}
