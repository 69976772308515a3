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

/**
 * The region `range` of a device. `around` keeps the bytes that an erase whose size is not proved could destroy; if it is left
 * out, they are kept in memory only. Throws ERANGE if it lies outside of the chip, EINVAL if it does not begin and end with
 * erase blocks of one size.
 */
export function regionOf(device: FlashDevice, range: ByteRange, around?: AroundErase): FlashRegion {
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
  return new DeviceRegion(device, range, eraseBytes, around);
}

class DeviceRegion extends RegionOperations implements FlashRegion {
  readonly address: number;
  readonly lengthBytes: number;
  readonly eraseBytes: number;
  readonly programBytes: number;
  readonly erasedByte: number;
  readonly claims: Claims;
  readonly #device: FlashDevice;
  readonly #around: AroundErase | undefined;

  constructor(device: FlashDevice, range: ByteRange, eraseBytes: number, around: AroundErase | undefined) {
    super();
    this.#device = device;
    this.#around = around;
    this.address = range.address;
    this.lengthBytes = range.lengthBytes;
    this.eraseBytes = eraseBytes;
    this.programBytes = device.geometry.pageBytes;
    this.erasedByte = device.geometry.erasedByte;
    this.claims = claimsOf(device);
  }

  async *run(ops: Stream<RegionOp>): AsyncGenerator<RegionResult> {
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
      else if (op.kind === "erase" && this.#around !== undefined)
        yield { kind: "erase", address, lengthBytes, around: this.#around };
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
