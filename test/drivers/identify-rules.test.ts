/** Every part of the catalogue as its chip would answer, against the rules of identification written down once more. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import type { At25Descriptor, ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import type { FlashGeometry } from "../../drivers/geometry.ts";
import { readIdTimes, readLegacyId, wantedQuestions } from "../../drivers/id-questions.ts";
import type { ChipProbe } from "../../drivers/identification.ts";
import { identify } from "../../drivers/identify.ts";
import { differenceOf } from "../../drivers/part-difference.ts";
import { descriptorFromSfdp } from "../../drivers/sfdp/sfdp-descriptor.ts";
import { sfdpBytes } from "./sfdp/sfdp-dumps.ts";
import { listing, ran, SKIPPED } from "./step-text.ts";

const at = (name: string): ChipDescriptor => {
  const part = descriptorByName(name);
  if (part === undefined) throw new Error(`${name} is not in the catalogue`);
  return part;
};

/** Eight bytes of ID as the part returns them. */
function idOf({ jedecId, extendedId = [] }: ChipDescriptor): Uint8Array {
  const id = new Uint8Array(8);
  id.set([...jedecId, ...extendedId]);
  return id;
}

const probeOf = (part: ChipDescriptor, more: Partial<ChipProbe> = {}): ChipProbe => ({
  idA: idOf(part),
  idB: idOf(part),
  ...more,
});

const hexOf = (part: ChipDescriptor): string => Buffer.from(part.jedecId).toString("hex");
const at25Parts = CATALOG.filter((part): part is At25Descriptor => part.family === "at25");

/** All times of a geometry, in one row. */
const timesOf = ({ programTypicalUs, programMaximumUs, eraseUnits }: FlashGeometry): number[] => [
  programTypicalUs,
  programMaximumUs,
  ...eraseUnits.flatMap(({ regions }) => regions.flatMap(({ typicalUs, maximumUs }) => [typicalUs, maximumUs])),
];

/** Their IDs belong to parts that erase more with the same opcode, or lack commands: candidates.test.ts. */
const SHARED = new Set(["W25Q256JV", "MX25L3233F", "MX25L12833F", "SST26VF064B"]);

/** The same with every erase that nothing but an ID or a name confirms. */
function unproved(part: ChipDescriptor): ChipDescriptor {
  if (part.family === "at45") return part;
  const { eraseUnits } = part.geometry;
  return {
    ...part,
    eraseCommands: part.eraseCommands.map((command) => {
      const unit = eraseUnits.find(({ name }) => name === command.unitName);
      const unprovedBytes = Math.max(...(unit?.regions ?? []).map(({ unitBytes }) => unitBytes));
      return command.addressBytes === 0 ? command : { ...command, unprovedBytes };
    }),
  };
}

describe("without an SFDP area", () => {
  const sure = at25Parts.filter(({ name }) => !SHARED.has(name));
  it.each(sure.map((part) => [part.name, part] as const))("%s", (_, part) => {
    const found = identify(probeOf(part));
    const alike = at25Parts.filter((other) => {
      const isSameId = hexOf(other) === hexOf(part);
      const isSameEnd = idOf(other).join() === idOf(part).join();
      return isSameId && isSameEnd && (other.sfdp === "present") === (part.sfdp === "present");
    });
    const hasPlainTwin = at25Parts.some((other) => hexOf(other) === hexOf(part) && other.sfdp === "absent");
    if (found.kind !== "found") throw new Error(found.kind);
    expect(found.jedecId).toBe(hexOf(part));
    // A part that should describe itself and does not is its predecessor, if there is one.
    if (part.sfdp === "present" && hasPlainTwin) {
      expect(found.descriptor.name).not.toBe(part.name);
      expect(found.notes).toEqual([]);
      return;
    }
    const slowest = [...alike].sort((a, b) => a.maxSpiClockHz - b.maxSpiClockHz);
    expect(found.descriptor.name).toBe(slowest[0]?.name);
    expect(found.descriptor.maxSpiClockHz).toBe(Math.min(...alike.map(({ maxSpiClockHz }) => maxSpiClockHz)));
    const columns = alike.map(({ geometry }) => timesOf(geometry));
    expect(timesOf(found.descriptor.geometry)).toEqual(
      columns[0]?.map((_, index) => Math.max(...columns.map((column) => column[index] ?? 0))),
    );
    const notes: string[] = [];
    if (part.sfdp === "present") notes.push(`${part.name} should have an SFDP area, but none was found`);
    if (alike.length > 1) {
      const others = slowest.slice(1).map(({ name }) => name);
      notes.push(`it may also be ${others.join(", ")}; the slowest timing is used`);
    }
    expect(found.notes.filter((note) => !note.startsWith("these parts have different"))).toEqual(notes);
  });

  it("parts that are one to a job and want unlike supplies say so", () => {
    const found = identify(probeOf(at("AT25DF021A")));
    expect(found).toMatchObject({
      notes: [
        "it may also be AT25XE021A, AT25XV021A; the slowest timing is used",
        "these parts have different supply voltages: 1650 to 3600 mV, 1650 to 4400 mV",
      ],
    });
    expect(identify(probeOf(at("AT25DN011")))).toMatchObject({
      notes: ["it may also be AT25XE011; the slowest timing is used"],
    });
  });
});

describe("parts that differ only in times are one, with the longest", () => {
  // The catalogue's own have the same times: one is made slower in every way, and then the other.
  const names = ["AT25DN011", "AT25XE011"];
  const slower = (geometry: FlashGeometry): FlashGeometry => ({
    ...geometry,
    programTypicalUs: geometry.programTypicalUs * 3,
    programMaximumUs: geometry.programMaximumUs * 3,
    eraseUnits: geometry.eraseUnits.map((unit) => ({
      ...unit,
      regions: unit.regions.map((region) => ({
        ...region,
        typicalUs: region.typicalUs * 3,
        maximumUs: region.maximumUs * 3,
      })),
    })),
  });

  it.each(names)("where %s is the slow one", (name) => {
    const part = at(name);
    const { geometry } = part;
    const expected = timesOf(slower(geometry));
    try {
      Object.assign(part, { geometry: slower(geometry) });
      const found = identify(probeOf(part));
      if (found.kind !== "found") throw new Error(found.kind);
      expect(timesOf(found.descriptor.geometry)).toEqual(expected);
    } finally {
      Object.assign(part, { geometry });
    }
  });

  it.each(names)("at the clock of the slow one: %s", (name) => {
    const part = at(name);
    const { maxSpiClockHz } = part;
    try {
      Object.assign(part, { maxSpiClockHz: 7_000_000 });
      const found = identify(probeOf(part));
      if (found.kind !== "found") throw new Error(found.kind);
      expect([found.descriptor.name, found.descriptor.maxSpiClockHz]).toEqual([name, 7_000_000]);
    } finally {
      Object.assign(part, { maxSpiClockHz });
    }
  });
});

describe("with an SFDP area", () => {
  it("sizes, times and erase commands are the area's, all else is the catalogue's; so are the sources", () => {
    const part = at("W25Q128JV") as At25Descriptor;
    const sfdp = sfdpBytes("w25q128jv");
    const own = descriptorFromSfdp(sfdp, part);
    if (!own.ok) throw new Error(own.reason);
    const found = identify(probeOf(part, { sfdp }));
    if (found.kind !== "found" || found.descriptor.family !== "at25") throw new Error(found.kind);
    const { geometry, eraseCommands, addressBytes } = own.value;
    const kept = part.sources.filter(
      (line) => !/^(page program|chip erase|\d+ KiB (sector|block)|\d+-byte page)/.test(line),
    );
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(part.sources.length - 5);
    expect(found.descriptor).toEqual({
      ...part,
      geometry,
      eraseCommands,
      addressBytes,
      sources: [...kept, ...own.value.sources],
    });
    expect(found.notes).toEqual([]);
  });

  it("an area that is of no use is said, and the catalogue counts", () => {
    const part = at("W25Q128JV");
    const sfdp = sfdpBytes("w25q128jv").slice(0, 20);
    expect(identify(probeOf(part, { sfdp }))).toMatchObject({
      descriptor: unproved(part),
      notes: [expect.stringMatching(/^its SFDP area cannot be used: \S/)],
    });
  });

  it("another size is a conflict, the smaller first, whichever says it", () => {
    const part = at("W25Q64JV");
    const area = (capacityBytes: number): Uint8Array => {
      const bytes = sfdpBytes("w25q128jv");
      new DataView(bytes.buffer).setUint32(0x84, capacityBytes * 8 - 1, true);
      return bytes;
    };
    for (const said of [4_194_304, 16_777_216]) {
      const found = identify(probeOf(part, { sfdp: area(said) }));
      const named = identify(probeOf(part, { sfdp: area(said) }), { chip: part.name });
      expect(named).toEqual(found);
      if (found.kind !== "size-conflict") throw new Error(found.kind);
      expect(found.choices.map(({ descriptor }) => descriptor.geometry.capacityBytes)).toEqual(
        [said, 8_388_608].sort((a, b) => a - b),
      );
      const note = `its SFDP area specifies ${said} bytes, W25Q64JV has 8388608`;
      expect(found.choices.map(({ notes }) => notes)).toEqual([[note], [note]]);
      expect(found).toMatchObject({ jedecId: "ef4017", name: "W25Q64JV" });
      // Neither source is trusted then: the first erase of each kind proves its size.
      const blocks = found.choices.flatMap(({ descriptor }) =>
        descriptor.family === "at25" ? descriptor.eraseCommands.filter(({ addressBytes }) => addressBytes > 0) : [],
      );
      expect(blocks.length).toBeGreaterThan(2);
      expect(blocks.filter(({ unprovedBytes }) => unprovedBytes === undefined)).toEqual([]);
      for (const sizeBytes of [said, 8_388_608]) {
        expect(identify(probeOf(part, { sfdp: area(said) }), { sizeBytes })).toMatchObject({
          kind: "found",
          descriptor: { geometry: { capacityBytes: sizeBytes } },
          notes: [note, "its size is the specified one"],
        });
      }
      expect(identify(probeOf(part, { sfdp: area(said) }), { sizeBytes: 12 })).toEqual({
        kind: "unknown",
        jedecId: "ef4017",
        reason: `it has ${[said, 8_388_608]
          .sort((a, b) => a - b)
          .map((size) => `${size} bytes`)
          .join(" or ")}, not the specified size`,
        cause: "wrong-size",
      });
    }
  });

  it("an unlisted part is what its area specifies, and that is reported", () => {
    const idA = Uint8Array.of(0xc2, 0x20, 0x17, 0, 0, 0, 0, 0);
    expect(identify({ idA, idB: idA, sfdp: sfdpBytes("mx25l6436e") })).toMatchObject({
      kind: "found",
      notes: [
        "this part is not in the catalogue; sizes and times come from its SFDP area; by its ID it may be MX25L6405, MX25L6405D, MX25L6406E, MX25L6408E, MX25L6436E, MX25L6445E and 3 others",
      ],
    });
    const unknown = Uint8Array.of(0x12, 0x34, 0x56, 0, 0, 0, 0, 0);
    expect(identify({ idA: unknown, idB: unknown, sfdp: new Uint8Array(30) })).toMatchObject({
      kind: "unknown",
      jedecId: "123456",
      reason: expect.stringMatching(/\S/) as string,
    });
  });
});

describe("named parts", () => {
  const plain = at("AT25SF041");

  it("a size that fits changes nothing, one that does not is refused", () => {
    expect(identify(probeOf(plain), { sizeBytes: 524_288 })).toEqual(identify(probeOf(plain)));
    expect(identify(probeOf(plain), { sizeBytes: 1 })).toEqual({
      kind: "unknown",
      jedecId: "1f8401",
      reason: "it has 524288 bytes, not the specified size",
      cause: "wrong-size",
    });
    const missing = { idA: new Uint8Array(8), idB: new Uint8Array(8) };
    expect(identify(missing, { sizeBytes: 524_288 })).toEqual(identify(missing));
  });

  it("a part of the user's own has to answer its ID", () => {
    const part = { ...(plain as At25Descriptor), name: "OWN" };
    expect(identify(probeOf(plain), { part })).toEqual({
      kind: "found",
      descriptor: unproved(part),
      jedecId: "1f8401",
      notes: ["its description comes from the chip file, not from the chip"],
    });
    expect(identify(probeOf(at("AT25SF081")), { part })).toEqual({
      kind: "unknown",
      jedecId: "1f8501",
      reason: "OWN of the chip file has the ID 1f8401",
      cause: "mismatch",
    });
  });

  it("a name that fits is taken as it is, one whose marks do not fit with a word of doubt", () => {
    expect(identify(probeOf(plain), { chip: "AT25SF041" })).toEqual({
      kind: "found",
      descriptor: unproved(plain),
      jedecId: "1f8401",
      notes: [],
    });
    expect(identify(probeOf(plain), { chip: "AT25SF041B" })).toMatchObject({
      kind: "found",
      notes: [
        "AT25SF041B should have an SFDP area, but none was found",
        "other properties of the chip do not match AT25SF041B; it is used because it was specified",
      ],
    });
    // Extended bytes do not bind a part of this family that was named.
    expect(identify(probeOf(at("AT25DF081A")), { chip: "AT26DF081A" })).toMatchObject({ kind: "found" });
  });
});

describe("AT45", () => {
  it.each(CATALOG.filter((part) => part.family === "at45").map((part) => [part.name, part] as const))(
    "%s",
    (_, part) => {
      for (const isBinary of [false, true]) {
        const at45Status = Uint8Array.of(0x80 | part.statusDensityBits | (isBinary ? 1 : 0), 0x88);
        const found = identify(probeOf(part, { at45Status }));
        const pageBytes = isBinary ? part.binaryPageBytes : part.standardPageBytes;
        const note = `it is set to pages of ${pageBytes} bytes`;
        if (found.kind === "ambiguous") expect(found.names).toContain(part.name);
        else expect(found).toMatchObject({ kind: "found", descriptor: { pageBytes } });
        if (found.kind === "found") expect(found.notes[0]).toBe(note);
      }
    },
  );
});

describe("questions", () => {
  it("the ID of an old chip: 90h, three zero bytes, two answers", () => {
    const program = readLegacyId();
    expect(listing(program)).toEqual(["90 00 00 00 > 2"]);
    expect(program.decode(ran([0xef, 0x13]))).toEqual({ outcome: "done", value: Uint8Array.of(0xef, 0x13) });
    expect(program.decode([SKIPPED])).toEqual({ outcome: "skipped" });
  });

  it("an old chip is there, and unknown; an undriven line is not", () => {
    const silent = { idA: new Uint8Array(8).fill(0xff), idB: new Uint8Array(8).fill(0xff) };
    const legacy = (...bytes: number[]): unknown => identify({ ...silent, legacyId: Uint8Array.from(bytes) });
    expect(legacy(0xef, 0x13)).toEqual({
      kind: "unknown",
      jedecId: "ef13",
      reason: "it has an ID only for command 90h; two bytes do not identify the part",
      cause: "old-id",
    });
    const missing = { kind: "missing", pattern: "all bytes read FF" };
    expect([legacy(0xff, 0x13), legacy(0x00, 0x13), legacy(0x13, 0x13), legacy()]).toEqual([
      missing,
      missing,
      missing,
      missing,
    ]);
  });

  it("the ID as often as it is wanted", () => {
    expect(listing(readIdTimes(3))).toEqual(["9f > 8", "9f > 8", "9f > 8"]);
    expect(readIdTimes(2).decode(ran([1, 2], [3]))).toEqual({
      outcome: "done",
      value: [Uint8Array.of(1, 2), Uint8Array.of(3)],
    });
  });

  it.each([
    ["1f84", []],
    ["1f8401", ["sfdp"]],
    ["1f2401", ["at45-status"]],
    ["1f2101", ["sfdp"]],
    ["1f2201", ["at45-status"]],
    ["1f2801", ["at45-status"]],
    ["1f2901", ["sfdp"]],
    ["1e2401", ["sfdp"]],
    ["5a5a5a", []],
    ["008401", []],
    ["ff8401", []],
    ["", []],
  ])("worth asking behind %s: %j", (hex, questions) => {
    expect(wantedQuestions(Uint8Array.from(Buffer.from(hex, "hex")))).toEqual(questions);
  });

  it.each([
    ["1f84", "only 2 bytes were received"],
    ["", "only 0 bytes were received"],
    ["5a5a5a", "all bytes read 5A"],
    ["0a0a0a", "all bytes read 0A"],
  ])("%s is no chip: %s", (hex, pattern) => {
    const id = Uint8Array.from(Buffer.from(hex, "hex"));
    expect(identify({ idA: id, idB: id })).toEqual({ kind: "missing", pattern });
  });

  it("two readings have to agree as far as they tell parts apart", () => {
    const id = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
    expect(identify({ idA: id("1f24000100"), idB: id("1f24000000") })).toEqual({
      kind: "missing",
      pattern: "two reads differ: 1f24000100 and 1f24000000",
    });
    expect(identify({ idA: id("1f84010100"), idB: id("1f84010000") }).kind).toBe("found");
    expect(identify({ idA: id("1f8401"), idB: id("1f8501") })).toEqual({
      kind: "missing",
      pattern: "two reads differ: 1f8401 and 1f8501",
    });
  });

  it("a reading one bit off is recognised for every part, whatever came in at its end", () => {
    const shifted = (value: number): string => {
      const id = Uint8Array.of((value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff, 0, 0);
      const found = identify({ idA: id, idB: id });
      return found.kind === "unknown" ? found.reason : found.kind;
    };
    let seen = 0;
    for (const part of CATALOG) {
      const [a = 0, b = 0, c = 0] = part.jedecId;
      const own = (a << 16) | (b << 8) | c;
      for (const value of [own >>> 1, (own >>> 1) | 0x800000, (own << 1) & 0xffffff, ((own << 1) & 0xffffff) | 1]) {
        if (/^it looks like [0-9a-f]{6} read one bit (late|early)$/.test(shifted(value))) seen++;
      }
    }
    // All but those that happen to be the ID of another part, or of a line that is stuck.
    expect(seen).toBeGreaterThan(CATALOG.length * 4 - 12);
  });
});

describe("in what parts differ", () => {
  const sf = at("AT25SF041") as At25Descriptor;
  const named = { ...sf, name: "OTHER" };

  it("nothing that a job uses: none", () => {
    expect(
      differenceOf(sf, { ...named, maxSpiClockHz: 1, supplyMv: { minimum: 1, maximum: 2 }, sources: [] }),
    ).toBeUndefined();
    expect(differenceOf(sf, { ...named, geometry: { ...sf.geometry, programTypicalUs: 1 } })).toBeUndefined();
  });

  it("is said with both values and both names", () => {
    const { geometry } = sf;
    const units = geometry.eraseUnits;
    const twoRegions = { ...units[0]!, regions: [...units[0]!.regions, { ...units[0]!.regions[0]!, count: 5 }] };
    const texts = (other: ChipDescriptor): unknown => differenceOf(sf, other);
    expect(texts({ ...named, geometry: { ...geometry, capacityBytes: 7 } })).toEqual({
      what: "size",
      first: "524288 bytes (AT25SF041)",
      second: "7 bytes (OTHER)",
    });
    expect(texts({ ...named, geometry: { ...geometry, pageBytes: 8 } })).toEqual({
      what: "page size",
      first: "256 bytes (AT25SF041)",
      second: "8 bytes (OTHER)",
    });
    expect(texts({ ...named, geometry: { ...geometry, eraseUnits: [twoRegions, units[1]!] } })).toEqual({
      what: "erase blocks",
      first: "128 x 4096, 16 x 32768, 8 x 65536, 1 x 524288 (AT25SF041)",
      second: "128 x 4096 + 5 x 4096, 16 x 32768 (OTHER)",
    });
    expect(texts({ ...named, reportsErrors: !sf.reportsErrors })).toEqual({
      what: "error bit",
      first: `${sf.reportsErrors ? "has one" : "has none"} (AT25SF041)`,
      second: `${sf.reportsErrors ? "has none" : "has one"} (OTHER)`,
    });
    expect(differenceOf({ ...sf, reportsErrors: true }, { ...named, reportsErrors: false })).toMatchObject({
      first: "has one (AT25SF041)",
      second: "has none (OTHER)",
    });
    const [first, ...rest] = sf.eraseCommands;
    expect(texts({ ...named, eraseCommands: [{ ...first!, opcode: 0x81 }, ...rest] })).toMatchObject({
      what: "commands",
      first: expect.stringMatching(
        /^20h 4 KiB sector, 52h 32 KiB block, d8h 64 KiB block, .*, protection \{"scheme":/,
      ) as string,
      second: expect.stringMatching(/^81h 4 KiB sector, 52h /) as string,
    });
    expect(texts({ ...named, protection: { scheme: "bp0" } })).toMatchObject({
      what: "commands",
      second: expect.stringMatching(/, protection \{"scheme":"bp0"\} \(OTHER\)$/) as string,
    });
    expect(differenceOf(sf, at("AT45DB041E"))).toEqual({
      what: "command set",
      first: "at25 (AT25SF041)",
      second: "at45 (AT45DB041E)",
    });
    const db = at("AT45DB041E");
    expect(differenceOf(db, { ...db, name: "ONE", bufferCount: 1 } as ChipDescriptor)).toEqual({
      what: "commands",
      first: "2 buffers (AT45DB041E)",
      second: "1 buffers (ONE)",
    });
  });
});
