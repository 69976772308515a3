/**
 * Which chip is it? A pure judgement of its responses (id-questions.ts). Nothing is guessed: parts that the responses do
 * not tell apart are one result only if they are the same in all that a job uses.
 */
import { descriptorByName, refusalByName, rowsWithId } from "./catalog/catalog.ts";
import { type AsRead, asRead, modeNotes } from "./as-read.ts";
import { byArea, namesOf, provingDescribed, sharedOptions } from "./candidates.ts";
import { protectionById } from "./catalog/part-protection.ts";
import { siblingsOf } from "./catalog/siblings.ts";
import { STACKED, stackedAmong } from "./catalog/stacked-dies.ts";
import type { ChipDescriptor } from "./chip-descriptor.ts";
import type { FlashGeometry } from "./geometry.ts";
import type { ChipProbe, FoundPart, Identification, IdentifyOptions } from "./identification.ts";
import { constantByte, hex, hexByte, ID_BYTES, isAt45Id } from "./jedec-id.ts";
import type { UnknownCause } from "./other-devices.ts";
import { type Difference, differenceOf } from "./part-difference.ts";
import { isSfdpLate } from "./sfdp/read-sfdp.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "./sfdp/sfdp-descriptor.ts";
import { oldChipOf, strangerOf, tableOnly } from "./unlisted-id.ts";

/** Why parts cannot be used by name that the SFDP area may describe: size, erase commands or addresses are not known. */
const BY_AREA: ReadonlySet<UnknownCause> = new Set<UnknownCause>(["mismatch", "not-described"]);
/** Length byte of the extended information and one byte of it. */
const EXTENDED_ID_BYTES = 2;
const LATE_SFDP =
  "its SFDP area arrives one byte late: it is in 4-byte address mode; disconnect its supply to end that";

/**
 * Identifies a chip from its responses and the user's options. Nothing is guessed: if several parts fit, they count as
 * one result only if a job could not tell them apart. Then the slowest clock and the longest times apply.
 */
export function identify(probe: ChipProbe, options: IdentifyOptions = {}): Identification {
  const jedecId = hex(probe.idA.subarray(0, ID_BYTES));
  const stranger = strangerOf(probe, options.part?.jedecId);
  if (stranger !== undefined) return { kind: "unknown", jedecId, ...stranger };
  const pattern = missingPattern(probe);
  if (pattern !== undefined) {
    const old = oldChipOf(probe);
    return old === undefined ? { kind: "missing", pattern } : { kind: "unknown", ...old };
  }
  if (probe.sfdp !== undefined && isSfdpLate(probe.sfdp))
    return { kind: "unknown", jedecId, reason: LATE_SFDP, cause: "mismatch" };
  if (options.part !== undefined) return identifyOwn(options.part, probe, jedecId);
  const found = stackedDies(probe, jedecId, options.chip) ?? identifyListed(probe, jedecId, options.chip);
  return options.sizeBytes === undefined ? found : withSize(found, options.sizeBytes);
}

/** A part of the user's own file. */
function identifyOwn(part: ChipDescriptor, probe: ChipProbe, jedecId: string): Identification {
  if (hex(part.jedecId) !== jedecId) {
    const reason = `${part.name} of the chip file has the ID ${hex(part.jedecId)}`;
    return { kind: "unknown", jedecId, reason, cause: "mismatch" };
  }
  return {
    kind: "found",
    descriptor: part.family === "at25" ? provingDescribed(part, siblingsOf(probe.idA).parts) : part,
    jedecId,
    notes: ["its description comes from the chip file, not from the chip"],
  };
}

/** The size that the user names settles a conflict; where there is none it must be the chip's. */
function withSize(found: Identification, sizeBytes: number): Identification {
  const sized = ({ descriptor }: FoundPart): boolean => descriptor.geometry.capacityBytes === sizeBytes;
  switch (found.kind) {
    case "size-conflict": {
      const choice = found.choices.find(sized);
      if (choice === undefined) return notThatSize(found.jedecId, found.choices);
      const notes = [...choice.notes, "its size is the specified one"];
      return { kind: "found", descriptor: choice.descriptor, jedecId: found.jedecId, notes, ...doubtsOf(choice) };
    }
    case "found":
      return sized(found) ? found : notThatSize(found.jedecId, [found]);
    default:
      return found;
  }
}

function notThatSize(jedecId: string, choices: readonly FoundPart[]): Identification {
  const sizes = choices.map(({ descriptor }) => `${descriptor.geometry.capacityBytes} bytes`);
  return {
    kind: "unknown",
    jedecId,
    reason: `it has ${sizes.join(" or ")}, not the specified size`,
    cause: "wrong-size",
  };
}

/** A part of several dies is refused before anything is read of it; if only some with its ID are, one has to be named. */
function stackedDies(probe: ChipProbe, jedecId: string, chip: string | undefined): Identification | undefined {
  const { stacked, others } = stackedAmong(jedecId, siblingsOf(probe.idA).parts);
  const isNamed = others.some((name) => name.toUpperCase() === chip?.toUpperCase());
  if (stacked.length === 0 || isNamed) return undefined;
  if (others.length > 0 && !stacked.some((name) => name.toUpperCase() === chip?.toUpperCase())) {
    const difference = `their dies: ${stacked.join(", ")} has several, which command C2h selects`;
    return { kind: "ambiguous", jedecId, names: [...others, ...stacked], difference };
  }
  return { kind: "unknown", jedecId, reason: `${stacked.join(", ")} has this ID: ${STACKED}`, cause: "stacked-dies" };
}

function identifyListed(probe: ChipProbe, jedecId: string, chip: string | undefined): Identification {
  if (chip !== undefined) return identifyNamed(probe, jedecId, chip);
  const candidates = partsThatFit(probe);
  const [first] = candidates;
  if (first === undefined) return identifyUnlisted(probe, jedecId);
  const settled: ChipDescriptor[] = [];
  let notes: readonly string[] = [];
  let doubts: readonly string[] = [];
  for (const candidate of candidates) {
    const described = asRead(candidate, probe, false);
    if (!described.ok) return refusalOf(described, jedecId);
    if (described.other !== undefined) return sizeConflict(jedecId, candidate.name, described, described.other);
    settled.push(described.descriptor);
    notes = [...notes, ...described.notes];
    doubts = [...doubts, ...(described.doubts ?? [])];
  }
  const judged = judge(settled, jedecId, [...new Set(notes)]);
  return judged.kind === "found" ? { ...judged, ...doubtsOf({ doubts: [...new Set(doubts)] }) } : judged;
}

function doubtsOf({ doubts = [] }: Pick<FoundPart, "doubts">): Pick<FoundPart, "doubts"> {
  return doubts.length === 0 ? {} : { doubts };
}

function refusalOf(refused: AsRead & { readonly ok: false }, jedecId: string): Identification {
  const { reason, cause, ambiguous } = refused;
  if (ambiguous !== undefined) return { kind: "ambiguous", jedecId, ...ambiguous };
  return { kind: "unknown", jedecId, reason, cause };
}

function identifyNamed(probe: ChipProbe, jedecId: string, name: string): Identification {
  const part = descriptorByName(name, { jedecId: probe.idA });
  if (part === undefined) return withoutDescriptor(name, probe, jedecId);
  if (hex(part.jedecId) !== jedecId) {
    // The same name under another ID, which only the chip's own area describes.
    if (isOneOf(name, probe) && probe.sfdp !== undefined) return identifyListed(probe, jedecId, undefined);
    const reason = `${part.name} has the ID ${hex(part.jedecId)}, this chip ${jedecId}`;
    return { kind: "unknown", jedecId, reason, cause: "mismatch" };
  }
  const other = partsThatFit(probe).find((candidate) => fitsExactly(candidate, probe));
  if (part.family === "at45" && !fitsExactly(part, probe) && other !== undefined) {
    const reason = `the bytes after its ID belong to ${other.name}, not ${part.name}`;
    return { kind: "unknown", jedecId, reason, cause: "mismatch" };
  }
  const described = asRead(part, probe, true);
  if (!described.ok) return refusalOf(described, jedecId);
  if (described.other !== undefined) return sizeConflict(jedecId, part.name, described, described.other);
  const doubt = fitsExactly(part, probe)
    ? []
    : [`other properties of the chip do not match ${part.name}; it is used because it was specified`];
  const notes = [...described.notes, ...doubt];
  return { kind: "found", descriptor: described.descriptor, jedecId, notes, ...doubtsOf(described) };
}

/** Whether a part with this name has the ID of the chip. */
function isOneOf(name: string, { idA }: ChipProbe): boolean {
  return siblingsOf(idA).parts.some((part) => part.name.toUpperCase() === name.toUpperCase());
}

/** No part has this name, or it is a part that the drivers cannot operate, or not without its SFDP area. */
function withoutDescriptor(name: string, probe: ChipProbe, jedecId: string): Identification {
  const refusal = refusalByName(name);
  if (refusal === undefined) return { kind: "unknown", jedecId, reason: `no part is named ${name}`, cause: "mismatch" };
  // What the tables leave open the chip's own area specifies.
  if (BY_AREA.has(refusal.cause) && isOneOf(name, probe) && probe.sfdp !== undefined)
    return identifyListed(probe, jedecId, undefined);
  const reason = `${refusal.name} cannot be used by name: ${refusal.reason}`;
  return { kind: "unknown", jedecId, reason, cause: refusal.cause };
}

/** A chip that no row describes: its own area does, or it stays unknown; its ID alone does not prove which part it is. */
function identifyUnlisted(probe: ChipProbe, jedecId: string): Identification {
  if (isAt45Id(probe.idA)) return { kind: "unknown", jedecId, reason: "it is an AT45 that is not in the catalogue" };
  const candidates = siblingsOf(probe.idA).parts;
  if (probe.sfdp === undefined) {
    const noArea = { reason: "it is not in the catalogue and has no SFDP area" };
    const known = tableOnly(probe.idA) ?? noArea;
    return { kind: "unknown", jedecId, ...known };
  }
  const part = unnamedSfdpPart([...probe.idA.subarray(0, ID_BYTES)]);
  const described = descriptorFromSfdp(probe.sfdp, part, sharedOptions(candidates));
  if (!described.ok) return { kind: "unknown", jedecId, reason: described.reason };
  const own = described.value;
  const { capacityBytes } = own.geometry;
  // A table with the bytes after the ID may know nothing of the protection; then the others with the ID count.
  const others = siblingsOf(probe.idA.subarray(0, ID_BYTES)).parts;
  const protection =
    protectionById(candidates, capacityBytes) ?? protectionById(others, capacityBytes) ?? own.protection;
  const usable = byArea({ ...own, protection }, candidates);
  if (usable.kind === "nothing") return { ...usable, kind: "ambiguous", jedecId };
  const known = candidates.length === 0 ? "" : `; by its ID it may be ${namesOf(candidates)}`;
  const note = `this part is not in the catalogue; sizes and times come from its SFDP area${known}`;
  const { descriptor, doubts } = usable;
  return {
    kind: "found",
    descriptor,
    jedecId,
    notes: [note, ...modeNotes(descriptor), ...doubts],
    ...doubtsOf(usable),
  };
}

/** Several parts that are the same to a job are one, at the slowest clock and with the longest times of them. */
function judge(parts: readonly ChipDescriptor[], jedecId: string, notes: readonly string[]): Identification {
  const [first, ...others] = parts.toSorted((a, b) => a.maxSpiClockHz - b.maxSpiClockHz);
  if (first === undefined) return { kind: "unknown", jedecId, reason: "no part matches its ID" };
  const difference = others.map((other) => differenceOf(first, other)).find((found) => found !== undefined);
  if (difference !== undefined) {
    return { kind: "ambiguous", jedecId, names: parts.map((part) => part.name), difference: sentence(difference) };
  }
  if (others.length === 0) return { kind: "found", descriptor: first, jedecId, notes };
  const geometry = slowestOf(parts.map((part) => part.geometry));
  const supply = new Set(parts.map(({ supplyMv }) => `${supplyMv.minimum} to ${supplyMv.maximum} mV`));
  const volts = supply.size === 1 ? [] : [`these parts have different supply voltages: ${[...supply].join(", ")}`];
  const alike = `it may also be ${others.map((other) => other.name).join(", ")}; the slowest timing is used`;
  return { kind: "found", descriptor: { ...first, geometry }, jedecId, notes: [...notes, alike, ...volts] };
}

/** Geometries that differ in times only, with the longest of each. */
function slowestOf(geometries: readonly FlashGeometry[]): FlashGeometry {
  return geometries.reduce((a, b) => ({
    ...a,
    programTypicalUs: Math.max(a.programTypicalUs, b.programTypicalUs),
    programMaximumUs: Math.max(a.programMaximumUs, b.programMaximumUs),
    eraseUnits: a.eraseUnits.map((unit, index) => ({
      ...unit,
      regions: unit.regions.map((region, at) => {
        const other = b.eraseUnits[index]?.regions[at] ?? region;
        const typicalUs = Math.max(region.typicalUs, other.typicalUs);
        return { ...region, typicalUs, maximumUs: Math.max(region.maximumUs, other.maximumUs) };
      }),
    })),
  }));
}

function sentence(difference: Difference): string {
  return `${difference.what}: ${difference.first} or ${difference.second}`;
}

/** Parts of the catalogue with this ID; those whose other marks fit too, if there are any. */
function partsThatFit(probe: ChipProbe): readonly ChipDescriptor[] {
  const sameId = rowsWithId(probe.idA);
  const exact = sameId.filter((part) => fitsExactly(part, probe));
  return exact.length > 0 ? exact : sameId;
}

/** Extended ID bytes and the presence of an SFDP area, where the part's entry names them. */
function fitsExactly(part: ChipDescriptor, probe: ChipProbe): boolean {
  const extended = part.extendedId ?? [];
  if (!extended.every((byte, index) => probe.idA[ID_BYTES + index] === byte)) return false;
  return (
    part.family === "at45" || part.sfdp === "not known" || (part.sfdp === "present") === (probe.sfdp !== undefined)
  );
}

function sizeConflict(jedecId: string, name: string, listed: FoundPart, fromArea: FoundPart): Identification {
  const size = ({ descriptor }: FoundPart): number => descriptor.geometry.capacityBytes;
  const choices = size(listed) < size(fromArea) ? ([listed, fromArea] as const) : ([fromArea, listed] as const);
  return { kind: "size-conflict", jedecId, name, choices };
}

function missingPattern({ idA, idB }: ChipProbe): string | undefined {
  if (idA.length < ID_BYTES) return `only ${idA.length} bytes were received`;
  const lengthBytes = isAt45Id(idA) ? ID_BYTES + EXTENDED_ID_BYTES : ID_BYTES;
  const [a, b] = [hex(idA.subarray(0, lengthBytes)), hex(idB.subarray(0, lengthBytes))];
  if (a !== b) return `two reads differ: ${a} and ${b}`;
  const constant = constantByte(idA);
  return constant === undefined ? undefined : `all bytes read ${hexByte(constant)}`;
}
