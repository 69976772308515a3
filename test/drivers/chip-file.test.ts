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
    ["no JSON", "{", /^it is no JSON/],
    ["a list", "[]", /^the file: it takes an object/],
    ["an unknown key", JSON.stringify({ ...SOUND, pages: 1 }), /^"pages" is not known/],
    ["no name", JSON.stringify({ ...SOUND, name: undefined }), /^name:/],
    ["a name with an escape", JSON.stringify({ ...SOUND, name: "\u001b[31m" }), /^name:/],
    ["an ID of two bytes", JSON.stringify({ ...SOUND, jedecId: "a140" }), /^jedecId:/],
    ["an ID of a line nobody drives", JSON.stringify({ ...SOUND, jedecId: "ffffff" }), /^jedecId:/],
    ["an odd size", JSON.stringify({ ...SOUND, capacityBytes: 500_000 }), /^capacityBytes: it takes a power of two/],
    ["no erase", JSON.stringify({ ...SOUND, erase: [] }), /^erase: it takes a list/],
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
      /^addressBytes: three/,
    ],
    ["a protection nobody knows", JSON.stringify({ ...SOUND, protection: "some" }), /^protection:/],
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
