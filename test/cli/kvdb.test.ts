/**
 * `kv list` and `kv get` of a FlashDB KVDB, found by itself or by its layout; `kv set` and `kv delete` refuse it and
 * change nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { goldenPackedJson } from "../storage/support/golden.ts";
import type { GoldenImage } from "../storage/support/kv-golden.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-kvdb-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const golden = packedGolden("flashdb");

function dumpOf(image: string): Uint8Array {
  const flash = new Uint8Array(0x10000).fill(0xff);
  flash.set(golden.image(image), 0x4000);
  return flash;
}

async function run(
  flash: Uint8Array,
  ...words: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, "dump.bin");
  writeFileSync(path, flash);
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
  const code = await runCli([...words, "-p", `image:${path}`, "-q"], { ...io, clock: realClock });
  expect(Buffer.compare(readFileSync(path), flash)).toBe(0);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe("kv on FlashDB", () => {
  it.each([{ words: [] }, { words: ["--layout", "flashdb-kvdb"] }, { words: ["--range", "0x4000,16k"] }])(
    "lists values by name: $words",
    async ({ words }) => {
      const { code, out, err } = await run(dumpOf("kvdb-g1-changed"), "kv", "list", "--json", ...words);
      const lines = jsonLines(out);
      expect([code, err]).toEqual([0, ""]);
      expect(lines.map(({ key }) => key).slice(0, 4)).toEqual(["boot_count", "cal/table", "device/name", "empty_like"]);
      expect(lines[2]).toMatchObject({ type: "item", key: "device/name", length: 7, data: "72656e616d6564" });
      const facts = { sectorBytes: 4096, sectorCount: 4, granularityBits: 1, hasDataCrc: true };
      expect(lines.at(-1)).toMatchObject({ items: 4, damaged: 0, layout: "flashdb-kvdb", ...facts });
    },
  );

  it("reads one value, and says that there is none", async () => {
    const flash = dumpOf("kvdb-g32-changed");
    expect(await run(flash, "kv", "get", "device/name")).toMatchObject({ code: 0, out: "72656e616d6564\n" });
    expect(await run(flash, "kv", "get", "device/name", "--raw")).toMatchObject({ code: 0, out: "renamed" });
    const absent = await run(flash, "kv", "get", "x");
    expect(absent).toMatchObject({ code: 1, out: "there is no item x\n" });
  });

  it("reads the old value where a power cut makes FlashDB lose the key", async () => {
    const { code, out } = await run(dumpOf("kvdb-cut-g1-gc2-op7-b0"), "kv", "get", "cfg", "--json");
    expect(code).toBe(0);
    expect(jsonLines(out).find(({ type }) => type === "item")).toMatchObject({ key: "cfg", length: 423 });
  });

  it("names what is damaged, reads the rest and exits with 1", async () => {
    const flash = dumpOf("kvdb-g1-few");
    const name = Buffer.from(flash).indexOf("boot_count");
    flash[name + 1] = 0x1b;
    const listed = await run(flash, "kv", "list");
    expect(listed.code).toBe(1);
    expect(listed.err).toContain("key b\\x1bot_count): the CRC-32 of name and value does not match");
    expect(listed.out.trimEnd().split("\n").length).toBeGreaterThan(1);
    const json = jsonLines((await run(flash, "kv", "list", "--json")).out);
    expect(json.find(({ type }) => type === "damage")).toMatchObject({ key: "b\\x1bot_count", sector: 0 });
    expect(json.at(-1)).toMatchObject({ ok: false, exit: 1, damaged: 1 });
    expect((await run(flash, "kv", "get", "boot_count")).out).toContain("it may have been there");
  });

  it.each([
    [9, ["set", "device/name=text:new"]],
    [9, ["delete", "device/name"]],
    [9, ["set", "3=00", "--range", "0x4000,16k"]],
    [9, ["set", "3=00", "--layout", "nvs", "--range", "0x4000,16k", "--align", "4"]],
    [2, ["set", "3=00", "--layout", "flashdb-kvdb"]],
    [2, ["delete", "3", "--layout", "flashdb-kvdb"]],
    [2, ["list", "--layout", "flashdb-kvdb", "--align", "4"]],
  ])("refuses with %i: kv %j", async (code, words) => {
    const refused = await run(dumpOf("kvdb-g1-changed"), "kv", ...words);
    expect([refused.code, refused.out]).toEqual([code, ""]);
  });

  it("refuses a name in a store of numbers before the first item is written", async () => {
    const { imageBase64 } = (goldenPackedJson("zephyr-nvs/images.json.gz") as GoldenImage[]).find(
      ({ name }) => name === "gc-many-wb8",
    )!;
    const nvs = new Uint8Array(Buffer.from(imageBase64, "base64"));
    const words = ["3=00", "name=00", "--range", `0,${nvs.length}`, "--sector-size", "1k"];
    const refused = await run(nvs, "kv", "set", ...words);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("name is not a key") as string });
  });
});
