/** Chip files that a user writes: every field at its limits, and careful values for what is left out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChipFile } from "../../drivers/chip-file.ts";
import { createDriver } from "../../drivers/create-driver.ts";

const SOUND = {
  name: "XY25Q40",
  vendor: "XY",
  jedecId: "a14013",
  capacityBytes: 524_288,
  erase: [
    { opcode: "0x20", sizeBytes: 4096, typicalMs: 60, maximumMs: 400 },
    { opcode: "0xd8", sizeBytes: 65_536, typicalMs: 500, maximumMs: 2000 },
  ],
  chipErase: { opcode: "0xc7", typicalMs: 3000, maximumMs: 15_000 },
  program: { typicalMs: 0.7, maximumMs: 3 },
};

it("becomes a part with what it says, and careful values for what it leaves out", () => {
  const parsed = parseChipFile(JSON.stringify(SOUND));
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      name: "XY25Q40",
      jedecId: [0xa1, 0x40, 0x13],
      addressBytes: 3,
      maxSpiClockHz: 33_000_000,
      protection: { scheme: "unknown" },
      geometry: { capacityBytes: 524_288, pageBytes: 256, programTypicalUs: 700, programMaximumUs: 3000 },
      eraseCommands: [
        { unitName: "4 KiB sector", opcode: 0x20, addressBytes: 3 },
        { unitName: "64 KiB block", opcode: 0xd8, addressBytes: 3 },
        { unitName: "chip", opcode: 0xc7, addressBytes: 0 },
      ],
    },
  });
});

describe("what is wrong is said, with the place", () => {
  it.each<[string, string, RegExp]>([
    ["no JSON", "{", /^it is not JSON/],
    ["a list", "[]", /^the file: must be an object/],
    ["an unknown key", JSON.stringify({ ...SOUND, pages: 1 }), /^"pages" is unknown/],
    ["no name", JSON.stringify({ ...SOUND, name: undefined }), /^name:/],
    ["a name with an escape", JSON.stringify({ ...SOUND, name: "\u001b[31m" }), /^name:/],
    ["an ID of two bytes", JSON.stringify({ ...SOUND, jedecId: "a140" }), /^jedecId:/],
    ["an ID of an undriven line", JSON.stringify({ ...SOUND, jedecId: "ffffff" }), /^jedecId:/],
    ["an odd size", JSON.stringify({ ...SOUND, capacityBytes: 500_000 }), /^capacityBytes: must be a power of two/],
    ["no erase", JSON.stringify({ ...SOUND, erase: [] }), /^erase: must be a list/],
    [
      "erases out of order",
      JSON.stringify({ ...SOUND, erase: SOUND.erase.toReversed() }),
      /^erase\[1\]\.sizeBytes: larger than/,
    ],
    [
      "an opcode as a number",
      JSON.stringify({ ...SOUND, erase: [{ ...SOUND.erase[0], opcode: 32 }] }),
      /^erase\[0\]\.opcode/,
    ],
    ["times the wrong way round", JSON.stringify({ ...SOUND, program: { typicalMs: 3, maximumMs: 1 } }), /^program:/],
    [
      "three bytes for 32 MiB",
      JSON.stringify({ ...SOUND, capacityBytes: 2 ** 25, addressBytes: 3 }),
      /^addressBytes: 3 bytes/,
    ],
    ["an unknown protection", JSON.stringify({ ...SOUND, protection: "some" }), /^protection:/],
  ])("%s", (_, text, reason) => {
    const parsed = parseChipFile(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
  });
});

it("any JSON gives a reason or a part whose driver compiles", () => {
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom(0, -1, 1e300, "0x20", [], {}, null, "a".repeat(1000)));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(SOUND)), values, (key, value) => {
      const parsed = parseChipFile(JSON.stringify({ ...SOUND, [key]: value }));
      if (!parsed.ok) return;
      const driver = createDriver(parsed.value, { maxSendBytes: 300, maxReceiveBytes: 256 });
      expect(driver.erase(0, driver.geometry.eraseUnits[0]!).steps).toHaveLength(3);
    }),
  );
});

/** The reason of a file that is wrong in these fields. */
function reasonOf(changes: Readonly<Record<string, unknown>>): string {
  const parsed = parseChipFile(JSON.stringify({ ...SOUND, ...changes }));
  return parsed.ok ? "ok" : parsed.reason;
}

const erase = (changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  erase: [{ ...SOUND.erase[0], ...changes }],
});

describe("every field, at the last value that is taken and the first that is not", () => {
  it("all of them are taken over", () => {
    const parsed = parseChipFile(
      JSON.stringify({
        ...SOUND,
        ...{ capacityBytes: 2 ** 25, pageBytes: 512, addressBytes: 4, maxSpiClockHz: 50_000_000 },
        ...{ supplyMv: [1700, 2000], protection: "bp0", reportsErrors: true },
      }),
    );
    expect(parsed).toEqual({
      ok: true,
      value: {
        family: "at25",
        name: "XY25Q40",
        vendor: "XY",
        jedecId: [0xa1, 0x40, 0x13],
        geometry: {
          capacityBytes: 2 ** 25,
          pageBytes: 512,
          erasedByte: 0xff,
          eraseUnits: [
            unit("4 KiB sector", 4096, 60_000, 400_000),
            unit("64 KiB block", 65_536, 500_000, 2_000_000),
            unit("chip", 2 ** 25, 3_000_000, 15_000_000),
          ],
          programTypicalUs: 700,
          programMaximumUs: 3000,
        },
        addressBytes: 4,
        eraseCommands: [
          { unitName: "4 KiB sector", opcode: 0x20, addressBytes: 4 },
          { unitName: "64 KiB block", opcode: 0xd8, addressBytes: 4 },
          { unitName: "chip", opcode: 0xc7, addressBytes: 0 },
        ],
        maxSpiClockHz: 50_000_000,
        protection: { scheme: "bp0" },
        reportsErrors: true,
        sfdp: "not known",
        supplyMv: { minimum: 1700, maximum: 2000 },
        sources: ["all of XY25Q40: the chip file"],
      },
    });
    function unit(name: string, unitBytes: number, typicalUs: number, maximumUs: number): unknown {
      return { name, regions: [{ address: 0, unitBytes, count: 2 ** 25 / unitBytes, typicalUs, maximumUs }] };
    }
  });

  it("what is left out is careful", () => {
    expect(parseChipFile(JSON.stringify({ ...SOUND, vendor: undefined }))).toMatchObject({
      value: { vendor: "", supplyMv: { minimum: 2700, maximum: 3600 }, reportsErrors: false, addressBytes: 3 },
    });
    const protection = { scheme: "bp-sec-tb-cmp", write: "apart", hasVolatileWrite: false };
    expect(parseChipFile(JSON.stringify({ ...SOUND, protection: "bp-sec-tb-cmp" }))).toMatchObject({
      value: { protection },
    });
    expect(parseChipFile(JSON.stringify({ ...SOUND, capacityBytes: 2 ** 24 }))).toMatchObject({
      value: { addressBytes: 3 },
    });
    expect(parseChipFile(JSON.stringify({ ...SOUND, capacityBytes: 2 ** 25 }))).toMatchObject({
      value: { addressBytes: 4 },
    });
    expect(parseChipFile(JSON.stringify({ ...SOUND, capacityBytes: 2 ** 24, addressBytes: 4 }))).toMatchObject({
      value: { addressBytes: 4 },
    });
  });

  const range = (key: string, least: number, most: number): string =>
    `${key}: must be a whole number from ${least} to ${most}`;
  const text = (key: string): string => `${key}: must be 1 to 40 letters, digits, spaces or . _ / ( ) + -`;
  const id = "jedecId: must be six hex digits as command 9Fh returns them, such as ef4018";
  const times = (where: string): string =>
    `${where}: typicalMs must be above 0; maximumMs must be at least typicalMs and at most 2400000`;
  const opcode = 'erase[0].opcode: must be two hex digits, such as "0x20"';
  const supply = "supplyMv: must be two numbers, such as [2700, 3600]";

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { pages: 1 },
      '"pages" is unknown; the keys are name, vendor, jedecId, capacityBytes, pageBytes, addressBytes, erase, chipErase, program, maxSpiClockHz, supplyMv, protection, reportsErrors',
    ],
    [{ capacityBytes: 1024, erase: [{ ...SOUND.erase[0], sizeBytes: 512 }] }, "ok"],
    [{ capacityBytes: 512 }, range("capacityBytes", 1024, 2 ** 28)],
    [{ capacityBytes: 2 ** 28 }, "ok"],
    [{ capacityBytes: 2 ** 29 }, range("capacityBytes", 1024, 2 ** 28)],
    [{ capacityBytes: "524288" }, range("capacityBytes", 1024, 2 ** 28)],
    [{ capacityBytes: 2048.5 }, range("capacityBytes", 1024, 2 ** 28)],
    [{ capacityBytes: 524_289 }, "capacityBytes: must be a power of two"],
    [{ pageBytes: 1 }, "ok"],
    [{ pageBytes: 0 }, range("pageBytes", 1, 4096)],
    [{ pageBytes: 4096 }, "ok"],
    [{ pageBytes: 8192 }, range("pageBytes", 1, 4096)],
    [{ addressBytes: 2 }, "addressBytes: must be 3 or 4"],
    [{ addressBytes: 5 }, "addressBytes: must be 3 or 4"],
    [{ addressBytes: "3" }, "addressBytes: must be 3 or 4"],
    [{ addressBytes: 3, capacityBytes: 2 ** 24 }, "ok"],
    [{ addressBytes: 3, capacityBytes: 2 ** 25 }, "addressBytes: 3 bytes address only 16 MiB"],
    [{ maxSpiClockHz: 1000 }, "ok"],
    [{ maxSpiClockHz: 999 }, range("maxSpiClockHz", 1000, 1e9)],
    [{ maxSpiClockHz: 1e9 }, "ok"],
    [{ maxSpiClockHz: 1e9 + 1 }, range("maxSpiClockHz", 1000, 1e9)],
    [{ name: "a".repeat(40) }, "ok"],
    [{ name: "a".repeat(41) }, text("name")],
    [{ name: "" }, text("name")],
    [{ name: "a\u001b[31m" }, text("name")],
    [{ name: "\u001b[31ma" }, text("name")],
    [{ name: 7 }, text("name")],
    [{ vendor: "X,Y" }, text("vendor")],
    [{ vendor: "" }, text("vendor")],
    [{ jedecId: "EF4018" }, "ok"],
    [{ jedecId: "ef40ff" }, "ok"],
    [{ jedecId: "ef4000" }, "ok"],
    [{ jedecId: "ef40180" }, id],
    [{ jedecId: "0ef4018" }, id],
    [{ jedecId: "xef4018" }, id],
    [{ jedecId: "ef401" }, id],
    [{ jedecId: "00ef40" }, id],
    [{ jedecId: "FFef40" }, id],
    [{ jedecId: 123_456 }, id],
    [{ erase: {} }, "erase: must be a list with at least one entry"],
    [{ erase: [7] }, "erase[0]: must be an object"],
    [{ erase: [null] }, "erase[0]: must be an object"],
    [{ erase: [[]] }, "erase[0]: must be an object"],
    [erase({ sizeBytes: 256 }), "ok"],
    [erase({ sizeBytes: 128 }), range("erase[0].sizeBytes", 256, 262_144)],
    [erase({ sizeBytes: 262_144 }), "ok"],
    [erase({ sizeBytes: 524_288 }), range("erase[0].sizeBytes", 256, 262_144)],
    [erase({ sizeBytes: 4095 }), "erase[0].sizeBytes: must be a power of two"],
    [{ erase: [SOUND.erase[0], SOUND.erase[0]] }, "erase[1].sizeBytes: larger than the entry before it"],
    [erase({ opcode: "0xD8" }), "ok"],
    [erase({ opcode: "0xd" }), opcode],
    [erase({ opcode: "0xd80" }), opcode],
    [erase({ opcode: "00xd8" }), opcode],
    [erase({ opcode: ["0xd8"] }), opcode],
    [erase({ typicalMs: 0 }), times("erase[0]")],
    [erase({ typicalMs: -1 }), times("erase[0]")],
    [erase({ typicalMs: "60" }), times("erase[0]")],
    [erase({ maximumMs: "400" }), times("erase[0]")],
    [erase({ typicalMs: 400 }), "ok"],
    [erase({ typicalMs: 401 }), times("erase[0]")],
    [erase({ maximumMs: 2_400_000 }), "ok"],
    [erase({ maximumMs: 2_400_001 }), times("erase[0]")],
    [{ chipErase: 1 }, "chipErase: must be an object"],
    [{ chipErase: { ...SOUND.chipErase, opcode: 1 } }, 'chipErase.opcode: must be two hex digits, such as "0x20"'],
    [{ chipErase: { ...SOUND.chipErase, typicalMs: 0 } }, times("chipErase")],
    [{ program: [] }, "program: must be an object"],
    [{ program: {} }, times("program")],
    [{ protection: "none" }, "protection: must be one of unknown, bp-sec-tb-cmp, bp0"],
    [{ protection: "unknown" }, "ok"],
    [{ protection: 1 }, text("protection")],
    [{ supplyMv: [1, 2] }, "ok"],
    [{ supplyMv: [0, 2] }, supply],
    [{ supplyMv: [2, 2] }, supply],
    [{ supplyMv: [3, 2] }, supply],
    [{ supplyMv: [3, 5999] }, "ok"],
    [{ supplyMv: [3, 6000] }, supply],
    [{ supplyMv: ["3", 4] }, supply],
    [{ supplyMv: [3, "4"] }, supply],
    [{ supplyMv: [3] }, supply],
    [{ supplyMv: 3 }, supply],
    [{ reportsErrors: "yes" }, "ok"],
  ])("%j: %s", (changes, reason) => {
    expect(reasonOf(changes)).toBe(reason);
  });

  it("anything but true is no", () => {
    expect(parseChipFile(JSON.stringify({ ...SOUND, reportsErrors: "yes" }))).toMatchObject({
      value: { reportsErrors: false },
    });
  });
});
