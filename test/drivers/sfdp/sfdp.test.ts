/** Descriptors from SFDP areas dumped from real chips, and from the same areas cut and damaged. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBasicTable } from "../../../drivers/sfdp/basic-table.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "../../../drivers/sfdp/sfdp-descriptor.ts";
import { findBasicTable, type Parsed, parseSfdpTables, tableDwords } from "../../../drivers/sfdp/sfdp-area.ts";
import { SFDP_DUMPS, type SfdpDump, sfdpBytes } from "./sfdp-dumps.ts";

const PART = unnamedSfdpPart([0xef, 0x40, 0x18]);

function dwordsOf(dump: SfdpDump): readonly number[] {
  const bytes = Uint8Array.from(Buffer.from(dump.hex, "hex"));
  if (dump.scope === "bfpt-only") return little(bytes);
  const tables = value(parseSfdpTables(bytes));
  return value(tableDwords(bytes, value(findBasicTable(tables))));
}

function little(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index, true));
}

function value<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

describe.each(SFDP_DUMPS)("real area of %s", (_, dump) => {
  test("lists its tables", () => {
    const { headers } = dump.expect;
    if (headers === undefined) return;
    const tables = value(parseSfdpTables(Uint8Array.from(Buffer.from(dump.hex, "hex"))));
    expect(tables.map((table) => [table.id, table.lengthDwords, table.pointer])).toEqual(
      headers.map((header) => [Number(header.id), header.dwords, Number(header.pointer)]),
    );
  });

  test("has the sizes, opcodes and times it should", () => {
    const { bfpt } = dump.expect;
    const table = value(parseBasicTable(dwordsOf(dump)));
    expect(table.capacityBytes).toBe(bfpt.sizeBytes);
    expect(table.addressBytes.replaceAll(" ", "-")).toBe(bfpt.addressBytes);
    expect(
      table.eraseTypes.map((type) => [type.type, type.sizeBytes, type.opcode, type.typicalMs, type.maximumMs]),
    ).toEqual(bfpt.eraseTypes.map((type) => [type.type, type.sizeBytes, Number(type.opcode), type.typMs, type.maxMs]));
    expect(table.program?.pageBytes ?? 256).toBe(bfpt.pageSize);
    expect(table.program?.typicalUs).toBe(bfpt.pageProgramTypUs);
    expect(table.program?.maximumUs).toBe(bfpt.pageProgramMaxUs);
    expect(table.program?.chipEraseTypicalMs).toBe(bfpt.chipEraseTypMs);
  });
});

describe("a descriptor from an area", () => {
  test("of W25Q128JV", () => {
    const { geometry, eraseCommands } = value(descriptorFromSfdp(sfdpBytes("w25q128jv"), PART));
    expect(geometry.capacityBytes).toBe(0x1000000);
    expect(eraseCommands.map((command) => [command.unitName, command.opcode])).toEqual([
      ["4 KiB sector", 0x20],
      ["32 KiB block", 0x52],
      ["64 KiB block", 0xd8],
      ["chip", 0xc7],
    ]);
    expect(geometry.eraseUnits.map((unit) => unit.regions[0]!.typicalUs / 1000)).toEqual([64, 128, 160, 40_000]);
    expect([geometry.programTypicalUs, geometry.programMaximumUs]).toEqual([704, 4_224]);
  });

  test("of 9 dwords gets slow limits", () => {
    const { geometry } = value(descriptorFromSfdp(sfdpBytes("mx25l6436e"), PART));
    expect(geometry.eraseUnits.map((unit) => unit.regions[0]!.maximumUs / 1000)).toEqual([
      1_000, 4_000, 8_000, 1_024_000,
    ]);
    expect([geometry.pageBytes, geometry.programMaximumUs]).toEqual([256, 10_000]);
  });

  test.each([
    ["mx66l1g45g", ["21 4 4096x32768", "5c 4 32768x4096", "dc 4 65536x2048", "c7 0 134217728x1"]],
    ["sst26vf064b", ["20 3 4096x2048", "d8 3 8192x4 32768x1 65536x126 32768x1 8192x4", "c7 0 8388608x1"]],
  ])("of %s: four address bytes, sector map", (name, commands) => {
    const { geometry, eraseCommands, addressBytes } = value(descriptorFromSfdp(sfdpBytes(name), PART));
    expect(addressBytes).toBe(geometry.capacityBytes > 0x1000000 ? 4 : 3);
    expect(
      eraseCommands.map(({ opcode, addressBytes: bytes }, index) => {
        const { regions } = geometry.eraseUnits[index]!;
        return `${opcode.toString(16)} ${bytes} ${regions.map(({ unitBytes, count }) => `${unitBytes}x${count}`).join(" ")}`;
      }),
    ).toEqual(commands);
  });

  test("of is25wp256: no command with four address bytes is listed, but dword 16 promises them", () => {
    const { eraseCommands, addressBytes } = value(descriptorFromSfdp(sfdpBytes("is25wp256"), PART));
    expect([addressBytes, ...eraseCommands.map(({ opcode }) => opcode)]).toEqual([4, 0x21, 0x5c, 0xdc, 0xc7]);
    expect(eraseCommands.map(({ unprovedBytes }) => unprovedBytes)).toEqual([4096, 32_768, 65_536, undefined]);
  });

  test.each(["w25q256fv", "mx25l25635e", "mx25l25635f", "n25q256a"])("of %s is refused without its ID", (name) => {
    const reason =
      "the chip has 32 MiB, but three address bytes address only 16 MiB, and it lists no commands with four";
    expect(descriptorFromSfdp(sfdpBytes(name), PART)).toEqual({ ok: false, reason });
    const { fourByteMode } = value(descriptorFromSfdp(sfdpBytes(name), PART, { hasFourByteMode: true }));
    expect(fourByteMode?.enter).toEqual([[0x06], [0xb7], [0x04]]);
  });

  test.each<[string, string, number, (header: Uint8Array) => void, RegExp]>([
    ["a sector map cut off", "sst26vf064b", 0xff81, (header) => void (header[3] = 3), /sector map ends within/],
  ])("%s is refused", (_, name, id, change, reason) => {
    const area = sfdpBytes(name).slice();
    change(area.subarray(headerAt(area, id)));
    const parsed = descriptorFromSfdp(area, PART);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
  });
});

/** Where the header of a table stands. */
function headerAt(area: Uint8Array, id: number): number {
  const index = value(parseSfdpTables(area)).findIndex((table) => table.id === id);
  expect(index).toBeGreaterThanOrEqual(0);
  return 8 + 8 * index;
}

describe("a damaged area is refused with a reason and never read by half", () => {
  const sound = sfdpBytes("w25q128jv");

  function changed(change: (area: Uint8Array) => void): Parsed<unknown> {
    const area = sound.slice();
    change(area);
    return descriptorFromSfdp(area, PART);
  }

  test("cut at every length", () => {
    for (let length = 0; length < sound.length; length += 1) {
      const parsed = descriptorFromSfdp(sound.subarray(0, length), PART);
      expect(parsed.ok, `${length} bytes`).toBe(false);
    }
  });

  test.each<[string, (area: Uint8Array) => void, RegExp]>([
    ["signature flipped", (area) => void (area[0] = 0x52), /SFDP signature is missing/],
    ["all FF", (area) => void area.fill(0xff), /SFDP signature is missing/],
    ["all 00", (area) => void area.fill(0x00), /SFDP signature is missing/],
    ["revision 2", (area) => void (area[5] = 2), /revision 2\.\d+ is not supported/],
    ["256 headers", (area) => void (area[6] = 255), /declares 256 parameter headers/],
    ["pointer past the end", (area) => void (area[14] = 0x10), /only 192 bytes were read/],
    ["no dwords", (area) => void (area[11] = 0), /has 0 dwords/],
    ["no basic table", (area) => void (area[8] = 0x01), /lists no basic/],
    ["density 1 bit", (area) => void area.fill(0, 0x84, 0x88), /density/],
    ["density 2^(2^31-1)", (area) => void area.fill(0xff, 0x84, 0x88), /density/],
    ["no erase types", (area) => void area.fill(0, 0x9c, 0xa4), /no erase command/],
    ["reserved address width", (area) => void (area[0x82] = 0xff), /reserved value/],
    ["four address bytes only", (area) => void (area[0x82] = (area[0x82]! & 0xf9) | 0x04), /only four address bytes/],
  ])("%s", (_, change, reason) => {
    const parsed = changed(change);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) expect(parsed.reason).toMatch(reason);
  });

  test("more dwords than the revision has do not count", () => {
    const named = changed((area) => void (area[11] = 255));
    expect(named).toEqual(descriptorFromSfdp(sound, PART));
    // Revision 1.0 has nine: no times.
    const old = changed((area) => void (area[9] = 0));
    expect(old).toMatchObject({ value: { geometry: { programMaximumUs: 10_000, pageBytes: 256 } } });
  });

  test("any flipped bytes give a refusal or a geometry that tiles", () => {
    const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(flips, (changes) => {
        const area = sound.slice();
        for (const [at, byte] of changes) area[at] = byte;
        const parsed = descriptorFromSfdp(area, PART);
        if (!parsed.ok) return;
        const { geometry } = parsed.value;
        expect(geometry.pageBytes).toBeGreaterThan(0);
        for (const unit of geometry.eraseUnits) {
          let end = 0;
          for (const region of unit.regions) {
            expect(region.address).toBe(end);
            end += region.unitBytes * region.count;
            expect(region.typicalUs).toBeGreaterThan(0);
            expect(region.maximumUs).toBeGreaterThan(region.typicalUs);
          }
          expect(end).toBe(geometry.capacityBytes);
        }
      }),
    );
  });
});
