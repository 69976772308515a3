/**
 * A `FlashDevice` on bytes that this computer holds, in memory or in a file: the same operations, ranges and errors as a
 * chip, and the same physics, a program only clears bits.
 */
import { type ByteRange, type FlashGeometry, rangeEnd } from "../../drivers/geometry.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import type { RunOptions, Stream } from "../stream.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice, FlashIdentity, FlashOp, FlashProtection, FlashResult } from "./flash-device.ts";
import { SingleOperations } from "./single-operations.ts";
import { checkRange, erasePieces, rangeOfOp } from "./op-parts.ts";

/** Where the bytes are. Ranges are checked before. */
export interface ByteStore {
  read(range: ByteRange): Promise<Uint8Array>;
  /** Throws where the store may not be changed. */
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
  #isClosed = false;

  constructor(geometry: FlashGeometry, identity: FlashIdentity, store: ByteStore) {
    super();
    this.geometry = geometry;
    this.identity = identity;
    this.#store = store;
  }

  async *run(ops: Stream<FlashOp>, { signal }: RunOptions = {}): AsyncGenerator<FlashResult> {
    // Of one stream only: another program may change a file between two.
    const window = new ReadWindow(this.#store, this.geometry.capacityBytes);
    let isStopped = false;
    for await (const op of ops) {
      this.#checkOpen(op.kind);
      if (isStopped) {
        yield { kind: "skipped" };
      } else if (signal?.aborted === true) {
        isStopped = true;
        yield { kind: "failed", outcome: "aborted", range: rangeOfOp(op) };
      } else {
        if (op.kind !== "read") window.forget();
        yield await this.#carryOut(op, window);
      }
    }
  }

  async #carryOut(op: FlashOp, source: Pick<ByteStore, "read">): Promise<FlashResult> {
    const range = rangeOfOp(op);
    checkRange(this.geometry, range, op.kind);
    switch (op.kind) {
      case "read":
        return { kind: "read", data: await source.read(range) };
      case "digest":
        return { kind: "digest", crc32: await this.#digest(range) };
      case "program": {
        const old = await this.#store.read(range);
        // Flash that erases to 00 is programmed towards ones.
        const isInverted = this.geometry.erasedByte === 0;
        await this.#store.write(
          op.address,
          old.map((byte, index) => (isInverted ? byte | (op.data[index] ?? 0) : byte & (op.data[index] ?? 0))),
        );
        return { kind: "program" };
      }
      case "identify":
        return { kind: "identify" };
      case "erase":
        for (const block of erasePieces(this.geometry, range)) await this.#fill(block);
        return { kind: "erase" };
    }
  }

  async #digest(range: ByteRange): Promise<number> {
    let crc = 0;
    for (const piece of piecesOf(range)) crc = crc32(await this.#store.read(piece), crc);
    return crc;
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

  protected override one(op: FlashOp): Promise<FlashResult> {
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
  #address = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(store: ByteStore, capacityBytes: number) {
    this.#store = store;
    this.#capacityBytes = capacityBytes;
  }

  forget(): void {
    this.#bytes = new Uint8Array();
  }

  read(range: ByteRange): Promise<Uint8Array> {
    const held = this.#held(range);
    return held === undefined ? this.#fetch(range) : Promise.resolve(held);
  }

  async #fetch(range: ByteRange): Promise<Uint8Array> {
    if (range.lengthBytes >= PIECE_BYTES) return this.#store.read(range);
    const lengthBytes = Math.min(PIECE_BYTES, this.#capacityBytes - range.address);
    this.#bytes = await this.#store.read({ address: range.address, lengthBytes });
    this.#address = range.address;
    return this.#bytes.slice(0, range.lengthBytes);
  }

  #held({ address, lengthBytes }: ByteRange): Uint8Array | undefined {
    const at = address - this.#address;
    if (at < 0 || at + lengthBytes > this.#bytes.length) return undefined;
    return this.#bytes.slice(at, at + lengthBytes);
  }
}

function* piecesOf(range: ByteRange): Generator<ByteRange> {
  for (let address = range.address; address < rangeEnd(range); address += PIECE_BYTES) {
    yield { address, lengthBytes: Math.min(PIECE_BYTES, rangeEnd(range) - address) };
  }
}
