/**
 * `kv`, `settings` and the progress of a stream on NVS, as a user runs them on dumps: what is there is recognised,
 * nothing else is changed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { goldenPackedJson } from "../storage/support/golden.ts";
import type { GoldenImage } from "../storage/support/kv-golden.ts";
import { type CliResult, runQuickly } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-kv-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const images = new Map((goldenPackedJson("zephyr-nvs/images.json.gz") as GoldenImage[]).map((one) => [one.name, one]));
let files = 0;

/** A dump with an image at `offset`, and other bytes around it if it is larger. */
function dumpOf(name: string, offset = 0, lengthBytes?: number): string {
  const image = Buffer.from(images.get(name)!.imageBase64, "base64");
  const cells = Buffer.alloc(lengthBytes ?? image.length, 0xff);
  image.copy(cells, offset);
  const path = join(folder, `${files++}.bin`);
  writeFileSync(path, cells);
  return path;
}

type Line = Record<string, unknown> & { type: string };
const ofType = ({ stdout }: CliResult, type: string): Line[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.type === type);

const port = (path: string): string[] => ["-p", `image:${path}?eraseBytes=1024&pageBytes=256`];

describe("kv", () => {
  it.each(["two-sectors-gc", "gc-many-wb8", "crc-wb8", "wb16"])("lists %s by recognition", async (name) => {
    const listed = await runQuickly(["kv", "list", "--json", ...port(dumpOf(name))]);
    expect([listed.code, listed.stderr]).toEqual([0, ""]);
    const items: Record<string, unknown> = Object.fromEntries(
      ofType(listed, "item").map(({ key, data }) => [String(key), data]),
    );
    const { entries } = images.get(name)!.expected;
    for (const [key, data] of Object.entries(entries!)) if (typeof data === "string") expect(items[key]).toBe(data);
    expect(Object.keys(items)).toEqual(Object.keys(entries!));
  });

  it("writes and deletes items, and leaves the rest of the chip alone", async () => {
    const path = dumpOf("gc-many-wb8", 8192, 32768);
    const before = readFileSync(path);
    before.write("other data", 0);
    before.write("other data", 20000);
    writeFileSync(path, before);
    // The flash does not tell whether the erased sector of the ring is the one before or the one after those in use.
    expect((await runQuickly(["kv", "set", "3=text:new", ...port(path)])).stderr).toContain("--range");
    const range = ["--range", "8192,4k"];
    expect((await runQuickly(["kv", "set", "3=text:new", "200=u32:7", ...range, ...port(path)])).code).toBe(0);
    expect((await runQuickly(["kv", "delete", "200", ...range, ...port(path)])).code).toBe(0);
    const got = await runQuickly(["kv", "get", "3", "--json", ...port(path)]);
    expect(ofType(got, "item")).toEqual([{ v: 1, type: "item", key: 3, length: 3, data: "6e6577" }]);
    expect((await runQuickly(["kv", "get", "200", ...port(path)])).code).toBe(1);
    const after = readFileSync(path);
    expect(after.subarray(0, 8192)).toEqual(before.subarray(0, 8192));
    expect(after.subarray(12288)).toEqual(before.subarray(12288));
  });

  it("refuses what contradicts the flash before it changes anything", async () => {
    const path = dumpOf("gc-many-wb8", 8192, 32768);
    const before = readFileSync(path);
    for (const wrong of [
      ["--range", "8192,5k"],
      ["--range", "4k,8k"],
      ["--sector-size", "2k"],
      ["--align", "16"],
      ["--layout", "zms"],
    ]) {
      const result = await runQuickly(["kv", "set", "3=text:new", ...wrong, ...port(path)]);
      expect([wrong, result.code]).not.toEqual([wrong, 0]);
      expect(readFileSync(path)).toEqual(before);
    }
  });

  it("begins a store on a blank range only if all is said", async () => {
    const path = join(folder, "blank.bin");
    writeFileSync(path, new Uint8Array(8192).fill(0xff));
    expect((await runQuickly(["kv", "set", "3=01", "--layout", "nvs", ...port(path)])).code).toBe(1);
    const all = ["--layout", "nvs", "--range", "0,4k", "--sector-size", "1k", "--align", "4"];
    expect((await runQuickly(["kv", "set", "3=01", ...all, ...port(path)])).code).toBe(0);
    const got = await runQuickly(["kv", "get", "3", ...all, ...port(path)]);
    expect([got.code, got.stdout]).toEqual([0, "01\n"]);
  });
});

describe("settings on NVS", () => {
  it("are listed, saved and deleted by recognition", async () => {
    const path = dumpOf("settings-basic");
    const { values } = images.get("settings-basic")!.expected.settings!;
    const listed = await runQuickly(["settings", "list", "--json", ...port(path)]);
    expect(Object.fromEntries(ofType(listed, "setting").map(({ name, value }) => [name, value]))).toEqual(values);
    const range = ["--range", "0,4k"];
    const set = await runQuickly(["settings", "set", "app/mode=01", ...range, ...port(path)]);
    expect([set.code, set.stderr]).toEqual([0, ""]);
    expect((await runQuickly(["settings", "delete", "x", ...range, ...port(path)])).code).toBe(0);
    const got = await runQuickly(["settings", "list", "--json", ...range, ...port(path)]);
    expect(ofType(got, "setting").map(({ name }) => name)).toEqual(
      [...Object.keys(values).filter((name) => name !== "x"), "app/mode"].sort(),
    );
  });
});

describe("the progress of a stream", () => {
  it("is kept in the NVS that is there, and its settings stay", async () => {
    const path = dumpOf("settings-basic", 32768, 65536);
    const image = join(folder, "app.bin");
    writeFileSync(image, new Uint8Array(3000).fill(0x5a));
    const told = ["--progress-key", "dfu/progress", "--settings-range", "0x8000,4k"];
    const streamed = await runQuickly(["stream", image, "--range", "0,8k", ...told, ...port(path)]);
    expect(streamed.code).toBe(0);
    const cells = readFileSync(path);
    expect(cells.subarray(0, 3000)).toEqual(readFileSync(image));
    expect(cells.subarray(36864)).toEqual(Buffer.alloc(28672, 0xff));
    const listed = await runQuickly(["settings", "list", "--json", "--range", "0x8000,4k", ...port(path)]);
    const { values } = images.get("settings-basic")!.expected.settings!;
    const found: Record<string, unknown> = Object.fromEntries(
      ofType(listed, "setting").map(({ name, value }) => [String(name), value]),
    );
    expect(found).toMatchObject(values);
  });
});

it("keeps the progress of a stream in the ZMS that is there, and its settings stay", async () => {
  const cells = Buffer.alloc(65536, 0xff);
  const zms = goldenPackedJson("zephyr-zms/images.json.gz") as Record<string, string>;
  const area = Buffer.from(zms["settings-basic"]!, "hex");
  area.copy(cells, 32768);
  const path = join(folder, "zms.bin");
  writeFileSync(path, cells);
  const image = join(folder, "zms-app.bin");
  writeFileSync(image, new Uint8Array(3000).fill(0x5a));
  const range = `0x8000,${area.length}`;
  const list = async (): Promise<string[]> => {
    const listed = await runQuickly(["settings", "list", "--json", "--range", range, ...port(path)]);
    expect(listed.code).toBe(0);
    return ofType(listed, "setting").map(({ name, value }) => `${String(name)}=${String(value)}`);
  };
  const before = await list();
  expect(before.length).toBeGreaterThan(3);
  const told = ["--progress-key", "dfu/progress", "--settings-range", range];
  expect((await runQuickly(["stream", image, "--range", "0,8k", ...told, ...port(path)])).code).toBe(0);
  expect(await list()).toEqual(expect.arrayContaining(before));
  expect(readFileSync(path).subarray(0, 3000)).toEqual(readFileSync(image));
});
