/** Protection maps against tables of every value of the bits, computed elsewhere by the rules of flashrom and Linux. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { coveredRange } from "../../../drivers/at25/protection/bp-map.ts";
import type { At25Protection, BpMap, RegisterBit, StatusName } from "../../../drivers/chip-descriptor.ts";
import { allKnownParts } from "../../../drivers/catalog/known-parts.ts";
import type { KnownPart } from "../../../drivers/catalog/part-line.ts";
import { CORRECTED_SCHEMES, protectionById, protectionOf } from "../../../drivers/catalog/part-protection.ts";
import { protectionScheme, protectionSchemeNames } from "../../../drivers/catalog/protection-schemes.ts";
import { siblingsOf } from "../../../drivers/catalog/siblings.ts";

/** Ranges by rule, names of the bits, and capacity: for every value of the bits, first bit lowest. */
const TABLES: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync("test/golden/catalog/protection-ranges.txt", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [rule = "", bits = "", capacity = "", ranges = ""] = line.split("|");
      return [`${rule}|${bits}|${capacity}`, ranges.split(" ")];
    }),
);

/** Names of the rules in the tables. */
const RULE_NAMES = {
  blocks: "spi25",
  "blocks-64k": "spi25_64k_block",
  "bit-cmp": "spi25_bit_cmp",
  "two-blocks": "spi25_2x_block",
  sixteenth: "spi25_bp3_to_1_16",
  linux: "linux-sr",
} as const;

function placesOf({ bp, tb, sec, cmp }: BpMap): readonly (readonly [string, RegisterBit])[] {
  const named = [
    ...bp.map((place, index) => [`bp${index}`, place] as const),
    ["tb", tb] as const,
    ["sec", sec] as const,
    ["cmp", cmp] as const,
  ];
  return named.flatMap(([name, place]) => (place === undefined ? [] : [[name, place] as const]));
}

function tableOf(map: BpMap, capacityBytes: number): readonly string[] | undefined {
  const names = placesOf(map).map(([name]) => name);
  const sector = map.sectorBytes === undefined ? "" : `,sector ${map.sectorBytes}`;
  const turns = names.filter((name) => !name.startsWith("bp")).map((name) => `+${name}`);
  const key = `${RULE_NAMES[map.rule]},bp${map.bp.length}${turns.join("")}${sector}`;
  return TABLES.get(`${key}|${names.join()}|${capacityBytes}`);
}

/** The registers with a value of the bits in the order of the table. */
function registersOf(map: BpMap, value: number): (name: StatusName) => number {
  const places = placesOf(map).map(([, place]) => place);
  return (name) =>
    places.reduce(
      (sum, { register, bit }, index) => sum + (register === name && (value & (1 << index)) !== 0 ? 1 << bit : 0),
      0,
    );
}

function rangesOf(map: BpMap, capacityBytes: number): string[] {
  return Array.from({ length: 2 ** placesOf(map).length }, (_, value) => {
    const range = coveredRange(map, capacityBytes, registersOf(map, value));
    return `${range?.address ?? 0}+${range?.lengthBytes ?? 0}`;
  });
}

const SCHEMES = protectionSchemeNames().flatMap((name) => {
  const { bits, rule } = protectionScheme(name);
  return rule === undefined ? [] : [{ name, map: { ...bits, rule } }];
});

/** Its parts have no size in any source. */
const NO_TABLE = "P31";

describe("protection schemes", () => {
  it("the one without a table has the bits of P05, and covers the same", () => {
    const [p05, p31] = ["P05", NO_TABLE].map((wanted) => SCHEMES.find(({ name }) => name === wanted)?.map);
    if (p05 === undefined || p31 === undefined) throw new Error("a scheme is missing");
    for (const size of [64 << 20, 128 << 20, 256 << 20]) expect(rangesOf(p31, size)).toEqual(rangesOf(p05, size));
  });

  it.each(SCHEMES.filter(({ name }) => name !== NO_TABLE))(
    "$name covers what the table says, for every size that it has",
    ({ map }) => {
      const sizes = Array.from({ length: 14 }, (_, index) => 65_536 * 2 ** index);
      const found = sizes.filter((size) => tableOf(map, size) !== undefined);
      expect(found.length).toBeGreaterThan(0);
      for (const size of found) expect(rangesOf(map, size), String(size)).toEqual(tableOf(map, size));
    },
  );

  it("every scheme of a part is known", () => {
    const names = new Set([...allKnownParts()].flatMap((part) => schemeNames(part)));
    expect([...names].filter((name) => !protectionSchemeNames().includes(name))).toEqual([]);
    expect(() => protectionScheme("P99")).toThrow("no protection scheme");
  });
});

describe("the protection of a part", () => {
  const believed = (part: KnownPart): string[] => schemeNames(part).filter((name) => name !== "P32" && name !== "P33");
  const described = [...allKnownParts()].flatMap((part) => {
    const [capacity] = part.capacityBytes;
    return capacity === undefined || believed(part).length === 0 ? [] : [{ part, capacityBytes: capacity.value }];
  });

  it("covers what each of its sources says, for every value of the bits, or counts any bit as the whole chip", () => {
    expect(described.length).toBeGreaterThan(250);
    const wrong = described.flatMap(({ part, capacityBytes }) => {
      const protection = protectionOf([part], capacityBytes);
      if (protection.scheme === "bp-mask") return protection.mask === 0 ? [part.name] : [];
      const map = mapOf(protection);
      return believed(part)
        .map((name) => protectionScheme(name))
        .filter(({ bits, rule }) => rule === undefined || !isSame({ ...bits, rule }, map, capacityBytes))
        .map(({ name }) => `${part.name} ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it("has a map where sources agree", () => {
    const mapped = described.filter(
      ({ part, capacityBytes }) => protectionOf([part], capacityBytes).scheme === "bp-sec-tb-cmp",
    );
    expect(described.length - mapped.length).toBeLessThan(60);
  });

  it("of siblings with different bits: any of them is the whole chip", () => {
    const { parts } = siblingsOf([0xc2, 0x20, 0x16]);
    expect(protectionOf(parts, 4 << 20)).toEqual({ scheme: "bp-mask", mask: 0x3c });
    expect(protectionOf(siblingsOf([0xc8, 0x60, 0x19]).parts, 32 << 20)).toMatchObject({
      scheme: "bp-mask",
      mask: 0x7c,
    });
  });

  it("of a Winbond above 16 MiB: four BP bits, TB in bit 6", () => {
    const map = mapOf(protectionOf(siblingsOf([0xef, 0x40, 0x19]).parts, 32 << 20));
    expect(map.bp.map(({ bit }) => bit)).toEqual([2, 3, 4, 5]);
    expect(map.tb).toEqual({ register: "SR1", bit: 6 });
    expect(map.sec).toBeUndefined();
  });

  it("of S25FL128L: four BP bits and TB in bit 6, as of S25FL256L", () => {
    const [small, large] = [0x18, 0x19].map((code) =>
      mapOf(protectionOf(siblingsOf([0x01, 0x60, code]).parts, 16 << 20)),
    );
    expect(small).toEqual(large);
    expect(small?.bp.map(({ bit }) => bit)).toEqual([2, 3, 4, 5]);
  });

  it("of a chip that only its SFDP area describes: that of the parts with its ID, CMP included, or none", () => {
    const protection = protectionById(siblingsOf([0xef, 0x60, 0x17]).parts, 8 << 20);
    expect(protection === undefined ? undefined : mapOf(protection).cmp).toEqual({ register: "SR2", bit: 6 });
    expect(protectionById([], 8 << 20)).toBeUndefined();
  });

  it("of a part without a description: bits 6..2", () => {
    expect(protectionOf([], 1 << 20)).toEqual({ scheme: "bp-mask", mask: 0x7c });
  });
});

function schemeNames({ name, others }: KnownPart): string[] {
  return (others.get("bp") ?? []).map(({ value }) => CORRECTED_SCHEMES.get(name) ?? value);
}

function mapOf(protection: At25Protection): BpMap {
  if (protection.scheme !== "bp-sec-tb-cmp" || protection.map === undefined) throw new Error("it has no map");
  return protection.map;
}

/** Whether `map` covers the same as `source` for every value of the bits of `source`. */
function isSame(source: BpMap, map: BpMap, capacityBytes: number): boolean {
  return Array.from({ length: 2 ** placesOf(source).length }, (_, value) => registersOf(source, value)).every(
    (read) => {
      const [one, other] = [coveredRange(source, capacityBytes, read), coveredRange(map, capacityBytes, read)];
      return one?.address === other?.address && one?.lengthBytes === other?.lengthBytes;
    },
  );
}
