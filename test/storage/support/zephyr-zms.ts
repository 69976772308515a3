/** Golden data of Zephyr's own ZMS, packed in test/golden/zephyr-zms; fields as upstream's harness named them. */
import { fromHex } from "../../../src/bytes.ts";
import type { ZmsStoreOptions } from "../../../src/storage/zms/zms-store.ts";
import { goldenBytes } from "./golden.ts";

/** A flash operation: written bytes as hex, or the length of an erase. */
export type FlashOp = readonly ["w", number, string] | readonly ["e", number, number];

interface Shape {
  readonly name: string;
  readonly sectorBytes: number;
  readonly sectorCount: number;
  readonly writeBlock: number;
  readonly dataCrc: boolean;
  readonly idBits: 32 | 64;
  readonly noDoubleWrite: boolean;
  readonly settings?: boolean;
}

export interface Operation {
  readonly op: string;
  readonly id?: number | string;
  readonly dataHex?: string;
  readonly name?: string;
  readonly valueHex?: string;
  readonly rc?: number | string;
  readonly flash: readonly FlashOp[];
}

export interface Trace extends Shape {
  readonly operations: readonly Operation[];
  readonly finalImageSha256: string;
}

export interface ReadSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly order: readonly string[];
  readonly collisionNum: number;
}

export interface Expected {
  readonly mountRc: number | string;
  readonly entries: Readonly<Record<string, string | { readonly length: number; readonly sha256: string }>>;
  readonly errors?: Readonly<Record<string, string>>;
  readonly freeSpace: number;
  readonly ateSector: number;
  readonly ateOffset: number;
  readonly dataOffset: number;
  readonly mountFlash: readonly unknown[];
  readonly settings?: ReadSettings;
  readonly secondMount?: { readonly entries: Expected["entries"] };
}

export interface GoldenImage extends Shape {
  readonly damaged: boolean;
  readonly differsFromWritten?: Readonly<
    Record<string, { readonly written: string; readonly upstream: string | null }>
  >;
  readonly expected: Expected;
}

export interface CutCase extends Shape {
  readonly baseImageHex: string;
  readonly lastOperation: Operation;
  readonly lastOperationFlash: readonly FlashOp[];
  readonly contents: readonly Pick<Expected, "entries" | "errors">[];
  readonly oldContents: number;
  readonly newContents: number;
  readonly cuts: readonly {
    readonly flashOp: number;
    readonly bytes: number;
    readonly eraseMode?: string;
    readonly imageSha256: string;
  }[];
}

function unpacked(name: string): unknown {
  return JSON.parse(new TextDecoder().decode(goldenBytes(`zephyr-zms/${name}.json.gz`)));
}

const images = unpacked("images") as Readonly<Record<string, string>>;

/** Manifest of all images. */
export const zmsImages = unpacked("manifest") as readonly GoldenImage[];
/** Sequences with every flash operation. */
export const zmsTraces = unpacked("traces") as readonly Trace[];
/** Operations that were cut at every point. */
export const zmsCuts = unpacked("power-cuts") as readonly CutCase[];

/** The bytes of an image. */
export function zmsImage(name: string): Uint8Array {
  return fromHex(images[name] ?? "") ?? new Uint8Array();
}

/** The options of the device. */
export function zmsOptions({ sectorBytes, writeBlock, dataCrc, idBits, noDoubleWrite }: Shape): ZmsStoreOptions {
  return { sectorBytes, alignBytes: writeBlock, hasDataCrc: dataCrc, keyBits: idBits, skipsEqual: noDoubleWrite };
}
