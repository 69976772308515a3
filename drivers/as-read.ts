/**
 * A part of the catalogue as this chip describes it: with the page size of its status, or the times and commands of its
 * SFDP area. An area that contradicts the ID is not trusted.
 */
import { STATUS_1_BINARY_PAGES, STATUS_1_DENSITY } from "./at45/status.ts";
import { byArea, byIdAlone, mismatchOf, proving, provingNamed, sharedOptions } from "./candidates.ts";
import { at45WithPageBytes } from "./catalog/at45db.ts";
import { siblingsOf, type SiblingPart } from "./catalog/siblings.ts";
import type { At25Descriptor, At45Descriptor, ChipDescriptor } from "./chip-descriptor.ts";
import type { ChipProbe, FoundPart } from "./identification.ts";
import { hexByte } from "./jedec-id.ts";
import type { UnknownCause } from "./other-devices.ts";
import { descriptorFromSfdp } from "./sfdp/sfdp-descriptor.ts";

/** A part as read, or why the chip cannot be it. */
export type AsRead =
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

/** A part of the catalogue with the page size or the times that this chip reports; `isNamed` by the user. */
export function asRead(part: ChipDescriptor, probe: ChipProbe, isNamed: boolean): AsRead {
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
    const [reported, known] = [own.geometry.capacityBytes, part.geometry.capacityBytes];
    const conflict = `its SFDP area specifies ${reported} bytes, ${part.name} has ${known}`;
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

/** An area with another size than the part's is of another part: neither alone shows how much an erase clears. */
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

/** Only the ID, or the user, specifies this part. */
function withoutArea(
  part: At25Descriptor,
  candidates: readonly SiblingPart[],
  isNamed: boolean,
  reasons: readonly string[],
): AsRead {
  if (isNamed) return { ok: true, descriptor: provingNamed(part, candidates), notes: reasons };
  const usable = byIdAlone(part, candidates);
  if (usable.kind === "nothing") return { ok: false, reason: usable.difference, ambiguous: usable };
  const { descriptor } = usable;
  const doubts = usable.doubts.length === 0 ? reasons : [...reasons, ...usable.doubts];
  return { ok: true, descriptor, notes: [...doubts, ...modeNotes(descriptor)], doubts };
}

/** Lines on opcodes and times, which the chip's own area replaces. */
function isOfGeometry(line: string): boolean {
  return /^(page program|chip erase|[0-9]+(-byte| KiB| to) )/.test(line);
}

/** What a user should know of how this part is addressed. */
export function modeNotes(descriptor: ChipDescriptor): readonly string[] {
  const isByMode = descriptor.family === "at25" && descriptor.fourByteMode !== undefined;
  return isByMode ? ["it is operated in 4-byte address mode, which is left after each use"] : [];
}
