/** Parts of several dies that a command selects: refused before anything is read of them, with what can be done. */
import { describe, expect, it } from "vitest";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import { parseChipFile } from "../../../drivers/chip-file.ts";
import type { Identification } from "../../../drivers/identification.ts";
import { identify } from "../../../drivers/identify.ts";
import { sfdpBytes } from "../sfdp/sfdp-dumps.ts";

function identified(id: string, options: Parameters<typeof identify>[1] = {}): Identification {
  const idA = Uint8Array.from(Buffer.from(id.padEnd(16, "0"), "hex"));
  return identify({ idA, idB: idA, sfdp: sfdpBytes("w25q128jv") }, options);
}

describe("a part of several dies", () => {
  it.each([
    ["ef7119", "W25M512JV", undefined],
    ["ef7119", "W25M512JV", "w25m512jv"],
    ["ef6119", "W25M512JW", undefined],
    ["ef8e18", "W77T12NW", undefined],
    ["ef8a18", "W77Q12NW", "W77Q12NW"],
  ])("%s, %s, specified: %s", (id, name, chip) => {
    const found = identified(id, { chip });
    expect(found).toMatchObject({ kind: "unknown", jedecId: id, cause: "stacked-dies" });
    expect(found).toHaveProperty(
      "reason",
      expect.stringMatching(new RegExp(`^${name} has this ID: it has several dies`)),
    );
    expect(descriptorByName(name)).toBeUndefined();
  });

  it("that shares its ID with one that has a single die: the name settles it", () => {
    expect(identified("ef8a18")).toMatchObject({ kind: "ambiguous", names: ["W77Q128JW", "W77Q12NW"] });
    expect(identified("ef8a18", { chip: "W77Q128JW" })).toMatchObject({ kind: "found" });
  });

  it("can be described as its first die", () => {
    const times = { typicalMs: 45, maximumMs: 400 };
    const parsed = parseChipFile(
      JSON.stringify({
        ...{ name: "W25M512JV-die-0", jedecId: "ef7119", capacityBytes: 2 ** 25, program: times },
        ...{ erase: [{ opcode: "0x21", sizeBytes: 4096, ...times }], chipErase: { opcode: "0xc7", ...times } },
      }),
    );
    if (!parsed.ok) throw new Error(parsed.reason);
    const found = identified("ef7119", { part: parsed.value });
    expect(found).toMatchObject({ kind: "found", descriptor: { geometry: { capacityBytes: 2 ** 25 } } });
  });
});
