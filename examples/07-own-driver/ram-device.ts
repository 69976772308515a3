/**
 * A device of one's own, whole: flash in memory, with the rules of the real one. Written from the public interface alone;
 * everything that norbridge does to a chip works on it (`main` below writes an image and keeps a settings area).
 *
 * What a device promises is said in `FlashDevice`; the suite that checks it is test/conformance/flash-device.ts.
 */
import {
  type FlashDevice,
  type FlashOp,
  type FlashProtection,
  type FlashResult,
  memoryImage,
  MtdDevice,
  NorbridgeError,
  realClock,
  regionOf,
  type RunOptions,
  SettingsStore,
  type Stream,
  writeImage,
} from "norbridge";
import { type ByteRange, eraseBlockAt, type FlashGeometry, rangeEnd } from "norbridge/drivers";
import { crc32 } from "norbridge/protocol";

const KIB = 1024;

/** 256 KiB, pages of 256 bytes, sectors of 4 KiB, blocks of 32 KiB: times are what a planner chooses by. */
export const RAM_GEOMETRY: FlashGeometry = {
  capacityBytes: 256 * KIB,
  pageBytes: 256,
  erasedByte: 0xff,
  eraseUnits: [unit("4 KiB sector", 4 * KIB, 60_000), unit("32 KiB block", 32 * KIB, 200_000)],
  programTypicalUs: 700,
  programMaximumUs: 3_000,
};

function unit(name: string, unitBytes: number, typicalUs: number): FlashGeometry["eraseUnits"][number] {
  const count = (256 * KIB) / unitBytes;
  return { name, regions: [{ address: 0, unitBytes, count, typicalUs, maximumUs: 10 * typicalUs }] };
}

export class RamDevice implements FlashDevice {
  readonly geometry = RAM_GEOMETRY;
  readonly identity = { name: "RAM", vendor: "example", jedecId: "" };
  readonly cells = new Uint8Array(RAM_GEOMETRY.capacityBytes).fill(0xff);
  #isClosed = false;

  /** The primitive: operations in, results out, in order; behind one that failed everything is skipped. */
  async *run(ops: Stream<FlashOp>, { signal }: RunOptions = {}): AsyncGenerator<FlashResult> {
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

  /** All is checked before anything is changed. */
  #carryOut(op: FlashOp): FlashResult {
    if (this.#isClosed) throw refuse("ESHUTDOWN", op, "the device is closed");
    const range = rangeOf(op);
    if (!Number.isInteger(range.address) || !Number.isInteger(range.lengthBytes)) {
      throw refuse("EINVAL", op, "addresses and lengths are whole numbers");
    }
    if (range.address < 0 || range.lengthBytes < 0 || rangeEnd(range) > this.cells.length) {
      throw refuse("ERANGE", op, "it is not within the device");
    }
    const bytes = this.cells.subarray(range.address, rangeEnd(range));
    switch (op.kind) {
      case "read":
        return { kind: "read", data: bytes.slice() };
      case "digest":
        return { kind: "digest", crc32: crc32(bytes) };
      case "program":
        // The physics of NOR: a program clears bits and sets none.
        op.data.forEach((byte, index) => (bytes[index] = (bytes[index] ?? 0) & byte));
        return { kind: "program" };
      case "identify":
        // Memory of this program is always there.
        return { kind: "identify" };
      case "erase":
        if (!this.#tiles(range)) throw refuse("EINVAL", op, "it does not begin and end where blocks do");
        bytes.fill(0xff);
        return { kind: "erase" };
    }
  }

  #tiles(range: ByteRange): boolean {
    const [sector] = this.geometry.eraseUnits;
    const begins = (address: number): boolean =>
      sector !== undefined && eraseBlockAt(sector, address)?.address === address;
    return (
      range.lengthBytes > 0 &&
      begins(range.address) &&
      (rangeEnd(range) === this.cells.length || begins(rangeEnd(range)))
    );
  }

  /** What follows is sugar for a run of one operation. */
  async read(address: number, lengthBytes: number): Promise<Uint8Array> {
    const result = await this.#one({ kind: "read", address, lengthBytes });
    return result.kind === "read" ? result.data : new Uint8Array();
  }

  async program(address: number, data: Uint8Array): Promise<void> {
    await this.#one({ kind: "program", address, data });
  }

  async erase(address: number, lengthBytes: number): Promise<void> {
    await this.#one({ kind: "erase", address, lengthBytes });
  }

  async digest(address: number, lengthBytes: number): Promise<number> {
    const result = await this.#one({ kind: "digest", address, lengthBytes });
    return result.kind === "digest" ? result.crc32 : 0;
  }

  #one(op: FlashOp): Promise<FlashResult> {
    return Promise.resolve().then(() => this.#carryOut(op));
  }

  protectedRanges(): Promise<FlashProtection> {
    return Promise.resolve({ ranges: [], heldBy: "" });
  }

  /** Memory does not change under us; a device on a wire asks here. */
  checkIdentity(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

function rangeOf(op: FlashOp): ByteRange {
  return { address: op.address, lengthBytes: op.kind === "program" ? op.data.length : op.lengthBytes };
}

function refuse(code: "ERANGE" | "EINVAL" | "ESHUTDOWN", op: FlashOp, why: string): NorbridgeError {
  return new NorbridgeError(code, `${op.kind}: ${why}`, { operation: op.kind, range: rangeOf(op) });
}

/** Everything above a device works on this one. */
export async function main(): Promise<void> {
  const device = new RamDevice();
  const image = memoryImage("greeting", [{ address: 5000, data: new TextEncoder().encode("hello, flash") }]);
  const request = { offset: 0, verify: true, assumeBlank: false, retries: 0 };
  const report = await writeImage(device, image, request, { clock: realClock });
  console.log(
    `wrote ${report.imageBytes} bytes, ${report.programmedPages} page programmed, ${report.erasedUnits} erases`,
  );

  const region = regionOf(device, { address: 64 * KIB, lengthBytes: 16 * KIB });
  const settings = await SettingsStore.mount(region, {});
  await settings.set("app/name", new TextEncoder().encode("golden"));
  console.log(`a setting: ${new TextDecoder().decode(settings.get("app/name"))}`);

  const mtd = new MtdDevice(device);
  await mtd.erase(4096);
  await mtd.sync();
  console.log(`erased again: ${[...(await mtd.read(5000, 3))].join(" ")}`);
  await mtd.close();
}

if (import.meta.url === `file://${process.argv[1] ?? ""}`) await main();
