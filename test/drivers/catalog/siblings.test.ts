/** What the parts of an ID share, held against the facts page of the tables, which computes it for itself. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  allKnownParts,
  knownPartNames,
  knownPartsNamed,
  knownPartsWithId,
} from "../../../drivers/catalog/known-parts.ts";
import { type IdKind, type KnownPart, parsePartLine, sizeText } from "../../../drivers/catalog/part-line.ts";
import { PART_SOURCES, ROW_SOURCE } from "../../../drivers/catalog/part-sources.ts";
import { CATALOG } from "../../../drivers/catalog/whole-catalog.ts";
import { largestEraseBytes, sharedBy, type SharedFacts, siblingsOf } from "../../../drivers/catalog/siblings.ts";
import { hex } from "../../../drivers/jedec-id.ts";

const MIB = 1024 * 1024;

/** One ID of test/golden/catalog/shared-by-id.txt. */
interface Expected {
  readonly key: string;
  readonly parts: readonly KnownPart[];
  readonly shared: SharedFacts;
  readonly want: Readonly<Record<"size" | "page" | "erase" | "chip" | "prog" | "fourByte" | "supply", string>>;
}

const EXPECTED: readonly Expected[] = readFileSync("test/golden/catalog/shared-by-id.txt", "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [key = "", size = "", page = "", erase = "", chip = "", prog = "", fourByte = "", supply = ""] =
      line.split("|");
    const colon = key.indexOf(":");
    const bytes = (key.slice(colon + 1).match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    const parts = colon < 0 ? siblingsOf(bytes).parts : knownPartsWithId(bytes, kindOf(key.slice(0, colon)));
    return { key, parts, shared: sharedBy(parts), want: { size, page, erase, chip, prog, fourByte, supply } };
  });

function kindOf(text: string): IdKind {
  const kind = (["rems", "res1", "res2", "at25f", "st95"] as const).find((known) => known === text);
  if (kind === undefined) throw new RangeError(`no kind of ID: ${text}`);
  return kind;
}

function sorted(values: readonly string[]): string {
  return values.toSorted().join(",") || "-";
}

/** All IDs that differ, in one message. */
function differing(of: (one: Expected) => { want: string; got: string } | undefined): string[] {
  return EXPECTED.flatMap((one) => {
    const pair = of(one);
    return pair === undefined || pair.want === pair.got ? [] : [`${one.key}: ${pair.got}, not ${pair.want}`];
  });
}

describe("what all parts of an ID share", () => {
  it("is known for the 618 IDs", () => {
    expect(EXPECTED).toHaveLength(618);
    expect(EXPECTED.filter(({ parts }) => parts.length === 0).map(({ key }) => key)).toEqual([]);
  });

  it("erases: opcodes and blocks", () => {
    expect(
      differing(({ shared, want }) => ({
        want: want.erase,
        got: sorted(
          shared.erases.map(({ opcode, layout }) => `${opcode.toString(16).padStart(2, "0").toUpperCase()}=${layout}`),
        ),
      })),
    ).toEqual([]);
  });

  it("capacity, page and how cells are programmed", () => {
    expect(
      differing(({ shared, want }) => ({
        want: [want.size, want.page, want.prog].join(),
        got: [
          shared.capacityBytes === undefined ? "-" : sizeText(shared.capacityBytes),
          shared.pageBytes ?? "-",
          shared.program ?? "-",
        ].join(),
      })),
    ).toEqual([]);
  });

  it("chip erase, if a complete list names one", () => {
    const isListed = ({ sources }: KnownPart): boolean => /[fp]/.test(sources);
    expect(
      differing(({ parts, shared, want }) =>
        parts.some(isListed) ? { want: want.chip, got: sorted(shared.chipErase) } : undefined,
      ),
    ).toEqual([]);
  });

  it("ways to address more than 16 MiB", () => {
    expect(
      differing(({ shared, want }) =>
        (shared.capacityBytes ?? 0) > 16 * MIB ? { want: want.fourByte, got: sorted(shared.fourByte) } : undefined,
      ),
    ).toEqual([]);
  });

  it("supply; hand-made rows may narrow it", () => {
    // The facts page names flashrom's 1.7 to 2.0 V for AT25SF128A as an error.
    const corrected = new Set(["1f8901"]);
    expect(
      differing(({ key, parts, shared, want }) => {
        if (corrected.has(key)) return undefined;
        const { supplyMv } = shared;
        const got = supplyMv === undefined ? "-" : `${supplyMv.minimum}-${supplyMv.maximum}`;
        if (!parts.some(({ sources }) => sources.includes(ROW_SOURCE))) return { want: want.supply, got };
        const [low = 0, high = Infinity] = want.supply === "-" ? [] : want.supply.split("-").map(Number);
        const isWithin = supplyMv === undefined || (supplyMv.minimum >= low && supplyMv.maximum <= high);
        return { want: `within ${want.supply}`, got: isWithin ? `within ${want.supply}` : got };
      }),
    ).toEqual([]);
  });
});

describe("parts of an ID", () => {
  const names = (response: readonly number[]): string[] => siblingsOf(response).parts.map(({ name }) => name);

  it("an old Macronix erases 64 KiB with the opcode that erases 4 KiB on a later one", () => {
    const { parts, shared } = siblingsOf([0xc2, 0x20, 0x16]);
    expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(["MX25L3205A", "MX25L3233F"]));
    expect(largestEraseBytes(parts, 0x20)).toBe(64 * 1024);
    expect(largestEraseBytes(parts, 0x99)).toBeUndefined();
    expect(shared.erases.map(({ opcode }) => opcode)).toEqual([0xd8]);
  });

  it("the largest of uneven blocks counts", () => {
    expect(largestEraseBytes(siblingsOf([0x1c, 0x20, 0x12]).parts, 0xd8)).toBe(64 * 1024);
  });

  it("bytes after the ID leave out what they contradict, and prefer what they name", () => {
    expect(names([0x7f, 0x37, 0x20, 0x21])).toEqual(["A25L10PT"]);
    expect(names([0x01, 0x20, 0x18, 0x4d, 0x00, 0x80])).toEqual(
      expect.arrayContaining(["s25fl128s0", "S25FL128S_UL Uniform 128 kB Sectors"]),
    );
    expect(names([0x01, 0x20, 0x18, 0x4d, 0x00, 0x80])).not.toContain("s25fl128s1");
    expect(names([0x1f, 0x28, 0x00, 0x01, 0x00])).toEqual(["AT45DB641E"]);
    expect(names([0x1f, 0x28, 0x00, 0x00])).toEqual(expect.arrayContaining(["AT45DB642D", "AT45DB642X"]));
    expect(names([0x1f, 0x28, 0x00, 0x00])).not.toContain("AT45DB641E");
  });

  it("a byte that says that nothing follows does not name a part", () => {
    expect(names([0x1f, 0x42, 0x00, 0x00])).toEqual(expect.arrayContaining(["AT25DF011", "AT25DN011"]));
  });

  it("every row of the catalogue is among the parts of its ID", () => {
    for (const row of CATALOG) {
      const response = [...row.jedecId, ...(row.extendedId ?? [])];
      expect(
        siblingsOf(response).parts.map((part) => part.row?.name),
        hex(response),
      ).toContain(row.name);
    }
  });

  it("an ID that no table has belongs to no part", () => {
    expect(siblingsOf([0x12, 0x34, 0x56])).toMatchObject({
      parts: [],
      shared: { capacityBytes: undefined, erases: [] },
    });
  });
});

describe("the tables", () => {
  it("every line is understood, and no ID has a name twice", () => {
    const keys = [...allKnownParts()].map(
      ({ name, idKind, id, following }) => `${name} ${idKind} ${hex(id)} ${following.join()}`,
    );
    expect(keys).toHaveLength(1046);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("a name is found in upper and lower case, once for each ID", () => {
    expect(knownPartsNamed("w25q256fv").map(({ id }) => hex(id))).toEqual(["ef4019", "ef6019"]);
    expect(knownPartsNamed("W25Q999")).toEqual([]);
    // A chip that nothing has named, such as one of SFDP alone.
    expect(knownPartsNamed("")).toEqual([]);
    expect(knownPartNames()).toContain("MX25L3205A");
  });

  it("every source has a letter and a version", () => {
    for (const [letter, source] of Object.entries(PART_SOURCES)) {
      expect(letter).toHaveLength(1);
      expect(source.version).not.toBe("");
    }
  });

  it.each([
    ["ef40|X|Y|f", "the ID is wrong"],
    ["ef4018|X|Y|z", "no sources"],
    ["ef4018||Y|f", "needs ID, name"],
    ["ef4018|X|Y|f|size", "no value"],
    ["ef4018|X|Y|f|size 16Q", "no size"],
    ["ef4018|X|Y|f|erase 20:4K", "no erase command"],
    ["ef4018|X|Y|f|mv 3600-2700", "no supply range"],
    ["ef4018|X|Y|f|prog magic", "not one of"],
  ])("a line of another form is refused: %s", (line, reason) => {
    expect(() => parsePartLine(line)).toThrow(reason);
  });
});
