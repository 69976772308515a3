/**
 * Which chip is it? A pure judgement of what it answered (id-questions.ts). Nothing is guessed: parts that the answers do
 * not tell apart are one result only if they are the same in all that a job uses.
 */
import { STATUS_1_BINARY_PAGES, STATUS_1_DENSITY } from "./at45/status.ts";
import { descriptorByName, refusalByName, rowsWithId } from "./catalog/catalog.ts";
import { byArea, byIdAlone, mismatchOf, namesOf, proving, sharedOptions } from "./candidates.ts";
import { at45WithPageBytes } from "./catalog/at45db.ts";
import { protectionById } from "./catalog/part-protection.ts";
import { siblingsOf, type SiblingPart } from "./catalog/siblings.ts";
import type { At25Descriptor, At45Descriptor, ChipDescriptor } from "./chip-descriptor.ts";
import type { FlashGeometry } from "./geometry.ts";
import { constantByte, hex, ID_BYTES, isAt45Id } from "./jedec-id.ts";
import type { UnknownCause } from "./other-devices.ts";
import { type Difference, differenceOf } from "./part-difference.ts";
import { isSfdpLate } from "./sfdp/read-sfdp.ts";
import { descriptorFromSfdp, unnamedSfdpPart } from "./sfdp/sfdp-descriptor.ts";
import { oldChipOf, strangerOf, tableOnly } from "./unlisted-id.ts";

/** All responses of a chip that identification uses. */
export interface ChipProbe {
  /** First response to 9Fh, 8 bytes. */
  readonly idA: Uint8Array;
  /** Second response to 9Fh, 8 bytes. */
  readonly idB: Uint8Array;
  /** The SFDP area as far as it was read, if its signature was present. */
  readonly sfdp?: Uint8Array | undefined;
  /** Response to D7h, two bytes. */
  readonly at45Status?: Uint8Array | undefined;
  /** Response to 90h, two bytes, if 9Fh had no response. */
  readonly legacyId?: Uint8Array | undefined;
  /** Response to 15h, two bytes, if neither 9Fh nor 90h had one. */
  readonly at25fId?: Uint8Array | undefined;
  /** The byte that ABh returns after three address bytes, if neither 9Fh nor 90h had a response. */
  readonly signature?: number | undefined;
}

/** A part that was identified. */
export interface FoundPart {
  /** The part. */
  readonly descriptor: ChipDescriptor;
  /** Notes for the user: sentences without a full stop. */
  readonly notes: readonly string[];
  /** Those of the notes that a user should see in any case: what the chip may be besides, what is therefore not used. */
  readonly doubts?: readonly string[] | undefined;
}

/** What the user specifies besides the responses of the chip. */
export interface IdentifyOptions {
  /** Name of the part. Its ID must be the one that the chip returns. */
  readonly chip?: string | undefined;
  /** Size in bytes. It resolves a conflict between the SFDP area and the catalogue. */
  readonly sizeBytes?: number | undefined;
  /** A custom part. It is used if the chip returns its ID, whatever its SFDP area contains. */
  readonly part?: ChipDescriptor | undefined;
}

/** The result of `identify`. Texts are parts of sentences in plain ASCII. */
export type Identification =
  | {
      /** The part is identified. */
      readonly kind: "found";
      /** The part. */
      readonly descriptor: ChipDescriptor;
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Notes for the user: sentences without a full stop. */
      readonly notes: readonly string[];
      /** Those of the notes that a user should see in any case; absent if there are none. */
      readonly doubts?: readonly string[] | undefined;
    }
  | {
      /**
       * The SFDP area and the catalogue specify different sizes. To decide, read the chip: check whether its contents
       * repeat from the smaller size on.
       */
      readonly kind: "size-conflict";
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Name of the part in the catalogue. */
      readonly name: string;
      /** The part with either size, smaller first. */
      readonly choices: readonly [FoundPart, FoundPart];
    }
  | {
      /** No chip responds, or not reliably. */
      readonly kind: "missing";
      /** What was received: "all bytes read FF", "two reads differ: ... and ...". */
      readonly pattern: string;
    }
  | {
      /** A chip responds, but norbridge cannot operate it, or not safely. */
      readonly kind: "unknown";
      /** The ID as lower-case hex: three bytes, or two if the chip has an ID only for 90h. */
      readonly jedecId: string;
      /** Why it cannot be used: "it is not in the catalogue and has no SFDP area". */
      readonly reason: string;
      /** The kind of reason, for advice; left out: it is a flash chip without a description. */
      readonly cause?: UnknownCause | undefined;
    }
  | {
      /** The responses fit several parts that differ in something that a job uses. */
      readonly kind: "ambiguous";
      /** The three bytes of the ID as lower-case hex. */
      readonly jedecId: string;
      /** Names of these parts. One of them can be specified as `IdentifyOptions.chip`. */
      readonly names: readonly string[];
      /** The first difference, with both values and the parts that have them. */
      readonly difference: string;
    };

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
  const found = identifyListed(probe, jedecId, options.chip);
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
    descriptor: part.family === "at25" ? proving(part, siblingsOf(probe.idA).parts) : part,
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
  return { kind: "unknown", jedecId, reason, ...(cause === undefined ? {} : { cause }) };
}

function identifyNamed(probe: ChipProbe, jedecId: string, name: string): Identification {
  const part = descriptorByName(name, { jedecId: probe.idA });
  if (part === undefined) return notByName(name, jedecId);
  if (hex(part.jedecId) !== jedecId) {
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

/** No part has this name, or it is a part that the drivers cannot operate. */
function notByName(name: string, jedecId: string): Identification {
  const refusal = refusalByName(name);
  if (refusal === undefined) return { kind: "unknown", jedecId, reason: `no part is named ${name}`, cause: "mismatch" };
  const reason = `${refusal.name} cannot be used by name: ${refusal.reason}`;
  return { kind: "unknown", jedecId, reason, cause: refusal.cause };
}

/** A chip that no row describes: its own area does, or it stays unknown; its ID alone does not prove which part it is. */
function identifyUnlisted(probe: ChipProbe, jedecId: string): Identification {
  if (isAt45Id(probe.idA)) return { kind: "unknown", jedecId, reason: "it is an AT45 that is not in the catalogue" };
  const candidates = siblingsOf(probe.idA).parts;
  if (probe.sfdp === undefined) {
    const nobody = { reason: "it is not in the catalogue and has no SFDP area" };
    return { kind: "unknown", jedecId, ...(tableOnly(probe.idA) ?? nobody) };
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

function modeNotes(descriptor: ChipDescriptor): readonly string[] {
  const isByMode = descriptor.family === "at25" && descriptor.fourByteMode !== undefined;
  return isByMode ? ["it is operated in 4-byte address mode, which is left after each use"] : [];
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

type AsRead =
  | {
      readonly ok: true;
      readonly descriptor: ChipDescriptor;
      readonly notes: readonly string[];
      readonly doubts?: readonly string[] | undefined;
      /** The same part as its area describes it, where that has another size. */
      readonly other?: FoundPart | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly cause?: UnknownCause | undefined;
      /** Candidates that share nothing that changes the chip. */
      readonly ambiguous?: { readonly names: readonly string[]; readonly difference: string } | undefined;
    };

/** A part of the catalogue with what this chip said of its page size or its times; `isNamed` by the user. */
function asRead(part: ChipDescriptor, probe: ChipProbe, isNamed: boolean): AsRead {
  return part.family === "at45" ? at45AsRead(part, probe.at45Status) : at25AsRead(part, probe, isNamed);
}

function at45AsRead(part: At45Descriptor, status: Uint8Array | undefined): AsRead {
  const status1 = status?.[0];
  if (status1 === undefined) return { ok: false, reason: "its status register with the page size was not read" };
  if ((status1 & STATUS_1_DENSITY) !== part.statusDensityBits) {
    return { ok: false, reason: `its status ${hexByte(status1)} does not match the size in its ID` };
  }
  const isBinary = (status1 & STATUS_1_BINARY_PAGES) !== 0;
  const descriptor = at45WithPageBytes(part, isBinary ? part.binaryPageBytes : part.standardPageBytes);
  if (descriptor === undefined) return { ok: false, reason: `${part.name} has no such page size` };
  return { ok: true, descriptor, notes: [`it is set to pages of ${descriptor.pageBytes} bytes`] };
}

/** The chip's own area has better times than the catalogue; a size that contradicts the ID must not be trusted. */
function at25AsRead(part: At25Descriptor, probe: ChipProbe, isNamed: boolean): AsRead {
  const { sfdp: area } = probe;
  const candidates = siblingsOf(probe.idA).parts;
  if (area === undefined) {
    const missing = part.sfdp === "present" ? [`${part.name} should have an SFDP area, but none was found`] : [];
    return withoutArea(part, candidates, isNamed, missing);
  }
  const shared = sharedOptions(candidates);
  const hasFourByteMode = part.fourByteMode !== undefined || shared.hasFourByteMode === true;
  const described = descriptorFromSfdp(area, part, { hasFourByteMode });
  if (!described.ok) {
    return withoutArea(part, candidates, isNamed, [`its SFDP area cannot be used: ${described.reason}`]);
  }
  const own = described.value;
  if (own.geometry.capacityBytes !== part.geometry.capacityBytes) {
    const [says, known] = [own.geometry.capacityBytes, part.geometry.capacityBytes];
    const conflict = `its SFDP area specifies ${says} bytes, ${part.name} has ${known}`;
    return ofEitherSize(part, own, candidates, isNamed, conflict);
  }
  const mismatch = isNamed ? mismatchOf(own, part) : undefined;
  if (mismatch !== undefined) return { ok: false, reason: mismatch, cause: "mismatch" };
  const usable = isNamed ? ({ kind: "usable", descriptor: own, doubts: [] } as const) : byArea(own, candidates);
  if (usable.kind === "nothing") return { ok: false, reason: usable.difference, ambiguous: usable };
  const { geometry, eraseCommands, addressBytes, fourByteMode } = usable.descriptor;
  const kept = part.sources.filter((line) => !isOfGeometry(line));
  const descriptor = {
    ...part,
    geometry,
    eraseCommands,
    addressBytes,
    fourByteMode,
    sources: [...kept, ...own.sources],
  };
  const lacks = fourByteMode !== undefined && part.fourByteMode === undefined;
  const older = `its SFDP area lists no commands with four address bytes, so it may not be ${part.name}`;
  const doubts = [...(lacks ? [older] : []), ...usable.doubts];
  return { ok: true, descriptor, notes: [...doubts, ...modeNotes(descriptor)], doubts };
}

/** An area with another size than the part's is of another part: neither alone says how much an erase clears. */
function ofEitherSize(
  part: At25Descriptor,
  own: At25Descriptor,
  candidates: readonly SiblingPart[],
  isNamed: boolean,
  conflict: string,
): AsRead {
  const listed = withoutArea(part, candidates, isNamed, [conflict]);
  if (!listed.ok) return listed;
  const usable = isNamed ? ({ kind: "usable", descriptor: own, doubts: [] } as const) : byArea(own, candidates);
  if (usable.kind === "nothing") return { ok: false, reason: usable.difference, ambiguous: usable };
  const doubts = [conflict, ...usable.doubts];
  return {
    ...listed,
    doubts: listed.doubts ?? [conflict],
    other: { descriptor: proving(usable.descriptor, candidates), notes: doubts, doubts },
  };
}

/** Nothing but the ID, or the user, says that it is this part. */
function withoutArea(
  part: At25Descriptor,
  candidates: readonly SiblingPart[],
  isNamed: boolean,
  reasons: readonly string[],
): AsRead {
  if (isNamed) return { ok: true, descriptor: proving(part, candidates), notes: reasons };
  const usable = byIdAlone(part, candidates);
  if (usable.kind === "nothing") return { ok: false, reason: usable.difference, ambiguous: usable };
  const { descriptor } = usable;
  const doubts = usable.doubts.length === 0 ? reasons : [...reasons, ...usable.doubts];
  return { ok: true, descriptor, notes: [...doubts, ...modeNotes(descriptor)], doubts };
}

function sizeConflict(jedecId: string, name: string, listed: FoundPart, said: FoundPart): Identification {
  const size = ({ descriptor }: FoundPart): number => descriptor.geometry.capacityBytes;
  const choices = size(listed) < size(said) ? ([listed, said] as const) : ([said, listed] as const);
  return { kind: "size-conflict", jedecId, name, choices };
}

/** Lines on opcodes and times, which the chip's own area replaces. */
function isOfGeometry(line: string): boolean {
  return /^(page program|chip erase|[0-9]+(-byte| KiB| to) )/.test(line);
}

function missingPattern({ idA, idB }: ChipProbe): string | undefined {
  if (idA.length < ID_BYTES) return `only ${idA.length} bytes were received`;
  const lengthBytes = isAt45Id(idA) ? ID_BYTES + EXTENDED_ID_BYTES : ID_BYTES;
  const [a, b] = [hex(idA.subarray(0, lengthBytes)), hex(idB.subarray(0, lengthBytes))];
  if (a !== b) return `two reads differ: ${a} and ${b}`;
  const constant = constantByte(idA);
  return constant === undefined ? undefined : `all bytes read ${hexByte(constant)}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
