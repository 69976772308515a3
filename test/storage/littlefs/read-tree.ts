/** A file system as a list that can be compared, and how its reader ended. */
import { concatBytes } from "../../../src/bytes.ts";
import { NorbridgeError } from "../../../src/errors.ts";
import { LittleFs, type LittleFsDamage, type LittleFsOptions } from "../../../src/storage/littlefs/littlefs.ts";
import type { ReadableRegion } from "../../../src/storage/recognise/region-finding.ts";
import { NorRegion } from "../support/nor-region.ts";
import { sha256 } from "../support/packed-golden.ts";

export interface TreeItem {
  readonly path: string;
  readonly type: "file" | "dir";
  readonly size?: number;
  /** "damaged" if the file could not be read. */
  readonly sha256?: string;
}

export interface Tree {
  readonly items: readonly TreeItem[];
  readonly damage: readonly LittleFsDamage[];
  readonly fs: LittleFs;
}

/** Reads all of it. Throws what mounting throws. */
export async function readTree(region: ReadableRegion, options: LittleFsOptions = {}): Promise<Tree> {
  const fs = await LittleFs.mount(region, options);
  const items: TreeItem[] = [];
  const damage: LittleFsDamage[] = [];
  for await (const item of fs.walk()) {
    if (item.kind === "damage") {
      damage.push(item);
      continue;
    }
    const path = item.path.map((name) => `/${Buffer.from(name).toString("utf8")}`).join("");
    if (item.kind === "directory") items.push({ path, type: "dir" });
    else {
      const content = await contentOf(fs, item);
      items.push({
        path,
        type: "file",
        size: item.sizeBytes,
        sha256: content === undefined ? "damaged" : sha256(content),
      });
    }
  }
  return { items, damage, fs };
}

async function contentOf(fs: LittleFs, file: Parameters<LittleFs["read"]>[0]): Promise<Uint8Array | undefined> {
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of fs.read(file)) pieces.push(piece);
    return concatBytes(pieces);
  } catch (error) {
    if (error instanceof NorbridgeError && error.code === "CHECK_FAILED") return undefined;
    throw error;
  }
}

/** A region of these cells with erase blocks of 4 KiB, or smaller ones for a small image. */
export function regionOf(cells: Uint8Array): NorRegion {
  return new NorRegion({ eraseBytes: cells.length % 4096 === 0 ? 4096 : 128, cells });
}
