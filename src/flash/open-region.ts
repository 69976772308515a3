/** A region of a device: checks that it can be one, and turns its offsets into addresses of the device. */
import {
  type ByteRange,
  eraseBlocksTouching,
  rangeContains,
  smallestEraseUnit,
  wholeChip,
} from "../../drivers/geometry.ts";
import { formatRange, formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { Stream } from "../stream.ts";
import { type Claims, claimsOf } from "./claims.ts";
import type { AroundErase } from "./erase-finding.ts";
import { chipFailed } from "./chip-failure.ts";
import type { FlashDevice, FlashOp } from "./flash-device.ts";
import type { FlashRegion, RegionOp, RegionResult } from "./flash-region.ts";
import { RegionOperations } from "./region-operations.ts";

/** Runs operations of a region. */
export type RunRegion = (ops: Stream<RegionOp>) => AsyncIterable<RegionResult>;

/** What accompanies the operations of a region. */
export interface RegionView {
  /** Keeps the bytes that an erase whose size is not proved could destroy; left out: they are kept in memory only. */
  readonly around?: AroundErase | undefined;
  /** Sees all operations and results on their way; `run` carries them out. */
  readonly through?: ((ops: Stream<RegionOp>, run: RunRegion) => AsyncIterable<RegionResult>) | undefined;
}

/**
 * The region `range` of a device. `around` keeps the bytes that an erase whose size is not proved could destroy; if it is left
 * out, they are kept in memory only. Throws ERANGE if it lies outside of the chip, EINVAL if it does not begin and end with
 * erase blocks of one size.
 */
export function regionOf(device: FlashDevice, range: ByteRange, around?: AroundErase): FlashRegion {
  return regionView(device, range, { around });
}

/** `regionOf`, with what accompanies its operations. Throws the same. */
export function regionView(device: FlashDevice, range: ByteRange, view: RegionView): FlashRegion {
  const { geometry } = device;
  if (!rangeContains(wholeChip(geometry), range)) {
    const message = `${formatRange(range)} is outside the chip, which has ${formatSize(geometry.capacityBytes)}`;
    throw new NorbridgeError("ERANGE", message, { operation: "open region", range });
  }
  const blocks = [...eraseBlocksTouching(smallestEraseUnit(geometry), range)];
  const eraseBytes = blocks[0]?.lengthBytes ?? 0;
  const isTiled = blocks.every((block) => block.lengthBytes === eraseBytes && rangeContains(range, block));
  if (!isTiled || blocks.length === 0) {
    throw new NorbridgeError("EINVAL", `${formatRange(range)} does not start and end on erase block boundaries`, {
      operation: "open region",
      range,
      hint: `Start and end at multiples of ${formatSize(eraseBytes)}.`,
    });
  }
  return new DeviceRegion(device, range, eraseBytes, view);
}

class DeviceRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly claims: Claims;
  readonly #device: FlashDevice;
  readonly #view: RegionView;

  constructor(device: FlashDevice, range: ByteRange, eraseBytes: number, view: RegionView) {
    super();
    this.#device = device;
    this.#view = view;
    this.address = range.address;
    this.lengthBytes = range.lengthBytes;
    this.eraseBytes = eraseBytes;
    this.programBytes = device.geometry.pageBytes;
    this.erasedByte = device.geometry.erasedByte;
    this.claims = claimsOf(device);
  }

  run(ops: Stream<RegionOp>): AsyncIterable<RegionResult> {
    const { through } = this.#view;
    return through === undefined ? this.#run(ops) : through(ops, (all) => this.#run(all));
  }

  async *#run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
    const begun: FlashOp["kind"][] = [];
    for await (const result of this.#device.run(this.#onDevice(ops, begun))) {
      const operation = begun.shift() ?? "run";
      if (result.kind === "failed") throw chipFailed(operation, result.outcome, result.range, result);
      if (result.kind === "skipped") throw chipFailed(operation, "aborted", undefined);
      if (result.kind !== "identify") yield result;
    }
  }

  /** The operations with addresses of the device; `begun` keeps what was asked, for messages. */
  async *#onDevice(ops: Stream<RegionOp>, begun: FlashOp["kind"][]): AsyncGenerator<FlashOp> {
    for await (const op of ops) {
      const lengthBytes = op.kind === "program" ? op.data.length : op.lengthBytes;
      const address = this.#addressOf(op.offset, lengthBytes, op.kind);
      begun.push(op.kind);
      if (op.kind === "program") yield { kind: "program", address, data: op.data };
      else if (op.kind === "erase" && this.#view.around !== undefined)
        yield { kind: "erase", address, lengthBytes, around: this.#view.around };
      else yield { kind: op.kind, address, lengthBytes };
    }
  }

  #addressOf(offset: number, lengthBytes: number, operation: string): number {
    const piece = { address: offset, lengthBytes };
    if (offset >= 0 && rangeContains({ address: 0, lengthBytes: this.lengthBytes }, piece))
      return this.address + offset;
    const message = `${formatRange(piece)} is outside the region, which has ${formatSize(this.lengthBytes)}`;
    throw new NorbridgeError("ERANGE", message, { operation, range: piece });
  }
}
