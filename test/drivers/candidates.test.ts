/** What is used of a chip whose ID several parts have: what they share, or nothing; and every erase that has to show itself. */
import { describe, expect, it } from "vitest";
import { allKnownParts } from "../../drivers/catalog/known-parts.ts";
import { settled } from "../../drivers/catalog/part-values.ts";
import { siblingsOf } from "../../drivers/catalog/siblings.ts";
import type { ChipProbe, Identification, IdentifyOptions } from "../../drivers/identification.ts";
import { identify } from "../../drivers/identify.ts";
import { sfdpBytes } from "./sfdp/sfdp-dumps.ts";

function probe(id: string, more: Partial<ChipProbe> = {}): ChipProbe {
  const idA = new Uint8Array(8);
  idA.set(Buffer.from(id, "hex"));
  return { idA, idB: idA, ...more };
}

/** Opcode, address bytes, KiB of a block and the most that it could destroy, a line for each erase; or what there is instead. */
function erases(found: Identification): unknown {
  if (found.kind !== "found" || found.descriptor.family !== "at25") return found.kind;
  const { eraseCommands, geometry } = found.descriptor;
  return eraseCommands.map(({ opcode, addressBytes, unitName, unprovedBytes }) => {
    const unit = geometry.eraseUnits.find(({ name }) => name === unitName);
    const bytes = Math.max(...(unit?.regions ?? []).map(({ unitBytes }) => unitBytes));
    const most = unprovedBytes === undefined ? "" : `, at most ${unprovedBytes / 1024}`;
    return `${opcode.toString(16)} ${addressBytes}: ${bytes / 1024}${most}`;
  });
}

const judged = (id: string, more: Partial<ChipProbe> = {}, options: IdentifyOptions = {}): Identification =>
  identify(probe(id, more), options);

describe("MX25L3205A has the ID of MX25L3233F and erases 64 KiB with 20h", () => {
  it("no SFDP area: D8h alone is used, and the user hears why", () => {
    const found = judged("c22016");
    expect(erases(found)).toEqual(["d8 3: 64, at most 64", "c7 0: 4096"]);
    expect(found).toMatchObject({
      doubts: [
        "MX25L3233F should have an SFDP area, but none was found",
        expect.stringMatching(/^it may be MX25L3205, MX25L3205A.*commands that differ are not used \(20h with 4 KiB/),
      ],
    });
  });

  it("the area of an MX25L3233F: all of it, and nothing to prove", () => {
    const found = judged("c22016", { sfdp: sfdpBytes("mx25l3233f") });
    expect(erases(found)).toEqual(["20 3: 4", "52 3: 32", "d8 3: 64", "c7 0: 4096"]);
    expect(found).not.toHaveProperty("doubts");
  });

  it("a name settles it, and its erases still show their size", () => {
    expect(erases(judged("c22016", {}, { chip: "MX25L3205A" }))).toEqual(["20 3: 64, at most 64", "c7 0: 4096"]);
    expect(erases(judged("c22016", {}, { chip: "MX25L3233F" }))).toEqual([
      "20 3: 4, at most 64",
      "52 3: 32, at most 64",
      "d8 3: 64, at most 64",
      "c7 0: 4096",
    ]);
    // What the chip reports of itself has to fit the name.
    expect(judged("c22016", { sfdp: sfdpBytes("mx25l3233f") }, { chip: "MX25L3205A" })).toEqual({
      kind: "unknown",
      jedecId: "c22016",
      reason: "its SFDP area lists 20h with 4 KiB, MX25L3205A has 64 KiB",
      cause: "mismatch",
    });
  });
});

describe("C37: MX25L12805D has the ID of MX25L12833F, and no 52h", () => {
  it("no SFDP area: what all of them have is used", () => {
    const found = judged("c22018");
    expect(erases(found)).toEqual(["20 3: 4, at most 4", "d8 3: 64, at most 64", "c7 0: 16384"]);
    expect(found).toMatchObject({
      doubts: [
        "MX25L12833F should have an SFDP area, but none was found",
        expect.stringMatching(/commands that differ are not used \(52h with 32 KiB or, on MX25L12805D, none\)$/),
      ],
    });
  });

  it("that no table lists the erase of a page says nothing", () => {
    expect(erases(judged("1f4200"))).toContainEqual(expect.stringMatching(/^81 3/));
  });
});

describe("W25Q256FV has the ID of W25Q256JV, and no program with four address bytes", () => {
  const mode = { enter: [[0x06], [0xb7], [0x04]] };
  const sure = ["20 4: 4", "52 4: 32", "d8 4: 64", "c7 0: 32768"];
  const unsure = ["20 4: 4, at most 4", "52 4: 32, at most 32", "d8 4: 64, at most 64", "c7 0: 32768"];

  it.each([
    [
      "its own area",
      { sfdp: sfdpBytes("w25q256fv") },
      /^its SFDP area lists no commands with four address bytes/,
      sure,
    ],
    ["no area", {}, /^W25Q256JV should have an SFDP area/, unsure],
  ])("%s: the mode of four address bytes", (_, more, doubt, commands) => {
    const found = judged("ef4019", more);
    expect(found).toMatchObject({ kind: "found", descriptor: { addressBytes: 4, fourByteMode: mode } });
    expect(erases(found)).toEqual(commands);
    expect(found.kind === "found" && found.doubts?.[0]).toMatch(doubt);
  });

  it("named: as it is", () => {
    expect(judged("ef4019", {}, { chip: "W25Q256FV" })).toMatchObject({ descriptor: { fourByteMode: mode } });
    const named = judged("ef4019", {}, { chip: "W25Q256JV" });
    expect(named).toMatchObject({ descriptor: { addressBytes: 4 } });
    expect(named.kind === "found" && named.descriptor).not.toHaveProperty("fourByteMode");
  });
});

describe("parts above 16 MiB whose area lists no commands with four address bytes", () => {
  it.each([
    ["c22019", "mx25l25635e"],
    ["c22019", "mx25l25635f"],
    ["20ba19", "n25q256a"],
  ])("%s, %s: the mode that all parts with the ID have", (id, dump) => {
    const found = judged(id, { sfdp: sfdpBytes(dump) });
    expect(found).toMatchObject({
      kind: "found",
      descriptor: { addressBytes: 4, geometry: { capacityBytes: 2 ** 25 } },
    });
    expect(found.kind === "found" && found.descriptor).toHaveProperty("fourByteMode.leave");
  });
});

describe("an area that comes one byte late", () => {
  it("is a chip in its 4-byte mode, and nothing is done to it", () => {
    const area = sfdpBytes("w25q128jv");
    const late = new Uint8Array(area.length + 1).fill(0xff);
    late.set(area, 1);
    const reason =
      "its SFDP area arrives one byte late: it is in 4-byte address mode; disconnect its supply to end that";
    for (const options of [{}, { chip: "W25Q128JV" }]) {
      expect(judged("ef4018", { sfdp: late }, options)).toEqual({
        kind: "unknown",
        jedecId: "ef4018",
        reason,
        cause: "mismatch",
      });
    }
  });
});

describe("an area that fits no part with its ID", () => {
  it("what no source contradicts is used; if that is nothing, each erase has to show its size", () => {
    const area = sfdpBytes("mx25l3233f").slice();
    const table = area[12]! | (area[13]! << 8);
    // 20h: 8 KiB.
    area[table + 28] = 13;
    const found = judged("c22016", { sfdp: area });
    expect(found.kind === "found" && found.doubts?.[0]).toMatch(
      /^its SFDP area contradicts all parts with its ID, .*; commands that differ are not used$/,
    );
    expect(erases(found)).toEqual(["d8 3: 64, at most 64", "c7 0: 4096"]);
  });
});

describe("every ID of the tables, without an SFDP area", () => {
  const ids = new Set([...allKnownParts()].filter(({ idKind }) => idKind === "rdid").map(({ id }) => Buffer.from(id)));
  const hexes = [...new Set([...ids].map((id) => id.toString("hex")))];

  it("no erase is left that another part with the ID does otherwise", () => {
    const counts = { found: 0, ambiguous: 0, unknown: 0, missing: 0, "size-conflict": 0 };
    for (const id of hexes) {
      const found = judged(id);
      counts[found.kind]++;
      if (found.kind !== "found" || found.descriptor.family !== "at25") continue;
      const { parts } = siblingsOf(probe(id).idA);
      const { eraseCommands, geometry } = found.descriptor;
      for (const { opcode, addressBytes, unitName, unprovedBytes = 0 } of eraseCommands) {
        if (addressBytes === 0) continue;
        const unit = geometry.eraseUnits.find(({ name }) => name === unitName);
        const bytes = Math.max(...(unit?.regions ?? []).map(({ unitBytes }) => unitBytes));
        const sizes = parts.flatMap(({ erases: lists }) =>
          settled(lists).flatMap((list) => list.filter((erase) => erase.opcode === opcode)),
        );
        const odd = parts.filter(({ erases: lists }) => {
          const theirs = settled(lists).flatMap((list) => list.filter((erase) => erase.opcode === opcode));
          return theirs.length > 0 && !theirs.some(({ largestBytes }) => largestBytes === bytes);
        });
        expect(
          odd.map(({ name }) => name),
          `${id} ${opcode.toString(16)}`,
        ).toEqual([]);
        expect(unprovedBytes).toBeGreaterThanOrEqual(Math.max(bytes, ...sizes.map(({ largestBytes }) => largestBytes)));
      }
      if (geometry.capacityBytes > 2 ** 24) expect(found.descriptor.addressBytes, id).toBe(4);
    }
    expect(counts.found).toBeGreaterThan(30);
    process.stdout.write(`IDs without an SFDP area: ${JSON.stringify(counts)}\n`);
  });
});
