/** Dumps by content: each is stored once, a damaged one is noticed, and what the disk says reaches the user. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { DumpStore } from "../../src/extract/dump-store.ts";
import { createRandom } from "../../src/sim/random.ts";
import { itUnless, missing } from "../support/needs.ts";
import { sha256 } from "../storage/support/packed-golden.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-dumps-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bytes = createRandom("dump").bytes(5000);
const name = sha256(bytes);

describe("a dump", () => {
  it("is stored once under its checksum, in a form that gunzip reads", async () => {
    const store = new DumpStore(join(folder, "once"));
    expect(await store.put(bytes)).toEqual({ sha256: name, state: "new" });
    const path = store.pathOf(name);
    const first = statSync(path, { bigint: true });
    expect(await store.put(bytes.slice())).toEqual({ sha256: name, state: "there" });
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(first.mtimeNs);
    expect(Buffer.compare(gunzipSync(readFileSync(path)), bytes)).toBe(0);
    expect(readdirSync(dirname(path))).toEqual([`${name}.gz`]);
    expect(Buffer.compare(await store.get(name), bytes)).toBe(0);
  });

  it("of erased flash takes next to nothing", async () => {
    const store = new DumpStore(join(folder, "blank"));
    const { sha256: blank } = await store.put(new Uint8Array(1024 * 1024).fill(0xff));
    expect(statSync(store.pathOf(blank)).size).toBeLessThan(2000);
  });

  it.each([
    ["cut", (packed: Buffer): Buffer => packed.subarray(0, packed.length / 2)],
    ["empty", (): Buffer => Buffer.alloc(0)],
    ["no gzip", (): Buffer => Buffer.from("hello")],
    ["another dump", (): Buffer => gzipSync(Buffer.from("another"))],
    ["longer than it", (): Buffer => gzipSync(Buffer.concat([bytes, bytes]))],
    [
      "with a flipped bit",
      (packed: Buffer): Buffer => Buffer.from(packed.map((byte, at) => (at === 999 ? byte ^ 1 : byte))),
    ],
  ])("that is %s is noticed, and replaced when it is read again", async (_what, damage) => {
    const store = new DumpStore(join(folder, "damaged"));
    await store.put(bytes);
    const path = store.pathOf(name);
    writeFileSync(path, damage(readFileSync(path)));
    await expect(store.get(name)).rejects.toMatchObject({
      code: "FILE_INVALID",
      message: expect.stringContaining("this dump is damaged") as string,
    });
    expect(await store.put(bytes)).toEqual({ sha256: name, state: "repaired" });
    expect(Buffer.compare(await store.get(name), bytes)).toBe(0);
  });

  it("that is missing is named", async () => {
    await expect(new DumpStore(join(folder, "none")).get(name)).rejects.toMatchObject({
      code: "FILE_INVALID",
      message: expect.stringContaining("this dump is missing") as string,
    });
    expect(() => new DumpStore(folder).pathOf("../../etc/passwd")).toThrow("not a SHA-256");
  });

  it("cannot be stored below a file", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(new DumpStore(join(folder, "file")).put(bytes)).rejects.toMatchObject({ code: "FILE_EXISTS" });
  });

  itUnless(missing.deniedFiles)("cannot be stored in a read-only folder", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    await expect(new DumpStore(closed).put(bytes)).rejects.toMatchObject({
      code: "FILE_EXISTS",
      message: expect.stringContaining("permission denied") as string,
    });
  });
});
