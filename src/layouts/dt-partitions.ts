/**
 * The partitions of a device-tree source: nodes below one with `compatible = "fixed-partitions"`. Source: Zephyr's
 * bindings `fixed-partitions` and `fixed-subpartitions`. A board has such nodes for several flashes: those of a serial
 * NOR flash count. Pure.
 */
import { fileInvalid } from "../disk/file-problem.ts";
import { type CellsProblem, cellsOf } from "./dt-cells.ts";
import { type DtNode, DtSource } from "./dt-source.ts";
import { type Layout, type LayoutRegion } from "./layout.ts";

/** In `compatible`, or in the label of a node whose `compatible` is in another file. */
const SERIAL_NOR = /spi-nor|spi,nor|at45|nor-flash|xspi|ospi|qspi|(?:mx|w|gd|is|at|en|sst|mt|n)25/;
const USE_BUILD = "Use zephyr.dts in the build folder of the project (build/zephyr): it has all values.";

/** The partitions of one flash. */
interface Table {
  readonly flash: string;
  readonly isSerial: boolean;
  readonly regions: readonly LayoutRegion[];
}

/** Whether a text can be a device-tree source. */
export function looksLikeDeviceTree(text: string): boolean {
  return /\/dts-v1\/|fixed-partitions|^\s*&[\w]+\s*\{/m.test(text);
}

/** Reads it. `name` is for messages. Throws FILE_INVALID with line and column. */
export function parseDeviceTree(text: string, name: string): Layout {
  const source = new DtSource(text, name);
  const tables: Table[] = [];
  collect(source, source.root, tables);
  const [first] = tables;
  if (first === undefined) {
    throw fileInvalid(name, "has no node with fixed-partitions and partitions in it", { hint: USE_BUILD });
  }
  const serial = tables.filter(({ isSerial }) => isSerial);
  const chosen = tables.length === 1 ? first : serial.length === 1 ? serial[0] : undefined;
  if (chosen === undefined) return qualified(tables);
  const left = tables.filter((table) => table !== chosen).map(({ flash }) => flash);
  const notes = [
    ...(left.length === 0 ? [] : [`the partitions of ${left.join(" and ")} are left out: not a serial flash`]),
    // A region of another flash would be a wrong place on this one.
    ...(chosen.isSerial
      ? []
      : [`the partitions are of ${chosen.flash}: nothing in the file shows that it is a serial flash`]),
  ];
  return { kind: "device-tree", regions: chosen.regions, notes };
}

/** With the name of the flash before each name: nothing says which of them is meant. */
function qualified(tables: readonly Table[]): Layout {
  const regions = tables.flatMap(({ flash, regions: own }) =>
    own.map((one) => ({ ...one, name: `${flash}/${one.name}` })),
  );
  return {
    kind: "device-tree",
    regions,
    notes: ["several flashes have partitions: a name begins with that of the flash"],
  };
}

function collect(source: DtSource, node: DtNode, tables: Table[]): void {
  if (stringsOf(node, "compatible").includes("fixed-partitions")) {
    const regions: LayoutRegion[] = [];
    addPartitions(source, node, 0, regions);
    if (regions.length > 0) tables.push({ ...flashOf(node), regions });
    return;
  }
  for (const child of node.children) collect(source, child, tables);
}

function flashOf({ parent }: DtNode): { readonly flash: string; readonly isSerial: boolean } {
  const flash = parent?.labels[0] ?? parent?.name.replace(/^&/, "") ?? "flash";
  const compatible = parent === undefined ? [] : stringsOf(parent, "compatible");
  return { flash, isSerial: [...compatible, flash].some((text) => SERIAL_NOR.test(text)) };
}

function addPartitions(source: DtSource, table: DtNode, base: number, regions: LayoutRegion[]): void {
  const [addressCells, sizeCells] = [
    cellCount(source, table, "#address-cells"),
    cellCount(source, table, "#size-cells"),
  ];
  for (const node of table.children) {
    const reg = node.values.get("reg");
    if (reg === undefined) continue;
    const cells = numbersOf(source, node, "reg");
    if (cells.length !== addressCells + sizeCells) {
      throw source.fail(reg.start, `reg has ${cells.length} cells, expected ${addressCells + sizeCells}`);
    }
    const address = base + joined(cells.slice(0, addressCells));
    const lengthBytes = joined(cells.slice(addressCells));
    if (lengthBytes === 0) throw source.fail(reg.start, "the partition has no bytes");
    const [nodeLabel] = node.labels;
    const name = stringsOf(node, "label")[0] ?? nodeLabel ?? node.name;
    const second = regions.find((one) => one.name === name);
    if (second !== undefined) throw source.fail(node.start, `a second partition with the name ${name}`);
    const aliases = nodeLabel === undefined || nodeLabel === name ? [] : [nodeLabel];
    regions.push({ name, address, lengthBytes, aliases, about: `${nodeLabel ?? node.name} in the device tree` });
    if (stringsOf(node, "compatible").includes("fixed-subpartitions")) addPartitions(source, node, address, regions);
  }
}

function cellCount(source: DtSource, node: DtNode, name: string): number {
  const value = node.values.get(name);
  if (value === undefined) return 1;
  const [count = 0] = numbersOf(source, node, name);
  if (count !== 1 && count !== 2) throw source.fail(value.start, `${name} is ${count}; 1 and 2 can be read`);
  return count;
}

function numbersOf(source: DtSource, node: DtNode, name: string): readonly number[] {
  const value = node.values.get(name) ?? { text: "", start: node.start };
  const cells = cellsOf(value.text);
  if (!isProblem(cells)) return cells;
  throw source.fail(value.start + cells.at, `${name}: ${cells.reason}`, USE_BUILD);
}

function isProblem(cells: readonly number[] | CellsProblem): cells is CellsProblem {
  return "reason" in cells;
}

/** One cell, or two: the high half first. */
function joined(cells: readonly number[]): number {
  return cells.reduce((value, cell) => value * 2 ** 32 + cell, 0);
}

function stringsOf(node: DtNode, name: string): readonly string[] {
  const text = node.values.get(name)?.text ?? "";
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, inside = ""]) => inside.replace(/\\(.)/g, "$1"));
}
