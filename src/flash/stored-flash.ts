/**
 * A `FlashDevice` on bytes that this computer holds, in memory or in a file: the same operations, ranges and errors as a
 * chip, and the same physics, a program only clears bits.
 */
import { type ByteRange, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { blockCheck } from "../../firmware-protocol/block-check.ts";
import { NorbridgeError } from "../errors.ts";
import { type RunOptions, type Stream, untilAborted } from "../stream.ts";
import { Turns } from "../turns.ts";
import type { FlashDevice, FlashIdentity, FlashOp, FlashProtection, FlashResult } from "./flash-device.ts";
import { SingleOperations } from "./single-operations.ts";
import { checkOp, checkRun, erasePieces, rangeOfOp } from "./op-parts.ts";

/** Where the bytes are. Ranges are checked before. */
export interface ByteStore {
  read(range: ByteRange): Promise<Uint8Array>;
  /** Throws if the store may not be changed. */
  write(address: number, data: Uint8Array): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Erased bytes are written and digests are read in pieces of this size, so that a big file stays on the disk. */
const PIECE_BYTES = 64 * 1024;

export class StoredFlash extends SingleOperations implements FlashDevice {
  readonly geometry: FlashGeometry;
  readonly identity: FlashIdentity;
  readonly #store: ByteStore;
  /** A program reads what is there and writes it back: one change at a time. */
  readonly #changes = new Turns();
  /** Goes up with every change, so that nothing is answered from what was read before it. */
  readonly #version = { number: 0 };
  #isClosed = false;

  constructor(geometry: FlashGeometry, identity: FlashIdentity, store: ByteStore) {
    super();
    this.geometry = geometry;
    this.identity = identity;
    this.#store = store;
  }

  async *run(ops: Stream<FlashOp>, options: RunOptions = {}): AsyncGenerator<FlashResult> {
    checkRun(ops, options);
    const { signal } = options;
    // Of one stream only: another program may change a file between two.
    const window = new ReadWindow(this.#store, this.geometry.capacityBytes, this.#version);
    let isStopped = false;
    for await (const op of untilAborted(ops, signal)) {
      this.check(op);
      this.#checkOpen(op.kind);
      if (isStopped) {
        yield { kind: "skipped" };
      } else if (signal?.aborted === true) {
        isStopped = true;
        yield { kind: "failed", outcome: "aborted", range: rangeOfOp(op) };
      } else {
        yield await this.#carryOut(op, window);
      }
    }
  }

  #carryOut(op: FlashOp, source: Pick<ByteStore, "read">): Promise<FlashResult> {
    switch (op.kind) {
      case "read":
        return source.read(rangeOfOp(op)).then((data) => ({ kind: "read", data }));
      case "digest":
        return this.#digest(rangeOfOp(op)).then((digest) => ({ kind: "digest", check: digest }));
      case "identify":
        return Promise.resolve({ kind: "identify" });
      case "program":
        return this.#change(op.kind, () => this.#program(op.address, op.data));
      case "erase": {
        const blocks = erasePieces(this.geometry, rangeOfOp(op));
        return this.#change(op.kind, async () => {
          for (const block of blocks) await this.#fill(block);
        });
      }
    }
  }

  #change(kind: "program" | "erase", change: () => Promise<void>): Promise<FlashResult> {
    return this.#changes.run(async () => {
      try {
        await change();
      } finally {
        this.#version.number++;
      }
      return { kind };
    });
  }

  async #program(address: number, data: Uint8Array): Promise<void> {
    const old = await this.#store.read({ address, lengthBytes: data.length });
    // Flash that erases to 00 is programmed towards ones.
    const isInverted = this.geometry.erasedByte === 0;
    const now = old.map((byte, index) => (isInverted ? byte | (data[index] ?? 0) : byte & (data[index] ?? 0)));
    await this.#store.write(address, now);
  }

  async #digest(range: ByteRange): Promise<number> {
    let check = 0;
    for (const piece of piecesOf(range)) check = blockCheck(await this.#store.read(piece), check);
    return check;
  }

  async #fill(block: ByteRange): Promise<void> {
    for (const { address, lengthBytes } of piecesOf(block)) {
      await this.#store.write(address, new Uint8Array(lengthBytes).fill(this.geometry.erasedByte));
    }
  }

  protectedRanges(): Promise<FlashProtection> {
    return Promise.resolve({ ranges: [], heldBy: "" });
  }

  checkIdentity(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#store.close();
  }

  protected override check(op: FlashOp): void {
    checkOp(this.geometry, op);
  }

  protected override async one(op: FlashOp): Promise<FlashResult> {
    this.check(op);
    this.#checkOpen(op.kind);
    return this.#carryOut(op, this.#store);
  }

  #checkOpen(operation: string): void {
    if (this.#isClosed) throw new NorbridgeError("ESHUTDOWN", `${operation}: the device is closed`, { operation });
  }
}

/**
 * Reads ahead, so that thousands of small reads in a row are not as many calls of the system. A read that is answered from what
 * is there answers without waiting.
 */
class ReadWindow {
  readonly #store: ByteStore;
  readonly #capacityBytes: number;
  readonly #version: { readonly number: number };
  #address = 0;
  #bytes: Uint8Array = new Uint8Array();
  #readAt = -1;

  constructor(store: ByteStore, capacityBytes: number, version: { readonly number: number }) {
    this.#store = store;
    this.#capacityBytes = capacityBytes;
    this.#version = version;
  }

  read(range: ByteRange): Promise<Uint8Array> {
    const held = this.#held(range);
    return held === undefined ? this.#fetch(range) : Promise.resolve(held);
  }

  async #fetch(range: ByteRange): Promise<Uint8Array> {
    if (range.lengthBytes >= PIECE_BYTES) return this.#store.read(range);
    const lengthBytes = Math.min(PIECE_BYTES, this.#capacityBytes - range.address);
    const version = this.#version.number;
    this.#bytes = await this.#store.read({ address: range.address, lengthBytes });
    this.#address = range.address;
    this.#readAt = version;
    return this.#bytes.slice(0, range.lengthBytes);
  }

  #held({ address, lengthBytes }: ByteRange): Uint8Array | undefined {
    const at = address - this.#address;
    if (this.#readAt !== this.#version.number || at < 0 || at + lengthBytes > this.#bytes.length) return undefined;
    return this.#bytes.slice(at, at + lengthBytes);
  }
}

function* piecesOf(range: ByteRange): Generator<ByteRange> {
  for (let address = range.address; address < rangeEnd(range); address += PIECE_BYTES) {
    yield { address, lengthBytes: Math.min(PIECE_BYTES, rangeEnd(range) - address) };
  }
}
