/** Golden data of the stores of items by number: made by running Zephyr's own code, see the manifests. */
import { createHash } from "node:crypto";
import { fromHex, toHex } from "../../../src/bytes.ts";
import type { KeyValueReader } from "../../../src/storage/key-value-store.ts";
import { patternOf } from "./golden.ts";
import type { RegionChange } from "./nor-region.ts";

/** Options of a store, as manifests name them. */
export interface GoldenShape {
  readonly name: string;
  readonly sectorBytes: number;
  readonly sectorCount: number;
  readonly writeBlock: number;
  readonly eraseValue: number;
  readonly dataCrc: boolean;
  readonly gcPacking?: boolean;
}

/** Data of an item: hex, or what identifies it. */
export type GoldenData = string | { readonly length: number; readonly sha256: string };

export interface GoldenOperation {
  readonly op: string;
  readonly id?: number;
  readonly length?: number;
  readonly seed?: number;
  readonly dataHex?: string;
  readonly rc: number | string;
  readonly name?: string;
  readonly valueHex?: string;
  /** In traces: each flash operation, programs with their bytes. */
  readonly flash?: readonly GoldenFlash[];
}

export type GoldenFlash = readonly ["w", number, string] | readonly ["e", number, number];

export interface GoldenImage extends GoldenShape {
  readonly file: string;
  readonly sha256: string;
  readonly damaged: boolean;
  readonly operations: readonly GoldenOperation[];
  readonly imageBase64: string;
  readonly afterMountBase64?: string;
  readonly differsFromWritten?: Readonly<Record<string, { readonly written: GoldenData | null }>>;
  readonly expected: {
    readonly mountRc: number | string;
    readonly mountFlash: readonly (readonly ["w" | "e", number, number])[];
    readonly imageAfterMountSha256: string;
    readonly ateSector: number;
    readonly ateOffset: number;
    readonly freeSpace: number;
    readonly entries?: Readonly<Record<string, GoldenData>>;
    readonly errors?: Readonly<Record<string, string>>;
    readonly settings?: GoldenSettings;
  };
}

export interface GoldenSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly order: readonly string[];
  readonly loadRc: number | string;
  readonly loadFlash: readonly unknown[];
}

export interface GoldenTrace extends GoldenShape {
  readonly operations: readonly GoldenOperation[];
}

export interface GoldenCuts extends GoldenShape {
  readonly baseImageHex: string;
  readonly lastOperation: GoldenOperation;
  readonly lastOperationFlash: readonly GoldenFlash[];
  readonly contents: readonly {
    readonly entries: Record<string, GoldenData>;
    readonly errors: Record<string, string>;
  }[];
  readonly oldContents: number;
  readonly newContents: number;
  readonly cuts: readonly {
    readonly flashOp: number;
    readonly bytes: number;
    readonly eraseMode?: string;
    readonly imageSha256: string;
    readonly mountRc: number | string;
    readonly contents: number;
    readonly imageAfterMountSha256: string;
  }[];
}

/** SHA-256, lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The data that an operation of a manifest writes. */
export function dataOfOperation({ dataHex, seed = 0, length = 0 }: GoldenOperation): Uint8Array {
  return dataHex === undefined ? patternOf(seed, length) : fromHex(dataHex)!;
}

/** Items as a manifest has them: in the form (hex or hash) that `like` has. */
export async function itemsLike(
  store: KeyValueReader,
  like: Readonly<Record<string, GoldenData>>,
): Promise<{ readonly entries: Record<string, GoldenData>; readonly damaged: readonly string[] }> {
  const entries: Record<string, GoldenData> = {};
  const damaged: string[] = [];
  for (const { key, data, damage } of await store.getMany(store.keys())) {
    if (damage === undefined)
      entries[key] = typeof like[key] === "object" ? { length: data.length, sha256: sha256Of(data) } : toHex(data);
    else damaged.push(String(key));
  }
  return { entries, damaged };
}

/** Changes of a region in the form of a trace. */
export function flashOf(changes: readonly RegionChange[]): GoldenFlash[] {
  return changes.map((change) =>
    change.kind === "erase"
      ? (["e", change.offset, change.lengthBytes] as const)
      : (["w", change.offset, toHex(change.data)] as const),
  );
}

/** The flash that a cut left. */
export function imageOfCut(one: GoldenCuts, cut: GoldenCuts["cuts"][number]): Uint8Array {
  const cells = new Uint8Array(one.sectorBytes * one.sectorCount).fill(one.eraseValue);
  cells.set(fromHex(one.baseImageHex)!);
  one.lastOperationFlash.slice(0, cut.flashOp + 1).forEach((flash, index) => {
    const isCut = index === cut.flashOp;
    if (flash[0] === "w") {
      const data = fromHex(flash[2])!;
      programOnto(cells, flash[1], isCut ? data.subarray(0, cut.bytes) : data, one.eraseValue);
      return;
    }
    const [, offset, lengthBytes] = flash;
    const done = isCut ? cut.bytes : lengthBytes;
    if (isCut && cut.eraseMode?.startsWith("tail") === true) {
      cells.fill(one.eraseValue, offset + lengthBytes - done, offset + lengthBytes);
    } else {
      const value = isCut && cut.eraseMode?.includes("programmed") === true ? one.eraseValue ^ 0xff : one.eraseValue;
      cells.fill(value, offset, offset + done);
    }
  });
  return cells;
}

function programOnto(cells: Uint8Array, offset: number, data: Uint8Array, erasedByte: number): void {
  data.forEach((byte, index) => {
    const old = cells[offset + index] ?? 0;
    cells[offset + index] = erasedByte === 0xff ? old & byte : old | byte;
  });
}
