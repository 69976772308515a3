/** Streams that Zephyr's own code wrote, written again. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { SettingsStore } from "../../../src/storage/settings/settings-store.ts";
import { settingsProgressStore } from "../../../src/storage/stream-flash/settings-progress-store.ts";
import { StreamFlash } from "../../../src/storage/stream-flash/stream-flash.ts";
import { goldenBytes, goldenJson } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { SubRegion } from "../support/sub-region.ts";

interface Operation {
  op: string;
  rc?: number | string;
  sourceOffset: number;
  length: number;
  flush: boolean;
  offset: number;
  fill?: string;
  key: string;
  value: number;
  valueHex: string;
  times: number;
  body: string[];
  bytesWritten: number;
  flash?: [kind: "R" | "W" | "E", offset: number, length: number][];
  powerCutAfterUnits?: number;
}
interface Case {
  name: string;
  file: string;
  imageBytes: number;
  pageBytes: number;
  writeBlockBytes: number;
  stream: { offset: number; size: number; bufferBytes: number; callback: boolean };
  settings: { offset: number; sectorBytes: number; sectorCount: number; sizeTBytes: 4 | 8 } | null;
  sourceSeed: number;
  operations: Operation[];
  expected: { dataLength: number; dataSha256: string; dataEqualsSource: boolean; settings?: Record<string, string> };
}

const cases = goldenJson("zephyr-stream-flash/manifest.json") as Case[];
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const sourceOf = ({ sourceSeed }: Case, offset: number, length: number): Uint8Array =>
  new Uint8Array(length).map((_, index) => {
    const i = offset + index;
    return (sourceSeed * 31 + i * 7 + (i >> 8) * 13) & 255;
  });

/** Where the original spoils data, or erases what is not its own. FORMAT.md names each. */
const REFUSED = new Set(["first-buffer-crosses-page", "erase-page-api"]);
/** Where we go back to the start of a page that was left half written, or keep what the original erases. */
const OUR_WAY = new Set(["starts-mid-page", "progress-resume", "progress-behind", "progress-many-saves"]);
/** A save that is cut: tried at every byte in cuts.test.ts. */
const CUT = "progress-cut-in-save";

describe.each(cases.filter(({ name }) => !REFUSED.has(name) && name !== CUT))("$name", (one) => {
  it("has the same programs and erases, and the same bytes at the end", async () => {
    const region = new NorRegion({ eraseBytes: one.pageBytes, lengthBytes: one.imageBytes, programBytes: 4096 });
    const part = new SubRegion(region, 0, 16_384);
    const { settings } = one;
    const area =
      settings === null
        ? undefined
        : new SubRegion(region, settings.offset, settings.sectorBytes * settings.sectorCount);
    const read: number[] = [];
    const init = (): StreamFlash =>
      StreamFlash.init(part, {
        offset: one.stream.offset,
        sizeBytes: one.stream.size,
        bufferBytes: one.stream.bufferBytes,
        writeBlockBytes: one.writeBlockBytes,
        ...(one.stream.callback ? { onWritten: (data: Uint8Array) => void read.push(data.length) } : {}),
      });
    let stream = init();
    let store: SettingsStore | undefined;
    const open = async (): Promise<void> => {
      store = await SettingsStore.mount(area!, { alignBytes: one.writeBlockBytes });
    };
    const kept = (key: string): ReturnType<typeof settingsProgressStore> =>
      settingsProgressStore(store!, key, settings?.sizeTBytes ?? 4);
    for (const operation of one.operations) {
      const before = region.changes.length;
      try {
        switch (operation.op) {
          case "poke":
            region.cells.fill(
              Number.parseInt(operation.fill!, 16),
              operation.offset,
              operation.offset + operation.length,
            );
            break;
          case "settingsInit":
            await open();
            break;
          case "init":
            stream = init();
            break;
          case "write": {
            // A stream that went back takes the source from there.
            const from = Math.min(operation.sourceOffset, stream.bytesWritten + stream.buffered);
            const end = operation.sourceOffset + operation.length;
            await stream.write(sourceOf(one, from, end - from), { flush: operation.flush });
            break;
          }
          case "progressSave":
            await kept(operation.key).save({ bytesWritten: operation.value });
            break;
          case "progressLoad":
            await stream.loadProgress(kept(operation.key));
            if (!OUR_WAY.has(one.name)) expect(stream.bytesWritten).toBe(operation.bytesWritten);
            break;
          case "progressClear":
            await kept(operation.key).clear();
            break;
          case "settingsSave":
            await store!.set(operation.key, fromHex(operation.valueHex)!);
            break;
          case "repeat":
            for (let k = 0; k < operation.times; k++) {
              if (operation.body[0] === "write 64") {
                await stream.write(sourceOf(one, stream.bytesWritten, 64));
                await stream.saveProgress(kept("dfu/progress"));
              } else {
                const value = new Uint8Array(4);
                new DataView(value.buffer).setUint32(0, k * 77, true);
                await store!.set("cnt/k", value);
              }
            }
            break;
          default:
            throw new Error(`unknown operation ${operation.op}`);
        }
        expect(operation.rc ?? 0).toBe(0);
      } catch (error) {
        expect((error as { code?: string }).code, String(error)).toBe(
          operation.rc === "ENOMEM" ? "ENOSPC" : operation.rc,
        );
        expect(region.changes).toHaveLength(before);
      }
      if (OUR_WAY.has(one.name) || operation.flash === undefined) continue;
      const changes = region.changes
        .slice(before)
        .map((change) =>
          change.kind === "erase" ? ["E", change.offset, change.lengthBytes] : ["W", change.offset, change.data.length],
        );
      // Our settings area gets its first header with the first save.
      if (operation.op === "settingsInit") continue;
      const wished = operation.flash.filter(([kind, , length]) => kind !== "R" && length > 0);
      const isFirstSave = operation.op === "progressSave" && changes.length === wished.length + 1;
      expect(isFirstSave ? changes.slice(1) : changes).toEqual(wished);
    }
    const { expected } = one;
    const from = one.stream.offset;
    const data = region.cells.slice(from, from + expected.dataLength);
    expect(sha256(data)).toBe(expected.dataSha256);
    expect(data).toEqual(sourceOf(one, 0, expected.dataLength));
    for (const [key, value] of Object.entries(expected.settings ?? {})) {
      expect(toHex(store!.get(key)!)).toBe(value);
    }
    if (one.stream.callback) expect(read.reduce((sum, length) => sum + length, 0)).toBe(expected.dataLength);
    if (!OUR_WAY.has(one.name))
      expect(sha256(region.cells)).toBe(sha256(goldenBytes(`zephyr-stream-flash/${one.file}`)));
    expect(region.violations).toEqual([]);
  });
});

describe("what a device spoils", () => {
  it.each(cases.filter(({ name }) => REFUSED.has(name)))("$name is refused, and nothing is lost", async (one) => {
    const region = new NorRegion({ eraseBytes: one.pageBytes, lengthBytes: one.imageBytes });
    for (const { op, offset, length, fill } of one.operations) {
      if (op === "poke") region.cells.fill(Number.parseInt(fill!, 16), offset, offset + length);
    }
    const { offset, size, bufferBytes } = one.stream;
    const stream = StreamFlash.init(region, { offset, sizeBytes: size, bufferBytes });
    if (one.name === "erase-page-api") {
      await stream.write(sourceOf(one, 0, 512));
      await stream.erasePage(100);
      await stream.erasePage(4096);
      await expect(stream.erasePage(0)).resolves.toBeUndefined();
      expect(region.changes.filter(({ kind }) => kind === "erase")).toHaveLength(2);
      expect(region.cells.subarray(0, 512)).toEqual(sourceOf(one, 0, 512));
    } else {
      const before = region.cells.slice();
      await expect(stream.write(sourceOf(one, 0, 2048), { flush: true })).rejects.toMatchObject({ code: "EINVAL" });
      expect(region.cells).toEqual(before);
    }
  });
});
