/** The hand-made rows of the catalogue in the form of the tables, so that they count among the parts of an ID. */
import type { At45Descriptor, ChipDescriptor } from "../chip-descriptor.ts";
import type { EraseUnit } from "../geometry.ts";
import { at45WithPageBytes } from "./at45db.ts";
import { type Claim, knownErase, type KnownErase, type KnownPart, sizeText } from "./part-line.ts";
import { ROW_SOURCE } from "./part-sources.ts";

/** Opcodes of an AT45: page, block of 8 pages, sector, in the order of its erase units. */
const AT45_ERASES = [0x81, 0x50, 0x7c];
const AT45_CHIP_ERASE = "C794809A";

/** A row as a part of the tables. An AT45 is described at its binary page size, as the tables have it. */
export function partOfRow(row: ChipDescriptor): KnownPart {
  const part = row.family === "at45" ? (at45WithPageBytes(row, row.binaryPageBytes) ?? row) : row;
  const { capacityBytes, pageBytes } = part.geometry;
  return {
    name: part.name,
    vendor: part.vendor,
    idKind: "rdid",
    id: part.jedecId,
    following: part.extendedId ?? [],
    sources: ROW_SOURCE,
    capacityBytes: claimed(capacityBytes),
    pageBytes: claimed(pageBytes),
    erases: claimed(erasesOf(part)),
    chipErase: claimed([chipEraseOf(part)]),
    program: claimed(part.family === "at45" ? ("buffer" as const) : ("page" as const)),
    supplyMv: claimed([part.supplyMv.minimum, part.supplyMv.maximum] as const),
    sfdp: part.family === "at45" ? "absent" : part.sfdp,
    fourByte: part.family === "at25" && part.addressBytes === 4 ? claimed(["0C", "12"] as const) : [],
    others: new Map(part.family === "at45" ? [["pages", claimed(pagesOf(part))]] : []),
  };
}

function claimed<T>(value: T): readonly Claim<T>[] {
  return [{ value, sources: ROW_SOURCE }];
}

function erasesOf(part: ChipDescriptor): readonly KnownErase[] {
  if (part.family === "at45") {
    return AT45_ERASES.flatMap((opcode, index) => {
      const unit = part.geometry.eraseUnits[index];
      return unit === undefined ? [] : [knownErase(opcode, layoutOf(unit))];
    });
  }
  return part.eraseCommands.flatMap(({ opcode, unitName, addressBytes }) => {
    const unit = part.geometry.eraseUnits.find(({ name }) => name === unitName);
    return addressBytes === 0 || unit === undefined ? [] : [knownErase(opcode, layoutOf(unit))];
  });
}

/** One size alone if all blocks have it: how many there are is a matter of the capacity. */
function layoutOf({ regions }: EraseUnit): string {
  const [first, ...others] = regions;
  if (first !== undefined && others.length === 0) return sizeText(first.unitBytes);
  return regions.map(({ unitBytes, count }) => sizeText(unitBytes) + (count > 1 ? `x${count}` : "")).join("+");
}

function chipEraseOf(part: ChipDescriptor): string {
  if (part.family === "at45") return AT45_CHIP_ERASE;
  const command = part.eraseCommands.find(({ addressBytes }) => addressBytes === 0);
  return (command?.opcode ?? 0xc7).toString(16).padStart(2, "0").toUpperCase();
}

function pagesOf(part: At45Descriptor): string {
  return `${part.binaryPageBytes}/${part.standardPageBytes}/${part.pageCount}`;
}
