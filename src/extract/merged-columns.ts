/** One table of the rows of several versions of a struct: all their columns, each with a type that holds all of its values. */
import { cellText } from "./cell-text.ts";
import type { Cell, Column, ColumnType } from "./columns.ts";
import type { Table } from "./tables.ts";

/** Columns that were joined. */
export class MergedColumns {
  readonly all: readonly Column[];
  /** For each version: where its columns went. */
  readonly #versions = new Map<string, { readonly types: readonly ColumnType[]; readonly places: readonly number[] }>();

  constructor(versions: Iterable<Table>) {
    const all: Column[] = [];
    const byName = new Map<string, number>();
    for (const { folder, columns } of versions) {
      const places = columns.all.map((column) => {
        const key = column.name.toLowerCase();
        const at = byName.get(key);
        const known = at === undefined ? undefined : all[at];
        if (at === undefined || known === undefined) {
          byName.set(key, all.length);
          return all.push(column) - 1;
        }
        const isRequired = known.isRequired && column.isRequired;
        all[at] = { name: known.name, type: widest(known.type, column.type), isRequired };
        return at;
      });
      this.#versions.set(folder, { places, types: columns.all.map(({ type }) => type) });
    }
    this.all = all;
  }

  /** The row of a version as one of the joined table. */
  rowOf({ folder }: Table, row: readonly Cell[]): readonly Cell[] {
    const joined: Cell[] = this.all.map(() => null);
    const { types, places } = this.#versions.get(folder) ?? { types: [], places: [] };
    places.forEach((at, from) => {
      const target = this.all[at];
      const type = types[from];
      if (target === undefined || type === undefined) return;
      const cell = row[from] ?? null;
      joined[at] = type === target.type ? cell : converted(cell, type, target.type);
    });
    return joined;
  }
}

const NUMBERS: readonly ColumnType[] = ["i32", "i64", "u64", "f32", "f64"];

function widest(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  const both = [a, b];
  if (both.includes("i32") && both.includes("i64")) return "i64";
  if (both.every((one) => NUMBERS.includes(one))) return "f64";
  return "text";
}

function converted(cell: Cell, from: ColumnType, to: ColumnType): Cell {
  if (cell === null) return null;
  switch (to) {
    case "text":
      return cellText(cell, from);
    case "f32":
    case "f64":
      return Number(cell);
    case "i64":
    case "u64":
      return typeof cell === "number" ? BigInt(cell) : cell;
    default:
      return cell;
  }
}
