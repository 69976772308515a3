/** In what two parts differ that a job uses; two parts that differ in nothing can stand for each other. */
import type { ChipDescriptor } from "./chip-descriptor.ts";
import type { EraseUnit } from "./geometry.ts";

/** One thing in which two parts differ, with both values, for people. */
export interface Difference {
  readonly what: string;
  readonly first: string;
  readonly second: string;
}

/** Each with the text that is compared. Clock, times and supply are left out: the slowest serves all. */
const ASPECTS: readonly { readonly what: string; readonly of: (part: ChipDescriptor) => string }[] = [
  { what: "command set", of: (part) => part.family },
  { what: "size", of: (part) => `${part.geometry.capacityBytes} bytes` },
  { what: "page size", of: (part) => `${part.geometry.pageBytes} bytes` },
  { what: "erase blocks", of: (part) => part.geometry.eraseUnits.map(blocksOf).join(", ") },
  { what: "error bit", of: (part) => (part.reportsErrors ? "has one" : "has none") },
  { what: "commands", of: (part) => commandsOf(part) },
];

/** The first difference, or undefined if there is none. */
export function differenceOf(a: ChipDescriptor, b: ChipDescriptor): Difference | undefined {
  for (const { what, of } of ASPECTS) {
    const [first, second] = [of(a), of(b)];
    if (first !== second) return { what, first: `${first} (${a.name})`, second: `${second} (${b.name})` };
  }
  return undefined;
}

function blocksOf(unit: EraseUnit): string {
  return unit.regions.map((region) => `${region.count} x ${region.unitBytes}`).join(" + ");
}

function commandsOf(part: ChipDescriptor): string {
  if (part.family === "at45") return `${part.bufferCount} buffers`;
  const erases = part.eraseCommands.map((command) => `${command.opcode.toString(16)}h ${command.unitName}`);
  const { protection, moreRegisters, blockLocks } = part;
  return `${erases.join(", ")}, protection ${JSON.stringify({ ...protection, moreRegisters, blockLocks })}`;
}
