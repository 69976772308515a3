/**
 * The calls of Zephyr's Stream Flash as its page documents them: what is refused, an abort by the callback, pages
 * erased ahead.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRandom } from "../../../src/sim/random.ts";
import { StreamFlash, type StreamFlashOptions } from "../../../src/storage/stream-flash/stream-flash.ts";
import { runQuickly } from "../../support/cli.ts";
import { NorRegion } from "../support/nor-region.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-stream-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const PAGE = 4096;
const flash = (alignBytes = 1): NorRegion => new NorRegion({ eraseBytes: PAGE, lengthBytes: 4 * PAGE, alignBytes });
const init = (region: NorRegion, options: Partial<StreamFlashOptions> = {}): StreamFlash =>
  StreamFlash.init(region, { offset: 0, sizeBytes: 0, bufferBytes: 256, ...options });
const data = createRandom("stream calls").bytes(4 * PAGE);
const erases = (region: NorRegion): number[] =>
  region.changes.flatMap((change) => (change.kind === "erase" ? [change.offset] : []));

describe("init", () => {
  it.each([
    [{ offset: -4096 }],
    [{ offset: 0.5 }],
    [{ sizeBytes: -4096 }],
    [{ sizeBytes: Number.NaN }],
    [{ sizeBytes: 4097, writeBlockBytes: 4 }],
    [{ bufferBytes: Number.NaN }],
    [{ bufferBytes: -256 }],
    [{ pageBytes: Number.POSITIVE_INFINITY }],
    [{ writeBlockBytes: Number.NaN }],
    [{ writeBlockBytes: 0 }],
  ])("%j is EINVAL, and nothing is sent", (options) => {
    const region = flash();
    expect(() => init(region, options)).toThrow(expect.objectContaining({ code: "EINVAL" }) as Error);
    expect([region.changes, region.reads]).toEqual([[], []]);
  });

  it("an offset after the end is ERANGE", () => {
    expect(() => init(flash(), { offset: 4 * PAGE })).toThrow(expect.objectContaining({ code: "ERANGE" }) as Error);
  });
});

describe("a callback that stops the write", () => {
  /** Refuses the n-th buffer `times` times. */
  function refusing(
    nth: number,
    times: number,
  ): { readonly seen: number[]; readonly onWritten: (data: Uint8Array, offset: number) => void } {
    const seen: number[] = [];
    let left = times;
    return {
      seen,
      onWritten(bytes, offset) {
        expect(bytes).toEqual(data.subarray(offset, offset + bytes.length));
        if (offset === nth * 256 && left-- > 0) throw new Error("not now");
        seen.push(offset);
      },
    };
  }

  it.each([1, 4, 16])("can be tried again on the same stream, write block %i", async (writeBlockBytes) => {
    for (let nth = 0; nth < 20; nth++) {
      const region = flash(writeBlockBytes);
      const { seen, onWritten } = refusing(nth, 3);
      const stream = init(region, { onWritten, writeBlockBytes });
      const total = 19 * 256 + 100;
      for (let tries = 0; stream.bytesWritten < total; tries++) {
        expect(tries).toBeLessThan(20);
        const taken = stream.bytesWritten + stream.buffered;
        await stream.write(data.subarray(taken, total), { flush: true }).catch((error: unknown) => {
          expect(error).toMatchObject({ message: "not now" });
          expect(stream.bytesWritten).toBe(nth * 256);
          expect(stream.buffered).toBe(Math.min(256, total - nth * 256));
        });
      }
      expect(region.cells.subarray(0, total)).toEqual(data.subarray(0, total));
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index * 256));
      expect(region.violations).toEqual([]);
      // Nothing is programmed or erased twice.
      expect(region.changes.filter(({ kind }) => kind === "program")).toHaveLength(20);
      expect(erases(region)).toEqual([0, PAGE]);
    }
  });

  it("a part that was refused is filled up, and programmed on from where it ends", async () => {
    const region = flash();
    const { onWritten } = refusing(0, 1);
    const stream = init(region, { onWritten });
    await expect(stream.write(data.subarray(0, 100), { flush: true })).rejects.toThrow("not now");
    await stream.write(data.subarray(100, 256));
    expect(stream.bytesWritten).toBe(256);
    expect(region.cells.subarray(0, 256)).toEqual(data.subarray(0, 256));
    expect(region.violations).toEqual([]);
  });

  it("a flush that was padded and refused takes no more data, only the flush again", async () => {
    const region = flash(4);
    const { onWritten } = refusing(0, 1);
    const stream = init(region, { onWritten, writeBlockBytes: 4 });
    await expect(stream.write(data.subarray(0, 101), { flush: true })).rejects.toThrow("not now");
    const before = region.cells.slice();
    await expect(stream.write(data.subarray(101, 102))).rejects.toMatchObject({ code: "EINVAL" });
    expect(region.cells).toEqual(before);
    await stream.write(new Uint8Array(), { flush: true });
    expect([stream.bytesWritten, stream.buffered]).toEqual([101, 0]);
    expect(region.violations).toEqual([]);
  });
});

describe("erase page", () => {
  it("not the page that was erased last, and the stream does not erase what was erased ahead", async () => {
    const region = flash();
    region.cells.fill(0);
    const stream = init(region);
    expect(stream.lastErasedPage).toBeUndefined();
    await stream.erasePage(3 * PAGE + 5);
    expect(stream.lastErasedPage).toBe(3 * PAGE);
    await region.program(4 * PAGE - 1, Uint8Array.of(0x77));
    await stream.erasePage(4 * PAGE - 1);
    await stream.write(data.subarray(0, 3 * PAGE + 256));
    expect(region.cells[4 * PAGE - 1]).toBe(0x77);
    expect(region.cells.subarray(0, 3 * PAGE + 256)).toEqual(data.subarray(0, 3 * PAGE + 256));
    expect(erases(region)).toEqual([3 * PAGE, 0, PAGE, 2 * PAGE]);
    expect(stream.lastErasedPage).toBe(2 * PAGE);
    // Another was erased in between: the original erases it again, and would lose what the stream wrote.
    await expect(stream.erasePage(0)).rejects.toMatchObject({ code: "EINVAL" });
    for (const offset of [Number.NaN, 0.5]) {
      await expect(stream.erasePage(offset)).rejects.toMatchObject({ code: "EINVAL" });
    }
    for (const offset of [-1, 4 * PAGE])
      await expect(stream.erasePage(offset)).rejects.toMatchObject({ code: "ERANGE" });
    expect(erases(region)).toHaveLength(4);
  });

  it("a page that is not the last one is erased again", async () => {
    const region = flash();
    const stream = init(region);
    for (const page of [1, 2, 1]) await stream.erasePage(page * PAGE);
    expect(erases(region)).toEqual([PAGE, 2 * PAGE, PAGE]);
  });

  it("on the command line: the trailer after the image is erased, what is between stays", async () => {
    const [chip, image] = [join(folder, "chip.bin"), join(folder, "image.bin")];
    writeFileSync(chip, new Uint8Array(16 * PAGE).fill(0x11));
    writeFileSync(image, data.subarray(0, PAGE + 10));
    const args = ["stream", image, "-p", `image:${chip}`, "--range", `${PAGE},${8 * PAGE}`, "--json"];
    const outside = await runQuickly([...args, "--erase-page", String(8 * PAGE)]);
    expect(outside.code).toBe(2);
    expect(outside.stdout).toContain("outside the range");
    expect(readFileSync(chip).every((byte) => byte === 0x11)).toBe(true);
    const wanted = [...args, "--erase-page", String(7 * PAGE + 9)];
    const refused = await runQuickly(wanted);
    expect(refused.code).toBe(9);
    expect(refused.stdout).toContain("--overwrite 0x1000,8192 to allow it");
    expect(readFileSync(chip).every((byte) => byte === 0x11)).toBe(true);
    const result = await runQuickly([...wanted, "--overwrite", "0x1000,8192"]);
    expect(result.stderr).toBe("");
    expect(JSON.parse(result.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ lastErasedPage: PAGE });
    const cells = new Uint8Array(readFileSync(chip));
    expect(cells.subarray(PAGE, 2 * PAGE + 10)).toEqual(data.subarray(0, PAGE + 10));
    expect(cells.subarray(8 * PAGE, 9 * PAGE).every((byte) => byte === 0xff)).toBe(true);
    for (const page of [0, 3, 4, 5, 6, 7, 9]) {
      expect(cells.subarray(page * PAGE, (page + 1) * PAGE).every((byte) => byte === 0x11)).toBe(true);
    }
  });
});
