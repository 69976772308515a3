/** `norbridge chips [NAME|TEXT]`: the catalogue, a search in it, or one part with the sources of its values. */
import { at45WithPageBytes } from "../../../drivers/catalog/at45db.ts";
import { type ListedPart, listedParts } from "../../../drivers/catalog/all-parts.ts";
import { descriptorByName } from "../../../drivers/catalog/catalog.ts";
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import type { EraseUnit } from "../../../drivers/geometry.ts";
import { formatSize, printable, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { simulatedChipNames } from "../../sim/chip/chip-catalog.ts";
import { nearestName } from "../arguments/nearest-name.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { formatClock, formatMilliseconds, formatSeconds } from "../../runner/quantities.ts";
import { sourceRows } from "../output/source-rows.ts";
import { alignedRows } from "../output/table.ts";
import type { Session } from "../program/session.ts";
import { pagesOf, partsMatching, partTable } from "./chip-list.ts";

export interface ChipsRequest {
  /** "": all of them. A name, or what to search for. */
  readonly name: string;
}

const OTHERS_BY_SFDP = "Any other chip that has an SFDP area is known by that.\n";

export function chips({ name }: ChipsRequest, session: Session): Outcome {
  session.endWithStdout();
  const parts = listedParts();
  const wanted = name.toUpperCase();
  const named = parts.filter((part) => part.name.toUpperCase() === wanted);
  const [only] = named;
  if (name !== "" && only?.descriptor !== undefined) {
    const others = named.slice(1).map((part) => `another part of this name has the ID ${part.id}`);
    const rows = [...rowsOf(only.descriptor, parts), ...others.map((text) => ["  note", text])];
    session.report.text(alignedRows(rows.map((row) => row.map(printable))));
    return { kind: "done", fields: fieldsOf(only.descriptor, parts) };
  }
  const found = name === "" ? parts : partsMatching(parts, name);
  if (found.length === 0) {
    const pattern = descriptorByName(name);
    if (pattern === undefined) throw unknownName(name, parts);
    session.report.text(alignedRows(rowsOf(pattern, parts).map((row) => row.map(printable))));
    return { kind: "done", fields: fieldsOf(pattern, parts) };
  }
  session.report.text(partTable(found));
  session.report.text(
    name === "" ? `${found.length} parts. ${OTHERS_BY_SFDP}` : `${found.length} of ${parts.length} parts.\n`,
  );
  return { kind: "done", fields: listFields(found, parts) };
}

/** Parts that can be operated, in the form of one chip; the others with the reason. */
function listFields(found: readonly ListedPart[], parts: readonly ListedPart[]): JsonFields {
  return {
    chips: found.flatMap(({ descriptor }) => (descriptor === undefined ? [] : [fieldsOf(descriptor, parts)])),
    unusable: found.flatMap(({ name, vendor, id, capacityBytes, refusal }) =>
      refusal === undefined ? [] : [{ name, vendor, id, capacityBytes, reason: refusal.reason }],
    ),
  };
}

function unknownName(name: string, parts: readonly ListedPart[]): NorbridgeError {
  const nearest = nearestName(
    name,
    parts.map((part) => part.name),
  );
  return new NorbridgeError("USAGE", `no chip is named ${printable(name)}`, {
    operation: "look up a chip",
    hint:
      nearest === undefined
        ? "`norbridge chips` lists all of them; it also searches by maker, ID and size."
        : `Did you mean ${nearest}? \`norbridge chips\` lists all of them.`,
  });
}

function idOf(part: ChipDescriptor): string {
  return toHex(Uint8Array.from([...part.jedecId, ...(part.extendedId ?? [])]));
}

/** Others that return the same ID, by any name. */
function namesakes(part: ChipDescriptor, parts: readonly ListedPart[]): string[] {
  const id = idOf(part);
  return parts
    .filter((other) => other.id === id && other.name.toUpperCase() !== part.name.toUpperCase())
    .map(({ name }) => name);
}

function rowsOf(part: ChipDescriptor, parts: readonly ListedPart[]): string[][] {
  const { geometry } = part;
  const same = namesakes(part, parts);
  return [
    ["chip", `${part.vendor} ${part.name}`],
    ["  ID", same.length === 0 ? idOf(part) : `${idOf(part)}, shared with ${same.join(", ")}`],
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

function fieldsOf(part: ChipDescriptor, parts: readonly ListedPart[]): JsonFields {
  const { geometry } = part;
  const sizes = part.family === "at45" ? [part.binaryPageBytes, part.standardPageBytes] : [geometry.pageBytes];
  return {
    name: part.name,
    vendor: part.vendor,
    family: part.family,
    id: idOf(part),
    sharedWith: namesakes(part, parts),
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
