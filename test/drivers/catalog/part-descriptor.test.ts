/** Descriptors made of the tables: every part either has one that holds together, or a reason. */
import { describe, expect, it } from "vitest";
import { allChipNames, descriptorByName, refusalByName } from "../../../drivers/catalog/catalog.ts";
import { CATALOG } from "../../../drivers/catalog/whole-catalog.ts";
import { allKnownParts, knownPartsNamed } from "../../../drivers/catalog/known-parts.ts";
import { describePart } from "../../../drivers/catalog/part-descriptor.ts";
import { parsePartLine } from "../../../drivers/catalog/part-line.ts";
import { createDriver } from "../../../drivers/create-driver.ts";
import type { At25Descriptor, ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import { identify } from "../../../drivers/identify.ts";
import { hex } from "../../../drivers/jedec-id.ts";

const LIMITS = { maxSendBytes: 300, maxReceiveBytes: 4096 };
const ALL = [...allKnownParts()].map((part) => ({ part, driving: describePart(part) }));

function at25(name: string): At25Descriptor {
  const part: ChipDescriptor | undefined = descriptorByName(name);
  if (part?.family !== "at25") throw new Error(`${name} is no part with AT25 commands`);
  return part;
}

function erases(name: string): string[] {
  return at25(name).eraseCommands.map(
    ({ opcode, unitName, addressBytes }) => `${opcode.toString(16)} ${unitName} ${addressBytes}`,
  );
}

describe("parts of the tables", () => {
  it("most of them can be operated by name, and the others have a reason", () => {
    const reasons = new Map<string, number>();
    for (const { driving } of ALL) {
      const reason = driving.ok ? "can be operated" : driving.reason;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
      {
        "can be operated": 854,
        "it has no ID": 20,
        "it has several dies that command C2h selects, and norbridge does not select dies": 4,
        "it is a DataFlash with commands of its own": 19,
        "it is not flash: writing needs no erase": 18,
        "it is read-only memory": 5,
        "it programs one byte with each command, not a page": 12,
        "it returns its ID for command 15h only": 6,
        "it returns its ID for command 83h only": 1,
        "it returns its ID for command 90h only": 9,
        "it returns its ID for command ABh only": 18,
        "its sources agree on no erase command": 2,
        "no source has its size": 9,
        "only its SFDP area can specify how it takes addresses above 16 MiB": 69,
      }
    `);
  });

  it("erase units tile the chip, smallest blocks first, and every unit has its command", () => {
    for (const { part, driving } of ALL) {
      if (!driving.ok) continue;
      const { geometry, eraseCommands, addressBytes, fourByteMode } = driving.descriptor;
      let before = 0;
      for (const { name, regions } of geometry.eraseUnits) {
        let end = 0;
        for (const { address, unitBytes, count } of regions) {
          expect(address, part.name).toBe(end);
          end += unitBytes * count;
        }
        expect(end, `${part.name} ${name}`).toBe(geometry.capacityBytes);
        const largest = Math.max(...regions.map(({ unitBytes }) => unitBytes));
        expect(largest, `${part.name} ${name}`).toBeGreaterThan(before);
        before = largest;
      }
      expect(eraseCommands.map(({ unitName }) => unitName)).toEqual(geometry.eraseUnits.map(({ name }) => name));
      expect(addressBytes, part.name).toBe(geometry.capacityBytes > 16 << 20 ? 4 : 3);
      if (fourByteMode !== undefined) expect(addressBytes).toBe(4);
      expect(() => createDriver(driving.descriptor, LIMITS)).not.toThrow();
    }
  });

  it("a name is found in any case, with the ID of the chip if it has several", () => {
    expect(hex(at25("w25q128fv").jedecId)).toBe("ef4018");
    expect(hex(descriptorByName("W25Q128FV", { jedecId: [0xef, 0x60, 0x18] })?.jedecId ?? [])).toBe("ef6018");
    expect(at25("MX25L3205A").vendor).toBe("Macronix");
    expect(descriptorByName("W25Q999")).toBeUndefined();
    expect(descriptorByName("M25P16", { pageBytes: 512 })).toBeUndefined();
  });

  it("a dot of a name stands for a letter", () => {
    expect(at25("W25Q128BV").name).toBe("W25Q128.V");
    expect(descriptorByName("W25Q128.VX")).toBeUndefined();
    expect(knownPartsNamed("W25Q128|V")).toEqual([]);
  });

  it("a row of the catalogue comes before the tables", () => {
    for (const row of CATALOG) expect(descriptorByName(row.name)).toBe(row);
    expect(allChipNames().length).toBeGreaterThan(1000);
    expect(new Set(allChipNames().map((name) => name.toUpperCase())).size).toBe(allChipNames().length);
  });

  it("old siblings have the erase sizes of the part, not those of the ID", () => {
    expect(erases("MX25L3205A")).toEqual(["20 64 KiB block 3", "c7 chip 0"]);
    expect(erases("MX25L3205D")).toEqual(["20 4 KiB sector 3", "d8 64 KiB block 3", "c7 chip 0"]);
    expect(erases("EN25B20")).toEqual(["d8 4 to 64 KiB block 3", "c7 chip 0"]);
  });

  it("if no source describes the protection of a part, it is as the others with its ID", () => {
    const { protection, moreRegisters, blockLocks } = at25("W25Q128FV");
    expect(protection).toEqual(at25("W25Q128BV").protection);
    expect(protection).toMatchObject({ scheme: "bp-sec-tb-cmp", map: { cmp: { register: "SR2", bit: 6 } } });
    expect({ moreRegisters, blockLocks }).toMatchObject({ moreRegisters: ["SR3"], blockLocks: { readOpcode: 0x3d } });
    // The others have no map: any of the usual bits counts.
    expect(at25("pm25lq032").protection).toEqual({ scheme: "bp-mask", mask: 0x7c });
  });

  it("above 16 MiB: commands with four address bytes, or the mode", () => {
    expect(erases("W25Q256JV_Q")).toEqual(["21 4 KiB sector 4", "dc 64 KiB block 4", "c7 chip 0"]);
    expect(at25("W25Q256JV_Q").fourByteMode).toBeUndefined();
    for (const name of ["W25Q256FV", "MX25L25635E"]) {
      expect(erases(name)).toContain("d8 64 KiB block 4");
      expect(at25(name).fourByteMode?.enter).toContainEqual([0xb7]);
    }
    expect(refusalByName("IS25LP256D")?.reason).toContain("above 16 MiB");
  });

  it.each([
    ["SST25VF016B", "byte-program", "one byte with each command"],
    ["AT25F1024", "old-id", "15h"],
    ["m25p05-nonjedec", "old-id", "no ID"],
    ["AT45DB011B", "other-device", "DataFlash"],
    ["FM25V05", "other-device", "not flash"],
    ["MX23L3254", "other-device", "read-only"],
  ] as const)("%s is refused: %s", (name, cause, reason) => {
    expect(descriptorByName(name)).toBeUndefined();
    expect(refusalByName(name)).toMatchObject({ cause });
    expect(refusalByName(name)?.reason).toContain(reason);
  });

  it("a part that can be operated, or that is unknown, has no refusal", () => {
    expect(refusalByName("MX25L3205A")).toBeUndefined();
    expect(refusalByName("W25Q128JV")).toBeUndefined();
    expect(refusalByName("W25Q999")).toBeUndefined();
  });

  it.each([
    ["ef4018|X|Y|f|size 16M|erase D8=64K|prog page@f byte@f", "one byte"],
    ["ef4018|X|Y|fp|size 16M@f 8M@p|erase D8=64K", "do not agree on its size"],
    ["ef4018|X|Y|f|erase D8=64K", "no source has its size"],
    ["ef4018|X|Y|fp|size 16M|erase D8=64K@f D8=32K@p", "no erase command"],
    ["ef4018|X|Y|f|size 16M|erase D8=64K|erased 00", "not FF"],
    ["ef4018|X|Y|f|size 16M|erase D8=64K|address 2", "another form"],
  ])("sources that contradict each other describe nothing: %s", (line, reason) => {
    const driving = describePart(parsePartLine(line));
    expect(driving.ok ? "described" : driving.reason).toContain(reason);
  });
});

describe("a part that the user names", () => {
  const probe = (...id: number[]): { idA: Uint8Array; idB: Uint8Array } => {
    const bytes = Uint8Array.from([...id, 0, 0, 0, 0, 0]);
    return { idA: bytes, idB: bytes };
  };

  it("is found if the ID is its own", () => {
    const found = identify(probe(0xc2, 0x20, 0x16), { chip: "mx25l3205a" });
    expect(found).toMatchObject({ kind: "found", descriptor: { name: "MX25L3205A" } });
  });

  it("is refused with its reason if it cannot be operated", () => {
    expect(identify(probe(0xbf, 0x25, 0x41), { chip: "SST25VF016B" })).toMatchObject({
      kind: "unknown",
      cause: "byte-program",
    });
  });

  it("is refused if the chip has another ID", () => {
    expect(identify(probe(0xc2, 0x20, 0x17), { chip: "MX25L3205A" })).toMatchObject({
      kind: "unknown",
      reason: "MX25L3205A has the ID c22016, this chip c22017",
    });
  });
});
