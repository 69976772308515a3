/**
 * FCB2 and log records that Mynewt's own code wrote, whole and after power cuts: read, and recognised without being
 * told anything.
 */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { CircularBuffer } from "../../../src/storage/circular-buffer/circular-buffer.ts";
import { Fcb2 } from "../../../src/storage/fcb2/fcb2.ts";
import { crc16 } from "../../../src/storage/fcb2/format.ts";
import { fcb2Sniffer, findFcb2 } from "../../../src/storage/fcb2/recognise.ts";
import { FCB2_ALIGNMENTS } from "../../../src/storage/fcb2/format.ts";
import { walkFcb2Sector } from "../../../src/storage/fcb2/sector-walk.ts";
import { decodeMynewtRecord, mynewtFields, mynewtVersionOf } from "../../../src/storage/mynewt-log/record.ts";
import type { LogDamage, LogRecord } from "../../../src/storage/record-log.ts";
import { recogniseRegions } from "../../../src/storage/recognise/pass.ts";
import { effort } from "../../support/effort.ts";
import { goldenBytes, patternOf } from "../support/golden.ts";
import { NorRegion } from "../support/nor-region.ts";

type Content = ["pattern", length: number, seed: number] | ["hex", hex: string];
type Wished = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number | null,
  string | null,
  Content,
  string | null,
];
interface Shape {
  kind: "mynewt-fcb-log" | "mynewt-fcb2" | "mynewt-fcb2-log";
  sectorBytes?: number;
  sectorCount: number;
  align: number;
  magic: number;
  fcbVersion: number;
  logVersion: string | null;
  ranges?: { sectors: number; sectorBytes: number }[];
}
interface Case extends Partial<Shape> {
  name: string;
  file: string;
  kind: Shape["kind"];
  scenario?: string;
  tolerantRecords?: Wished[] | "same";
  pendingIsComplete?: boolean;
  expected: { mount: { rc: number; writes: unknown[] }; records?: unknown[] };
}
const manifest = JSON.parse(new TextDecoder().decode(goldenBytes("mynewt-log/manifest.json.gz"))) as {
  scenarios: Record<string, Shape>;
  cases: Case[];
};
/** Some of them; in CI all. */
const cases = manifest.cases
  .filter((_, index) => index % effort(4, 1) === 0)
  .map((one) => ({
    ...one,
    shape: { ...(one.scenario === undefined ? {} : manifest.scenarios[one.scenario]), ...one } as Shape,
  }));
type Known = (typeof cases)[number];

function regionOf({ file, shape }: Known): NorRegion {
  return new NorRegion({ eraseBytes: shape.sectorBytes ?? 4096, cells: goldenBytes(`mynewt-log/${file}`) });
}

function fcb2Of(region: NorRegion, { shape }: Known): Promise<Fcb2> {
  const { magic, fcbVersion: version, align: alignBytes, sectorBytes = 4096, ranges } = shape;
  let offset = 0;
  const sectors = ranges?.flatMap((range) =>
    Array.from({ length: range.sectors }, () => {
      const place = { offset, lengthBytes: range.sectorBytes };
      offset += range.sectorBytes;
      return place;
    }),
  );
  return Fcb2.mount(region, { sectorBytes, magic, version, alignBytes, sectors });
}

function fcbOf(region: NorRegion, { shape }: Known): Promise<CircularBuffer> {
  const { magic, fcbVersion: version, align: alignBytes, sectorBytes = 4096 } = shape;
  return CircularBuffer.mount(region, { sectorBytes, magic, version, alignBytes, scratchSectors: 0, hasCrc: true });
}

async function itemsOf(log: { records(): AsyncIterable<LogRecord | LogDamage> }): Promise<(LogRecord | LogDamage)[]> {
  const items: (LogRecord | LogDamage)[] = [];
  for await (const item of log.records()) items.push(item);
  return items;
}
const recordsOf = async (log: Parameters<typeof itemsOf>[0]): Promise<LogRecord[]> =>
  (await itemsOf(log)).flatMap((item) => (item.kind === "record" ? [item] : []));

function bytesOf(content: Content): Uint8Array {
  return content[0] === "hex" ? fromHex(content[1])! : patternOf(content[2], content[1]);
}

/** What a record of the manifest says, without the places. */
function wishedOf([, , length, timeUs, index, module, level, etype, flags, hash, body, trailer]: Wished): object {
  // With a trailer the manifest's body holds fill, trailer and its length as well.
  const text = toHex(bytesOf(body));
  const shown = trailer === null ? text : text.slice(0, text.length - trailer.length - 4);
  return { length, timeUs, index, module, level, etype, hash, body: shown, trailer, flags: flags ?? 0 };
}

function seenOf(data: Uint8Array, version: 2 | 3): object {
  const record = decodeMynewtRecord(data, version)!;
  const { timeUs, index, module, level, type, imageHash, body, trailer } = record;
  return {
    length: data.length,
    timeUs,
    index,
    module,
    level,
    etype: version === 2 ? 0 : ["text", "cbor", "binary"].indexOf(String(type)),
    hash: imageHash === undefined ? null : toHex(imageHash),
    body: toHex(body),
    trailer: trailer === undefined ? null : toHex(trailer),
    flags: version === 2 ? 0 : (data[14] ?? 0) >> 4,
  };
}

const versionOf = ({ shape }: Known): 2 | 3 => (shape.logVersion?.startsWith("2") === true ? 2 : 3);

describe.each(
  cases.filter(
    ({ expected, kind, scenario }) =>
      kind !== "mynewt-fcb2" && scenario === undefined && expected.records !== undefined,
  ),
)("$name", (one) => {
  it("reads as upstream reads it", async () => {
    const region = regionOf(one);
    const log = one.kind === "mynewt-fcb-log" ? await fcbOf(region, one) : await fcb2Of(region, one);
    const records = await recordsOf(log);
    expect(records.map(({ data }) => seenOf(data, versionOf(one)))).toEqual(
      (one.expected.records as Wished[]).map((wish) => ({
        ...wishedOf(wish),
        ...(versionOf(one) === 2 ? { etype: 0, flags: 0 } : {}),
      })),
    );
    expect(
      mynewtVersionOf(
        records.map(({ data }) => data),
        one.shape.fcbVersion,
      ),
    ).toBe(versionOf(one));
    for (const { data } of records) expect(mynewtFields(data, versionOf(one))).toBeDefined();
    expect(region.changes).toEqual([]);
  });
});

describe.each(cases.filter(({ expected, kind }) => kind === "mynewt-fcb2" && expected.records !== undefined))(
  "$name",
  (one) => {
    it("reads as upstream reads it", async () => {
      const records = await recordsOf(await fcb2Of(regionOf(one), one));
      const wished = one.expected.records as [number, number, number, number, Content][];
      expect(records.map(({ sector, offset, data }) => [sector, offset, toHex(data)])).toEqual(
        wished.map(([sector, , offset, , content]) => [sector, offset, toHex(bytesOf(content))]),
      );
    });
  },
);

describe.each(cases.filter(({ tolerantRecords }) => tolerantRecords !== undefined))("$name", (one) => {
  it("gives every record that is complete, also where upstream gives none", async () => {
    const region = regionOf(one);
    const log = one.kind === "mynewt-fcb-log" ? await fcbOf(region, one) : await fcb2Of(region, one);
    const seen = (await recordsOf(log)).map(({ data }) => JSON.stringify(seenOf(data, 3)));
    const wished = Array.isArray(one.tolerantRecords)
      ? one.tolerantRecords
      : ((one.expected.records ?? []) as Wished[]);
    for (const wish of wished) expect(seen).toContain(JSON.stringify({ ...wishedOf(wish) }));
  });
});

describe("recognition", () => {
  const fcb2 = cases.filter(
    ({ kind, shape, expected }) =>
      kind !== "mynewt-fcb-log" && shape.ranges === undefined && (expected.records?.length ?? 0) > 0,
  );
  it.each(fcb2)("$name: found, with the options that give the same records", async (one) => {
    const region = regionOf(one);
    const found = await findFcb2(region);
    expect(found).toHaveLength(1);
    const { options, content, certainty, offset } = found[0]!;
    expect(certainty).toBe("certain");
    expect([options.magic, options.version, options.sectorBytes]).toEqual([
      one.shape.magic,
      one.shape.fcbVersion,
      one.shape.sectorBytes,
    ]);
    expect(content).toBe(one.kind === "mynewt-fcb2" ? content : "mynewt-log");
    expect(offset % options.sectorBytes).toBe(0);
    const log = await Fcb2.mount(region, options);
    expect((await recordsOf(log)).map(({ data }) => data)).toEqual(
      (await recordsOf(await fcb2Of(region, one))).map(({ data }) => data),
    );
    expect((await recognisedIn(region))[0]).toMatchObject({ layout: "fcb2", certainty: "certain" });
  });

  it("log records on an FCB are named", async () => {
    const logs = cases.filter(({ name }) => /^fcb-log.*(?:few|wrapped)$/.test(name));
    expect(logs.length).toBeGreaterThan(3);
    for (const one of logs) {
      expect((await recognisedIn(regionOf(one)))[0]).toMatchObject({ layout: "fcb", content: "mynewt-log" });
    }
  });

  it("an FCB is no FCB2", async () => {
    for (const one of cases.filter(({ kind }) => kind === "mynewt-fcb-log"))
      expect(await findFcb2(regionOf(one))).toEqual([]);
  });
});

const recognisedIn = (region: NorRegion): ReturnType<typeof recogniseRegions> => recogniseRegions(region);

describe("any bytes", () => {
  it("end: in a walk, in a record, and with a right header in the sniffer", async () => {
    const random = createRandom("fcb2");
    for (let round = 0; round < effort(1000, 100_000); round++) {
      const bytes = random.bytes(64 + random.intBelow(200));
      if (random.chance(0.5)) bytes.fill(0xff, random.intBelow(bytes.length));
      const alignBytes = random.pick(FCB2_ALIGNMENTS);
      for (const item of walkFcb2Sector(bytes, alignBytes)) if (item.offset >= bytes.length) throw new Error(item.kind);
      for (const version of [2, 3] as const) mynewtFields(bytes.subarray(0, random.intBelow(64)), version);
    }
    for (let round = 0; round < effort(20, 300); round++) {
      const cells = random.bytes(16_384);
      for (let sector = 0; sector < 4; sector++) cells.set([1, 2, 3, 4, 1, 0xff, sector, 0], sector * 4096);
      const region = new NorRegion({ eraseBytes: 4096, cells });
      const sniffer = fcb2Sniffer(region);
      for (let offset = 0; offset < cells.length; offset += 4096)
        sniffer.look(offset, cells.subarray(offset, offset + 4096));
      expect(await sniffer.conclude(region)).toEqual([]);
      const log = await Fcb2.mount(region, { sectorBytes: 4096, magic: 0x04030201, version: 1, alignBytes: 1 });
      for await (const item of log.records()) expect(item.kind).toBe("damage");
    }
  });

  it("check values are those of the format", () => {
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0x29b1);
  });

  it.each([{ alignBytes: 3 }, { sectorBytes: 5000 }, { sectorBytes: 0 }])("%j is EINVAL", async (wrong) => {
    const region = new NorRegion({ eraseBytes: 4096, lengthBytes: 16_384 });
    const options = { sectorBytes: 4096, magic: 1, version: 1, alignBytes: 1, ...wrong };
    await expect(Fcb2.mount(region, options)).rejects.toMatchObject({ code: "EINVAL" });
  });
});
