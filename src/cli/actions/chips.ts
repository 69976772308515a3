/** `norbridge chips [NAME]`: the catalogue, or one part of it with the sources of its values. */
import { at45WithPageBytes } from "../../../drivers/catalog/at45db.ts";
import { CATALOG, descriptorByName } from "../../../drivers/catalog/catalog.ts";
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import type { EraseUnit } from "../../../drivers/geometry.ts";
import { formatSize, printable, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { simulatedChipNames } from "../../sim/chip/chip-catalog.ts";
import { nearestName } from "../nearest-name.ts";
import type { JsonFields, Outcome } from "../outcome.ts";
import { formatClock, formatMilliseconds, formatSeconds } from "../../runner/quantities.ts";
import { sourceRows } from "../output/source-rows.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../session.ts";

export interface ChipsRequest {
  /** "": all of them. */
  readonly name: string;
}

export function chips({ name }: ChipsRequest, session: Session): Outcome {
  session.endWithStdout();
  if (name === "") {
    const rows = CATALOG.map((part) => [
      part.name,
      part.vendor,
      idOf(part),
      formatSize(part.geometry.capacityBytes),
      pagesOf(part),
    ]);
    session.report.text(alignedRows([["name", "vendor", "ID", "size", "page"], ...rows]));
    session.report.text("Any other chip that answers with an SFDP area is known by that.\n");
    return { kind: "done", fields: { chips: CATALOG.map(fieldsOf) } };
  }
  const part = descriptorByName(name);
  if (part === undefined) throw unknownName(name);
  session.report.text(alignedRows(rowsOf(part).map((row) => row.map(printable))));
  return { kind: "done", fields: fieldsOf(part) };
}

function unknownName(name: string): NorbridgeError {
  const nearest = nearestName(
    name,
    CATALOG.map((part) => part.name),
  );
  return new NorbridgeError("USAGE", `no chip is named ${printable(name)}`, {
    operation: "look up a chip",
    hint:
      nearest === undefined
        ? "`norbridge chips` lists them."
        : `Did you mean ${nearest}? \`norbridge chips\` lists them all.`,
  });
}

function idOf(part: ChipDescriptor): string {
  return toHex(Uint8Array.from([...part.jedecId, ...(part.extendedId ?? [])]));
}

function pagesOf(part: ChipDescriptor): string {
  return part.family === "at45"
    ? `${part.binaryPageBytes} or ${part.standardPageBytes}`
    : String(part.geometry.pageBytes);
}

/** Other parts that return the same ID. */
function namesakes(part: ChipDescriptor): string[] {
  return CATALOG.filter((other) => other.name !== part.name && idOf(other) === idOf(part)).map(({ name }) => name);
}

function rowsOf(part: ChipDescriptor): string[][] {
  const { geometry } = part;
  const same = namesakes(part);
  return [
    ["chip", `${part.vendor} ${part.name}`],
    ["  ID", same.length === 0 ? idOf(part) : `${idOf(part)}, as ${same.join(", ")} has`],
    ["  capacity", `${formatSize(geometry.capacityBytes)} (${geometry.capacityBytes} bytes)`],
    ["  page", `${pagesOf(part)} bytes`],
    [
      "  program",
      `${formatMilliseconds(geometry.programTypicalUs)}, at most ${formatMilliseconds(geometry.programMaximumUs)}`,
    ],
    ...geometry.eraseUnits.map((unit) => ["  erase", eraseText(unit)]),
    ["  clock", `up to ${formatClock(part.maxSpiClockHz)}`],
    ["  supply", `${part.supplyMv.minimum / 1000} to ${part.supplyMv.maximum / 1000} V`],
    ["  reports errors", part.reportsErrors ? "yes" : "no: verify detects them"],
    ...(part.family === "at25" ? [["  SFDP", part.sfdp]] : []),
    ["  simulated", simulatedChipNames().includes(part.name) ? `sim:${part.name}` : "no"],
    ...sourceRows(part.sources),
  ];
}

function eraseText(unit: EraseUnit): string {
  const [typicalUs, maximumUs] = timesOf(unit);
  return `${unit.name}, ${formatSeconds(typicalUs)}, at most ${formatSeconds(maximumUs)}`;
}

/** Of its slowest region. */
function timesOf({ regions }: EraseUnit): [number, number] {
  return [
    Math.max(...regions.map(({ typicalUs }) => typicalUs)),
    Math.max(...regions.map(({ maximumUs }) => maximumUs)),
  ];
}

function fieldsOf(part: ChipDescriptor): JsonFields {
  const { geometry } = part;
  const sizes = part.family === "at45" ? [part.binaryPageBytes, part.standardPageBytes] : [geometry.pageBytes];
  return {
    name: part.name,
    vendor: part.vendor,
    family: part.family,
    id: idOf(part),
    sharedWith: namesakes(part),
    capacityBytes: geometry.capacityBytes,
    pageBytes: sizes,
    capacityByPageBytes: sizes.map((pageBytes) => sizeWith(part, pageBytes)),
    programTypicalUs: geometry.programTypicalUs,
    programMaximumUs: geometry.programMaximumUs,
    eraseUnits: geometry.eraseUnits.map((unit) => {
      const [typicalUs, maximumUs] = timesOf(unit);
      return { name: unit.name, typicalUs, maximumUs };
    }),
    maxSpiClockHz: part.maxSpiClockHz,
    supplyMv: { ...part.supplyMv },
    reportsErrors: part.reportsErrors,
    isSimulated: simulatedChipNames().includes(part.name),
    sources: [...part.sources],
  };
}

function sizeWith(part: ChipDescriptor, pageBytes: number): number {
  const other = part.family === "at45" ? at45WithPageBytes(part, pageBytes) : part;
  return (other ?? part).geometry.capacityBytes;
}
