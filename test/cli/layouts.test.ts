/**
 * Regions by name on the command line: only they change, everything else about them is refused first, and a killed
 * write resumes.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { realClock } from "../../src/clock.ts";
import { intelHexEncoder } from "../../src/files/intel-hex.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { runCli, runHere } from "../support/cli.ts";
import { effort, sayCount } from "../support/effort.ts";
import { jsonLines } from "../support/fake-io.ts";
import { makeHeldLine } from "../support/held-line.ts";
import { removeFolder } from "../support/remove-folder.ts";
import { descriptorOf, fmapOf } from "../layouts/support/layout-images.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-layouts-"));
afterAll(() => removeFolder(folder));
const CHIP_BYTES = 0x40000;

const path = (name: string): string => join(folder, name);
function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(path(name), contents);
  return path(name);
}
const LAYOUT = file(
  "board.layout",
  "0:2fff boot\n3000:1ffff app\n20123:204ff odd\n30000:3ffff data\n40000:4ffff over\n",
);

/** A dump of a chip as a port, and its bytes. */
function dump(name: string, cells: Uint8Array): { readonly port: string[]; cells(): Uint8Array } {
  file(name, cells);
  return { port: ["-p", `image:${path(name)}`], cells: () => readFileSync(path(name)) };
}

async function ok(...words: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await runHere(words[0] === "read" ? words : [...words, "--no-journal"]);
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
}

describe("write by region", () => {
  const random = createRandom("regions");
  const old = random.bytes(CHIP_BYTES);

  it("takes the region out of an image of the whole chip, and changes nothing else", async () => {
    const full = random.bytes(CHIP_BYTES);
    const image = file("full.bin", full);
    const chip = dump("a.bin", old);
    await ok("write", image, "--layout", LAYOUT, "--region", "odd", "--region", "boot", ...chip.port);
    const expected = old.slice();
    for (const [from, to] of [
      [0, 0x3000],
      [0x20123, 0x20500],
    ] as const)
      expected.set(full.subarray(from, to), from);
    expect(Buffer.compare(chip.cells(), expected)).toBe(0);
    const { code } = await runHere(["verify", image, "--layout", LAYOUT, "--region", "odd", ...chip.port]);
    expect(code).toBe(0);
    expect((await runHere(["verify", image, "--layout", LAYOUT, "--region", "app", ...chip.port])).code).toBe(1);
  });

  it("places a file that is no larger than the region at its start", async () => {
    const content = random.bytes(0x1234);
    const chip = dump("b.bin", old);
    const words = [file("part.bin", content), "--layout", LAYOUT, "--region", "app", ...chip.port];
    await ok("write", ...words);
    const expected = old.slice();
    expected.set(content, 0x3000);
    expect(Buffer.compare(chip.cells(), expected)).toBe(0);
    expect((await runHere(["verify", ...words])).code).toBe(0);
    expect((await runHere(["diff", ...words])).code).toBe(0);
  });

  it("takes files with addresses by their addresses, and several files", async () => {
    const [low, high] = [random.bytes(0x100), random.bytes(0x100)];
    const encoder = intelHexEncoder();
    const hex = file("two.hex", concatBytes([encoder.data(0x2f80, low), encoder.data(0x30000, high), encoder.end()]));
    const chip = dump("c.bin", old);
    const raw = file("raw.bin", random.bytes(64));
    await ok("write", hex, `${raw}@0x10000`, "--layout", LAYOUT, "--region", "app", "--region", "data", ...chip.port);
    const expected = old.slice();
    expected.set(low.subarray(0x80), 0x3000);
    expected.set(high, 0x30000);
    expected.set(readFileSync(raw), 0x10000);
    expect(Buffer.compare(chip.cells(), expected)).toBe(0);
  });

  it.each([
    [["--region", "none"], "the layout has no region none", "The layout has: boot, app, odd, data, over."],
    [
      ["--region", "over"],
      "the region over (0x040000..0x04ffff (64 KiB)) ends 64 KiB after the end of the chip",
      "boot, app",
    ],
    [["--region", "app", "--region", "odd", "--region", "app"], "is neither an image of the whole chip nor", ""],
    [["--region", "boot", "--range", "0,4k"], "--range and --region cannot be used together", ""],
    [[], "--layout needs --region NAME", "norbridge regions --layout LAYOUT"],
  ])("refuses %j before anything", async (words, message, hint) => {
    const chip = dump("d.bin", old);
    const image = file("short.bin", random.bytes(0x3001));
    const { code, stderr } = await runHere(["write", image, "--layout", LAYOUT, ...words, ...chip.port]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(Buffer.compare(chip.cells(), old)).toBe(0);
  });

  it("a file larger than its region is refused, and a bad layout with its line", async () => {
    const chip = dump("e.bin", old);
    const image = file("long.bin", random.bytes(0x3001));
    const large = await runHere(["write", image, "--layout", LAYOUT, "--region", "boot", ...chip.port]);
    expect(large.stderr).toContain("the region 12 KiB, the chip 256 KiB");
    const bad = file("bad.layout", "0:fff a\n1000:zzz b\n");
    const faulty = await runHere(["erase", "--layout", bad, "--region", "a", ...chip.port]);
    expect([large.code, faulty.code]).toEqual([2, 9]);
    expect(faulty.stderr).toContain("bad.layout:2:1: expected two hexadecimal addresses");
    expect(Buffer.compare(chip.cells(), old)).toBe(0);
  });
});

it("read, erase and regions by name", async () => {
  const old = createRandom("read by region").bytes(CHIP_BYTES);
  const chip = dump("f.bin", old);
  await ok("read", path("odd.got"), "--layout", LAYOUT, "--region", "odd", ...chip.port);
  expect(Buffer.compare(readFileSync(path("odd.got")), old.subarray(0x20123, 0x20500))).toBe(0);
  // Side by side: one range.
  await ok("read", path("two.got"), "--layout", LAYOUT, "--region", "app", "--region", "boot", ...chip.port);
  expect(Buffer.compare(readFileSync(path("two.got")), old.subarray(0, 0x20000))).toBe(0);
  const apart = await runHere([
    "read",
    path("x.got"),
    "--layout",
    LAYOUT,
    "--region",
    "app",
    "--region",
    "data",
    ...chip.port,
  ]);
  expect(apart.stderr).toContain("the regions are not beside each other, and a raw file holds one range");
  const both = ["--layout", LAYOUT, "--region", "data", "--region", "odd", ...chip.port];
  await ok("read", path("both.hex"), ...both);
  expect((await runHere(["verify", path("both.hex"), "--json", ...chip.port])).stdout).toContain(
    '"comparedBytes":66525',
  );
  expect((await runHere(["verify", path("both.hex"), ...both])).code).toBe(0);
  const erased = await ok("erase", "--json", "--layout", LAYOUT, "--region", "data", "--region", "odd", ...chip.port);
  expect(jsonLines(erased.stdout).at(-1)).toMatchObject({
    ok: true,
    lengthBytes: 0x10000 + 0x3dd,
    ranges: [{ address: 0x20123 }, { address: 0x30000 }],
  });
  const expected = old.slice().fill(0xff, 0x20123, 0x20500).fill(0xff, 0x30000);
  expect(Buffer.compare(chip.cells(), expected)).toBe(0);
  const listed = await runHere(["regions", "--json", "--layout", LAYOUT, ...chip.port]);
  expect(jsonLines(listed.stdout).slice(0, 2)).toMatchObject([
    { type: "region", name: "boot", offset: 0, lengthBytes: 0x3000, layout: "flashrom" },
    { type: "region", name: "app", offset: 0x3000, lengthBytes: 0x1d000 },
  ]);
  expect((await runHere(["regions", "--layout", LAYOUT, ...chip.port])).stdout).toContain(
    "ends after the end of the chip",
  );
});

describe("regions apart", () => {
  const old = createRandom("regions apart").bytes(CHIP_BYTES);
  const both = ["--layout", LAYOUT, "--region", "data", "--region", "boot"];
  const places = [
    { address: 0, lengthBytes: 0x3000 },
    { address: 0x30000, lengthBytes: 0x10000 },
  ];

  it("are read into UF2 with gaps, and into a raw file whose gap is filled", async () => {
    const chip = dump("apart.bin", old);
    await ok("read", path("apart.uf2"), ...both, ...chip.port);
    const verified = await runHere(["verify", path("apart.uf2"), "--json", ...chip.port]);
    expect(jsonLines(verified.stdout).at(-1)).toMatchObject({ ok: true, comparedBytes: 0x13000 });
    await ok("read", path("apart.img"), ...both, "--fill", "0x5a", ...chip.port);
    const expected = old.slice().fill(0x5a, 0x3000, 0x30000);
    expect(Buffer.compare(readFileSync(path("apart.img")), expected)).toBe(0);
    await ok("read", path("apart.hex"), ...both, "--fill", "0x5a", ...chip.port);
    await ok("write", path("apart.hex"), ...chip.port);
    expect(Buffer.compare(chip.cells(), expected)).toBe(0);
  });

  it.each([
    [["--fill", "0"], "--fill is for the bytes between regions"],
    [[...both, "--fill", "0", "--skip-blank"], "--fill and --skip-blank cannot be used together"],
  ])("read %j is refused", async (words, message) => {
    const { code, stderr } = await runHere(["read", path("no.hex"), ...words, ...dump("apart.bin", old).port]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("are dumped and checked for blank in order of address", async () => {
    const chip = dump("apart.bin", old.slice().fill(0xff, 0x30000));
    const dumped = jsonLines((await runHere(["dump", "--json", ...both, ...chip.port])).stdout);
    expect(dumped.at(-1)).toMatchObject({ address: 0, lengthBytes: 0x13000, readBytes: 0x13000, ranges: places });
    const bytes = dumped.filter(({ type }) => type === "data").map(({ data }) => Buffer.from(String(data), "hex"));
    expect(
      Buffer.compare(concatBytes(bytes), concatBytes([old.subarray(0, 0x3000), new Uint8Array(0x10000).fill(0xff)])),
    ).toBe(0);
    const blank = await runHere(["blank-check", "--layout", LAYOUT, "--region", "data", ...chip.port]);
    expect([blank.code, blank.stdout + blank.stderr]).toEqual([
      0,
      expect.stringContaining("blank: 0x030000..0x03ffff"),
    ]);
    const notBlank = await runHere(["blank-check", "--json", ...both, ...chip.port]);
    expect(notBlank.code).toBe(1);
    expect(jsonLines(notBlank.stdout).at(-1)).toMatchObject({ notBlank: [places[0]], ranges: places });
  });

  it("cannot be protected; one region can", async () => {
    const port = ["-p", "sim:AT25SF041B"];
    const layout = file("protect.layout", "0:ffff boot\n20000:2ffff app\n");
    const one = await runHere(["protect", "on", "--json", "--layout", layout, "--region", "boot", ...port]);
    expect(jsonLines(one.stdout).at(-1)).toMatchObject({
      ok: true,
      protected: [{ address: 0, lengthBytes: 0x10000 }],
    });
    const words = ["--layout", layout, "--region", "boot", "--region", "app"];
    const two = await runHere(["protect", "on", ...words, ...port]);
    expect([two.code, two.stderr]).toEqual([2, expect.stringContaining("protection covers one range")]);
  });
});

describe("a layout with regions that overlap partly", () => {
  const layout = file("partly.layout", "0:ffff boot\n8000:1ffff app\n20000:2ffff data\n");
  const old = createRandom("partly").bytes(CHIP_BYTES);

  it("is refused for such a region, with both names, and noted for another", async () => {
    const chip = dump("partly.bin", old);
    const app = await runHere(["erase", "--layout", layout, "--region", "app", ...chip.port]);
    expect(app.code).toBe(2);
    expect(app.stderr).toContain(
      "the regions app (0x008000..0x01ffff (96 KiB)) and boot (0x000000..0x00ffff (64 KiB))",
    );
    expect(Buffer.compare(chip.cells(), old)).toBe(0);
    const note = "the layout has regions that overlap partly: boot";
    expect((await ok("erase", "--layout", layout, "--region", "data", ...chip.port)).stderr).toContain(note);
    expect((await runHere(["regions", "--layout", layout, ...chip.port])).stderr).toContain(note);
  });
});

describe("layouts on the chip", () => {
  const cells = createRandom("layouts on the chip").bytes(CHIP_BYTES);
  cells.set(descriptorOf({ 0: [0, 0xfff], 1: [0x20000, 0x3ffff], 3: [0x1000, 0x2fff] }));
  cells.set(fmapOf([{ name: "COREBOOT", address: 0x30000, lengthBytes: 0x8000 }], CHIP_BYTES), 0x21000);
  cells.fill(0xff, 0x8000, 0x9000);
  cells.set(packedGolden("esp-idf").image("moved"), 0x8000);

  it.each([
    ["ifd", "gbe", 0x1000, 0x2000],
    ["fmap", "COREBOOT", 0x30000, 0x8000],
    ["esp-partitions", "nvs", 0x11000, 0x4000],
  ] as const)("%s: a write changes %s only, a read has it", async (form, name, address, lengthBytes) => {
    const chip = dump(`${form}.bin`, cells);
    const content = createRandom(form).bytes(lengthBytes);
    await ok("write", file("content.bin", content), "--layout", form, "--region", name, ...chip.port);
    const expected = cells.slice();
    expected.set(content, address);
    expect(Buffer.compare(chip.cells(), expected)).toBe(0);
    await ok("read", path("back.bin"), "--layout", form, "--region", name, ...chip.port);
    expect(Buffer.compare(readFileSync(path("back.bin")), content)).toBe(0);
    // The image of the chip as a layout file: it has several layouts.
    const several = await runHere(["regions", "--layout", path(`${form}.bin`), ...chip.port]);
    expect(several.stderr).toContain("has several layouts: ifd, fmap");
    expect((await runHere(["regions", "--layout", `${form}:${path(`${form}.bin`)}`, ...chip.port])).stdout).toContain(
      name,
    );
  });

  it("a chip without one is refused, and nothing changes", async () => {
    const blank = new Uint8Array(CHIP_BYTES).fill(0xff);
    const chip = dump("blank.bin", blank);
    for (const form of ["ifd", "fmap", "esp-partitions"]) {
      const { code, stderr } = await runHere(["erase", "--layout", form, "--region", "x", ...chip.port]);
      expect([code, stderr]).toEqual([9, expect.stringContaining(`the chip has no ${form} layout`)]);
    }
  });
});

it("random layouts: what is outside of the regions never changes", async () => {
  const random = createRandom("random regions");
  const rounds = effort(1, 300);
  for (let round = 0; round < rounds; round++) {
    const old = random.bytes(CHIP_BYTES);
    const full = random.bytes(CHIP_BYTES);
    const chip = dump("random.bin", old);
    const borders = Array.from({ length: 8 }, () => random.intBelow(CHIP_BYTES)).toSorted((a, b) => a - b);
    const expected = old.slice();
    let text = "";
    const words: string[] = [];
    for (let index = 0; index + 1 < borders.length; index += 2) {
      const [from, to] = [borders[index] ?? 0, borders[index + 1] ?? 0];
      if (to === from) continue;
      text += `${from.toString(16)}:${(to - 1).toString(16)} r${index}\n`;
      if (random.intBelow(3) === 0) continue;
      words.push("--region", `r${index}`);
      expected.set(full.subarray(from, to), from);
    }
    if (words.length === 0) continue;
    await ok("write", file("random.img", full), "--layout", file("random.layout", text), ...words, ...chip.port);
    expect(Buffer.compare(chip.cells(), expected), `round ${round}`).toBe(0);
  }
  sayCount(`regions: ${rounds} writes by random layouts changed nothing else`);
}, 240_000);

const isQuick = effort(true, false);
it.skipIf(isQuick)(
  `kill -9 in the middle of a region, then resume (${isQuick ? "run in CI" : "in full"})`,
  {
    timeout: 60_000,
  },
  async () => {
    const server = await serveSimulation({
      params: parseSimParameters(
        "AT25SF041B",
        new Map([
          ["times", "typical"],
          ["baud", "2000000"],
        ]),
      ),
      host: "127.0.0.1",
      port: 0,
      realtime: true,
      clock: realClock,
    });
    const { chip } = server.simulation;
    const { capacityBytes } = chip.geometry;
    const [old, content] = [createRandom("old").bytes(capacityBytes), createRandom("new").bytes(0x10000)];
    chip.load(0, old);
    const line = await makeHeldLine(server.address.port);
    const journal = ["--journal", path("jobs")];
    const image = file("region.bin", content);
    try {
      const isThere = line.holdWhen((sentBytes) => sentBytes >= 20_000);
      await runCli(["write", image, "--layout", LAYOUT, "--region", "app", ...journal, "-p", line.port], {
        onStart: (signal) => void isThere.then(() => signal("SIGKILL")),
      });
      line.release();
      const expected = old.slice();
      expected.set(content, 0x3000);
      expect(Buffer.compare(chip.peek(0, capacityBytes), expected)).not.toBe(0);
      const { code, stderr } = await runHere(["resume", ...journal, "-p", line.port]);
      expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
      expect(Buffer.compare(chip.peek(0, capacityBytes), expected)).toBe(0);
    } finally {
      await line.close();
      await server.close();
    }
  },
);
