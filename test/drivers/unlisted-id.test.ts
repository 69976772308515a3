/** What answers 9Fh and is not a part of the catalogue: named by what it is. */
import { describe, expect, it } from "vitest";
import type { ChipProbe } from "../../drivers/identification.ts";
import { identify } from "../../drivers/identify.ts";
import type { UnknownCause } from "../../drivers/other-devices.ts";
import { CATALOG } from "../../drivers/catalog/whole-catalog.ts";
import { parseChipFile } from "../../drivers/chip-file.ts";
import { sfdpBytes } from "./sfdp/sfdp-dumps.ts";

function probe(text: string, more: Partial<ChipProbe> = {}): ChipProbe {
  const id = Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
  return { idA: id, idB: id, ...more };
}

/** A reading of 64 bits in which the ID starts `late` bits after the first. */
function shifted(id: readonly number[], late: number): string {
  const bits = "1".repeat(late) + id.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return BigInt(`0b${bits.padEnd(64, "0")}`)
    .toString(16)
    .padStart(16, "0");
}

describe("other devices", () => {
  it.each<[string, string, RegExp, UnknownCause]>([
    // C16
    ["W25N01GV", "00 ef aa 21 00 00 00 00", /SPI NAND flash of Winbond \(00 before ef is the dummy/, "other-device"],
    ["W25N02KV, MISO pulled up", "ff ef aa 22 ff ff ff ff", /SPI NAND flash of Winbond \(ff before ef/, "other-device"],
    ["MX35LF1GE4AB", "ff c2 12 c2 12 c2 12 c2", /SPI NAND flash of Macronix/, "other-device"],
    ["MT29F1G01", "00 2c 14 2c 14 2c 14 2c", /SPI NAND flash of Micron/, "other-device"],
    ["TC58CVG0S3", "00 98 c2 98 c2 98 c2 98", /SPI NAND flash of Kioxia/, "other-device"],
    [
      "GD5F1GQ4UF, no dummy byte",
      "c8 b1 48 c8 b1 48 c8 b1",
      /SPI NAND flash of GigaDevice \(ID c8b148\)/,
      "other-device",
    ],
    [
      "an unknown maker of NAND",
      "00 77 12 77 12 77 12 77",
      /no maker has the code 00: it is SPI NAND flash, or/,
      "misread",
    ],
    // C41
    ["MB85RS1MT", "04 7f 27 03 ff ff ff ff", /FRAM of Fujitsu \(ID 047f2703\)/, "other-device"],
    ["FM25V02A", "7f 7f 7f 7f 7f 7f c2 22", /FRAM of Cypress or Ramtron/, "other-device"],
    ["CY15B104Q", "04 2c c2 7f 7f 7f 7f 7f", /FRAM of Cypress .*last byte first/, "other-device"],
    ["APS6404L", "ff ff ff 0d 5d 52 a8 11", /PSRAM, a memory that forgets without power/, "other-device"],
    ["ESP-PSRAM64", "00 00 00 0d 55 40 00 00", /PSRAM/, "other-device"],
    // C40
    [
      "no part of the tables, PMC",
      "7f 9d 99 7f 9d 99 7f 9d",
      /7f continues the ID: PMC or ISSI \(9d of bank 2\), device 99$/,
      "not-described",
    ],
    ["no part of the tables, AMIC", "7f 37 99 15 7f 37 99 15", /AMIC \(37 of bank 2\), device 9915/, "not-described"],
    ["an unlisted maker", "7f 7f 51 20 15 00 00 00", /maker 51 of bank 3, device 2015/, "not-described"],
    // C17
    [
      "no part of the tables, SST",
      "bf 25 99 bf 25 99 bf 25",
      /SST25 series program one byte per command/,
      "byte-program",
    ],
  ])("%s", (_, id, reason, cause) => {
    const found = identify(probe(id));
    expect(found).toMatchObject({ kind: "unknown", cause, reason: expect.stringMatching(reason) as string });
    // Whatever name or size the user knows: it does not help.
    expect(identify(probe(id), { chip: "W25Q64JV" })).toEqual(found);
  });

  it("does not overrule an SFDP area, a chip file or the catalogue", () => {
    const described = parseChipFile(
      JSON.stringify({
        ...{ name: "PM25LQ032", jedecId: "7f9d46", capacityBytes: 4_194_304 },
        erase: [{ opcode: "0x20", sizeBytes: 4096, typicalMs: 60, maximumMs: 400 }],
        chipErase: { opcode: "0xc7", typicalMs: 3000, maximumMs: 15_000 },
        program: { typicalMs: 0.7, maximumMs: 3 },
      }),
    );
    if (!described.ok) throw new Error(described.reason);
    const pmc = probe("7f 9d 46 7f 9d 46 7f 9d");
    expect(identify(pmc, { part: described.value })).toMatchObject({ kind: "found" });
    expect(identify({ ...pmc, sfdp: sfdpBytes("mx25l6436e") })).toMatchObject({ kind: "found" });
    for (const part of CATALOG) {
      const id = new Uint8Array(8);
      id.set([...part.jedecId, ...(part.extendedId ?? [])]);
      const found = identify({ idA: id, idB: id });
      if (found.kind === "unknown") expect(found.cause).not.toBe("other-device");
    }
  });

  it("an undriven or stuck line is not a device", () => {
    for (const byte of ["ff", "00", "7f", "0d"]) {
      expect(identify(probe(byte.repeat(8)))).toMatchObject({ kind: "missing" });
    }
    const [idA, idB] = [probe("00efaa2100000000").idA, probe("00efba2100000000").idA];
    expect(identify({ idA, idB })).toEqual({ kind: "missing", pattern: "two reads differ: 00efaa and 00efba" });
  });
});

describe("parts that only the tables have", () => {
  it.each([
    ["C40: PM25LQ032", "7f 9d 46 7f 9d 46 7f 9d", /which part it is: pm25lq032/, "by-name", "PM25LQ032"],
    ["C40: A25L16PU", "7f 37 20 15 7f 37 20 15", /which part it is: A25L16PU$/, "by-name", "A25L16PU"],
    ["EN25Q16", "1c 30 15 00 ff ff ff ff", /EN25Q16/, "by-name", "EN25Q16"],
  ] as const)("%s has to be specified by its name", (_, id, reason, cause, name) => {
    const found = identify(probe(id));
    expect(found).toMatchObject({ kind: "unknown", cause, reason: expect.stringMatching(reason) as string });
    expect(identify(probe(id), { chip: name })).toMatchObject({ kind: "found" });
  });

  it.each([
    ["W25Q256FW", "ef 60 19 00 00 00 00 00"],
    // Under another ID a source describes it.
    ["w25q256jw", "ef 70 19 00 00 00 00 00"],
  ])("the SFDP area of the chip specifies what the tables leave open of %s", (chip, id) => {
    const sfdp = sfdpBytes("w25q256fv");
    expect(identify(probe(id), { chip })).toMatchObject({ kind: "unknown", cause: "mismatch" });
    expect(identify(probe(id, { sfdp }), { chip })).toMatchObject({
      kind: "found",
      descriptor: { addressBytes: 4, geometry: { capacityBytes: 2 ** 25 } },
    });
    expect(identify(probe("ef 70 18 00 00 00 00 00", { sfdp }), { chip })).toMatchObject({ kind: "unknown" });
  });

  it("C17: a part that cannot be used by name either says why", () => {
    const sst = probe("bf 25 41 bf 25 41 bf 25");
    const reason = "it programs one byte with each command, not a page (ID of SST25VF016B)";
    expect(identify(sst)).toEqual({ kind: "unknown", jedecId: "bf2541", reason, cause: "byte-program" });
    expect(identify(sst, { chip: "SST25VF016B" })).toMatchObject({ kind: "unknown", cause: "byte-program" });
  });
});

describe("C18: an ID that arrives shifted", () => {
  it.each([
    [1, "one bit late"],
    [2, "2 bits late"],
    [7, "7 bits late"],
    [8, "one byte late"],
  ])("by %i bits", (late, words) => {
    for (const { jedecId } of CATALOG) {
      const name = Buffer.from(jedecId).toString("hex");
      const found = identify(probe(shifted(jedecId, late)));
      expect(found).toMatchObject({ kind: "unknown", cause: "misread" });
      if (found.kind === "unknown" && found.reason !== `it looks like ${name} read ${words}`) {
        // Two IDs of the catalogue can fit one reading, and either is a misread one.
        expect(found.reason).toMatch(/^it looks like [0-9a-f]{6} read/);
      }
    }
  });

  it("names the ID and the direction", () => {
    expect(identify(probe("f7 a0 0c 00 00 00 00 00"))).toMatchObject({
      reason: "it looks like ef4018 read one bit late",
    });
    expect(identify(probe("de 80 31 ff ff ff ff ff"))).toMatchObject({
      reason: "it looks like ef4018 read one bit early",
    });
    // Of the tables only.
    expect(identify(probe("38 40 22 ff ff ff ff ff"))).toMatchObject({
      reason: "it looks like 1c2011 read one bit early",
    });
    expect(identify(probe("ff ef 40 18 ff ff ff ff"))).toMatchObject({
      reason: "it looks like ef4018 read one byte late",
    });
  });

  it("is not looked for where an SFDP area arrived whole", () => {
    const found = identify(probe("f7 a0 0c 00 00 00 00 00", { sfdp: sfdpBytes("mx25l6436e") }));
    expect(found).toMatchObject({ kind: "found", jedecId: "f7a00c" });
  });
});
