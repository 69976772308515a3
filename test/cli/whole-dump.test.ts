/**
 * A dump of a whole device, read as its owner would: `regions` lists what is where, and each reader gets the range that
 * it printed, and nothing else. Nothing on the chip changes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, type DeviceLife, makeDevice, PLACES } from "../storage/support/device-dump.ts";
import { sha256 } from "../storage/support/packed-golden.ts";
import { effort } from "../support/effort.ts";
import { runQuickly } from "../support/cli.ts";

/** A line of `regions --json`. */
interface RegionLine {
  readonly type: string;
  readonly layout: string;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly certainty: string;
  readonly content?: string;
  readonly version?: string;
  readonly isHashValid?: boolean;
  readonly imageOk?: string;
}

/** Each store of settings goes round several times, and so does the log. */
const QUICK: DeviceLife = { seed: 51, backend: "nvs", saves: 240, records: 140, alignBytes: 4 };
const LIVES: readonly DeviceLife[] = effort(
  [QUICK],
  [1, 2].flatMap((seed) =>
    (["nvs", "zms", "fcb"] as const).flatMap((backend) =>
      ([4, 8] as const).map((alignBytes) => ({ seed, backend, saves: 900, records: 900, alignBytes })),
    ),
  ),
);

const folder = mkdtempSync(join(tmpdir(), "norbridge-dump-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(LIVES)("a dump of a device with settings on $backend, write block $alignBytes, seed $seed", (life) => {
  const path = join(folder, `${life.backend}-${life.alignBytes}-${life.seed}.bin`);
  let device: Device;
  let found: readonly RegionLine[] = [];

  /** The JSON lines of a command that reads the dump. */
  async function lines<T extends { readonly type: string }>(...words: readonly string[]): Promise<readonly T[]> {
    const { code, stdout, stderr } = await runQuickly([...words, "--json", "-p", `image:${path}`]);
    expect(code, stderr).toBe(0);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as T);
  }

  /** The words that open what a line of `regions` describes. */
  function rangeOf(isIt: (line: RegionLine) => boolean): readonly string[] {
    const [line, ...others] = found.filter(isIt);
    expect(others).toEqual([]);
    return ["--range", `${line?.offset ?? -1},${line?.lengthBytes ?? 0}`];
  }

  beforeAll(async () => {
    device = await makeDevice(life);
    writeFileSync(path, device.region.cells);
    found = (await lines<RegionLine>("regions")).filter(({ type }) => type === "region");
  }, 240_000);

  afterAll(() => {
    expect(Buffer.from(device.region.cells).equals(readFileSync(path))).toBe(true);
  });

  it("regions lists what is where, and nothing else", () => {
    const { primary, secondary, settings, log, files } = PLACES;
    expect(found.map(({ layout, offset, content }) => [layout, offset, content])).toEqual([
      ["mcuboot-image", primary, undefined],
      ["mcuboot-image", secondary, undefined],
      ["mcuboot-trailer", secondary + 0x30000 - 48, undefined],
      [life.backend, settings, "settings"],
      ["fcb", log, undefined],
      ["littlefs", files, undefined],
    ]);
    // The ids of an FCB whose last sector is free do not prove that the sector belongs to it.
    const doubtful = found.filter(({ certainty }) => certainty !== "certain");
    expect(doubtful.filter(({ layout, content }) => layout !== "fcb" || content !== "settings")).toEqual([]);
    expect(found.map(({ version }) => version).slice(0, 2)).toEqual(["1.4.2+117", "1.5.0+130"]);
    expect(found.map(({ isHashValid }) => isHashValid).slice(0, 2)).toEqual([true, true]);
    expect(found[2]).toMatchObject({ imageOk: "unset", swapType: "none" });
  });

  it("log read has every record that the log still holds", async () => {
    const range = rangeOf(({ layout, content }) => layout === "fcb" && content === undefined);
    const read = await lines<{ type: string; data?: string }>("log", "read", ...range);
    expect(read.filter(({ type }) => type === "record").map(({ data }) => data)).toEqual(device.records);
    expect(device.records.length).toBeGreaterThan(100);
  });

  it("settings list has every setting with its last value", async () => {
    const range = rangeOf(({ content }) => content === "settings");
    const read = await lines<{ type: string; name: string; value: string }>("settings", "list", ...range);
    const values = read.filter(({ type }) => type === "setting").map(({ name, value }) => [name, value] as const);
    expect(new Map(values)).toEqual(device.settings);
    expect(values).toHaveLength(device.settings.size);
  });

  it("fs list has every file, and fs get its bytes", async () => {
    const range = rangeOf(({ layout }) => layout === "littlefs");
    const read = await lines<{ type: string; path: string }>("fs", "list", ...range);
    expect(read.filter(({ type }) => type !== "result").map((line) => line.path)).toEqual(
      device.files.map((file) => file.path),
    );
    for (const file of device.files.filter(
      ({ type, path: name }) => type === "file" && effort(/big|01/.test(name), true),
    )) {
      const out = join(folder, "file.out");
      await lines("fs", "get", file.path, "--out", out, ...range);
      expect(sha256(readFileSync(out)), file.path).toBe(file.sha256);
      rmSync(out);
    }
  });
});
