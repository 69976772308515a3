/** KVDB images of the original code, whole and with power cuts: every key has the old or the new value, and damage is named. */
import { describe, expect, it } from "vitest";
import { findKvdbs, type KvdbContents, kvdbShape, readKvdb } from "../../../src/storage/flashdb/kvdb.ts";
import { kvdbSniffer } from "../../../src/storage/flashdb/recognise-kvdb.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { patternOf } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";
import { packedGolden, type PackedCase, sha256 } from "../support/packed-golden.ts";

/** ["pattern", length, seed] | ["hex", digits] | ["sha256", digits, length] */
type Value = readonly [string, ...(string | number)[]];
/** [name, node address, value address, length, value] */
type Row = readonly [string, number, number, number, Value];

interface KvdbCase extends PackedCase {
  readonly kind: string;
  readonly values?: Readonly<Record<string, Value>>;
  /** Old and new value; null: the key is absent. */
  readonly changing?: Readonly<Record<string, readonly (Value | null)[]>>;
  readonly upstreamLosesKeys?: Readonly<Record<string, readonly Value[]>>;
  readonly expected: { readonly records?: readonly Row[] };
}

const golden = packedGolden<KvdbCase>("flashdb");
const all = golden.cases.filter(({ kind }) => kind.startsWith("kvdb"));
const sample = all.filter(
  ({ upstreamLosesKeys, values }, index) =>
    upstreamLosesKeys !== undefined || values !== undefined || index % effort(6, 1) === 0,
);

async function read(cells: Uint8Array): Promise<KvdbContents | undefined> {
  const flash = new NorRegion({ eraseBytes: 4096, cells });
  const [finding] = await recogniseRegions(flash, [kvdbSniffer(flash)]);
  if (finding === undefined) return undefined;
  const contents = await readKvdb(flash, kvdbShape(finding, flash, { sectorBytes: undefined, isWhole: true }));
  expect(flash.changes).toEqual([]);
  return contents;
}

function isValue(data: Uint8Array | undefined, [kind, first, second]: Value): boolean {
  if (data === undefined) return false;
  if (kind === "hex") return Buffer.from(data).toString("hex") === first;
  if (kind === "pattern") return Buffer.compare(data, patternOf(Number(second), Number(first))) === 0;
  return kind === "sha256" && sha256(data) === first;
}

/** All values by name, as one text. */
const summary = (contents: KvdbContents | undefined): string =>
  (contents?.items ?? []).map(({ name, value }) => `${Buffer.from(name).toString("hex")}=${sha256(value)}`).join();

describe("FlashDB KVDB images of the original code", () => {
  it.each(sample.map((one) => [one.name, one] as const))("reads %s", async (name, one) => {
    const contents = await read(golden.image(name));
    const found = new Map(contents?.items.map((item) => [Buffer.from(item.name).toString(), item.value]));
    expect(contents?.damage ?? []).toEqual([]);
    expect(contents?.items.filter(({ damage }) => damage !== undefined) ?? []).toEqual([]);
    const changing = Object.entries({ ...one.changing, ...one.upstreamLosesKeys });
    for (const [key, either] of changing) {
      const value = found.get(key);
      const isRight = either.some((each) => (each === null ? value === undefined : isValue(value, each)));
      expect(isRight, key).toBe(true);
    }
    const names = new Set(changing.map(([key]) => key));
    const stable =
      one.values === undefined
        ? (one.expected.records ?? []).map(([key, , , , value]) => [key, value] as const)
        : Object.entries(one.values);
    for (const [key, value] of stable) if (!names.has(key)) expect(isValue(found.get(key), value), key).toBe(true);
    expect([...found.keys()].filter((key) => !names.has(key)).toSorted()).toEqual(
      stable
        .map(([key]) => key)
        .filter((key) => !names.has(key))
        .toSorted(),
    );
  });
});

describe("damaged KVDB", () => {
  it("reports every flipped bit that changes what is read, but for states that nothing checks", async () => {
    const random = createRandom("kvdb flips");
    let told = 0;
    let silent = 0;
    const rounds = effort(60, 3000);
    for (const name of ["kvdb-g1-changed", "kvdb-g8-changed", "kvdb-g32-gc", "kvdb-g128-changed"]) {
      const cells = golden.image(name);
      const whole = summary(await read(cells));
      for (let round = 0; round < rounds; round++) {
        const damaged = cells.slice();
        const at = random.intBelow(cells.length / 4096) * 4096 + random.intBelow(1200);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
        const contents = await read(damaged);
        const isTold = (contents?.damage.length ?? 0) > 0 || contents?.items.some(({ damage }) => damage !== undefined);
        if (isTold === true) told++;
        else if (summary(contents) !== whole) {
          // With one bit for each state, "begun" and "about to be replaced" look as a power cut leaves them.
          expect(name, `bit at ${at}`).toBe("kvdb-g1-changed");
          silent++;
        }
      }
    }
    sayCount(
      `KVDB: ${4 * rounds} flipped bits, ${told} reported, ${silent} states that look as a power cut leaves them`,
    );
    expect(told).toBeGreaterThan(rounds / 10);
    expect(silent).toBeLessThan(rounds / 50);
  }, 120_000);

  it("names the key of a value whose CRC is wrong, and reads the others", async () => {
    const cells = golden.image("kvdb-g1-few");
    const before = await read(cells);
    const [first] = before?.items ?? [];
    const name = Buffer.from(first?.name ?? []);
    const at = Buffer.from(cells).indexOf(name) + name.length;
    cells[at] = (cells[at] ?? 0) ^ 1;
    const after = await read(cells);
    expect(after?.items).toEqual(before?.items.slice(1));
    expect(after?.damage).toMatchObject([{ name: first?.name, reason: "the CRC-32 of name and value does not match" }]);
  });

  it("gives the values of a sector whose header is damaged, and reports that the device erases it", async () => {
    for (const [name, magic] of [
      ["kvdb-g1-gc", 4],
      ["kvdb-g32-gc", 24],
    ] as const) {
      const cells = golden.image(name);
      const before = await read(cells);
      for (let start = 0; start < cells.length; start += 4096) {
        const damaged = cells.slice();
        damaged.fill(0, start + magic, start + magic + 4);
        const after = await read(damaged);
        expect(summary(after)).toBe(summary(before));
        if (
          !golden
            .image(name)
            .subarray(start + 64, start + 4096)
            .every((byte) => byte === 0xff)
        )
          expect(after?.damage).toMatchObject([{ offset: start, reason: expect.stringContaining("header") as string }]);
      }
    }
  });
});

it("a program finds each database of a chip and reads it", async () => {
  const one = golden.image("kvdb-g1-few");
  const cells = new Uint8Array(3 * 0x10000).fill(0xff);
  cells.set(one, 0x4000);
  cells.set(one, 0x20000);
  const flash = new NorRegion({ eraseBytes: 4096, cells });
  const shapes = await findKvdbs(flash);
  expect(shapes.map(({ offset }) => offset)).toEqual([0x4000, 0x20000]);
  const [first, second] = [await readKvdb(flash, shapes[0]!), await readKvdb(flash, shapes[1]!)];
  expect([first.items.length > 0, summary(second)]).toEqual([true, summary(first)]);
  expect(await findKvdbs(new NorRegion({ eraseBytes: 4096, lengthBytes: 0x10000 }))).toEqual([]);
});
