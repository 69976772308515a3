/**
 * What may be used of a chip that several parts may be. An ID does not identify a part: some parts share one and erase more
 * with the same opcode, or lack the commands that take four address bytes. What one candidate would do otherwise is not used.
 */
import { CHIP_ERASE_UNIT_NAME } from "./erase-units.ts";
import { describePart } from "./catalog/part-descriptor.ts";
import { isComplete, settled } from "./catalog/part-values.ts";
import { largestEraseBytes, type SiblingPart } from "./catalog/siblings.ts";
import type { At25Descriptor, At25EraseCommand } from "./chip-descriptor.ts";
import type { EraseUnit } from "./geometry.ts";
import type { SfdpOptions } from "./sfdp/sfdp-descriptor.ts";

/** What is left of a part, and why. Texts are parts of sentences. */
export type Usable =
  | {
      readonly kind: "usable";
      readonly descriptor: At25Descriptor;
      /** What a user should know: empty if nothing was left out. */
      readonly doubts: readonly string[];
    }
  | {
      /** Nothing that changes the chip is common to all candidates. */
      readonly kind: "nothing";
      readonly names: readonly string[];
      /** What they differ in. */
      readonly difference: string;
    };

const MAX_NAMES = 6;
/** Makers whose parts above 16 MiB Linux drives by the mode if its table names no commands with four address bytes. */
const LINUX_MODE_MAKERS: ReadonlySet<number> = new Set([0x20, 0xc2, 0xef]);
const ERASES_4_BYTES: ReadonlySet<number> = new Set([0x21, 0x5c, 0xdc]);

/** What all parts with an ID have, for reading the SFDP area of a chip with it. */
export function sharedOptions(candidates: readonly SiblingPart[]): SfdpOptions {
  return { hasFourByteMode: candidates.length > 0 && candidates.every(hasFourByteMode) };
}

function hasFourByteMode(part: SiblingPart): boolean {
  const claims = part.fourByte.filter(isComplete);
  if (claims.length === 0) return LINUX_MODE_MAKERS.has(part.id[0] ?? 0);
  return claims.some(({ value }) => value.includes("B7") || value.includes("06B7"));
}

/** The names of parts, not all of many. */
export function namesOf(candidates: readonly SiblingPart[]): string {
  const names = candidates.map(({ name }) => name);
  const left = names.length - MAX_NAMES;
  return left > 0 ? `${names.slice(0, MAX_NAMES).join(", ")} and ${left} others` : names.join(", ");
}

/**
 * Nothing but its ID (or a name, which a user may have wrong) says what the chip is: what any candidate would do otherwise
 * is left out, and every erase has to show its size.
 */
export function byIdAlone(part: At25Descriptor, candidates: readonly SiblingPart[]): Usable {
  const driven = withSharedAddresses(part, candidates);
  if (driven === undefined) {
    const difference = "how they take addresses above 16 MiB";
    return { kind: "nothing", names: candidates.map(({ name }) => name), difference };
  }
  const others = contradictions(driven, candidates);
  const contradicted = withMissing(driven, candidates, others);
  const kept = driven.eraseCommands.filter((command) => !contradicted.has(command));
  if (!kept.some(({ addressBytes }) => addressBytes > 0)) {
    const difference = `erase blocks: ${[...contradicted.values()].join("; ")}`;
    return { kind: "nothing", names: candidates.map(({ name }) => name), difference };
  }
  const doubts: string[] = [];
  if (driven !== part) {
    doubts.push(
      "the 4-byte address mode is used, since some parts with this ID have no commands with four address bytes",
    );
  }
  if (contradicted.size > 0) {
    const which = [...contradicted.values()].join("; ");
    doubts.push(`it may be ${namesOf(candidates)}; commands that differ are not used (${which})`);
  }
  return { kind: "usable", descriptor: proving(keeping(driven, kept), candidates), doubts };
}

/**
 * The SFDP area of the chip lists its erases. They count if they are those of a candidate; if they are those of none, what
 * no candidate contradicts counts, or else each has to show its size.
 */
export function byArea(own: At25Descriptor, candidates: readonly SiblingPart[]): Usable {
  const fits = (part: SiblingPart): boolean => contradictions(own, [part]).size === 0;
  if (candidates.length === 0 || candidates.some(fits)) return { kind: "usable", descriptor: own, doubts: [] };
  const contradicted = contradictions(own, candidates);
  const kept = own.eraseCommands.filter((command) => !contradicted.has(command));
  const which = [...contradicted.values()].join("; ");
  const says = `its SFDP area contradicts all parts with its ID, ${namesOf(candidates)} (${which})`;
  if (!kept.some(({ addressBytes }) => addressBytes > 0)) {
    const doubts = [`${says}; each erase command has to show its size`];
    return { kind: "usable", descriptor: proving(own, candidates), doubts };
  }
  const doubts = [`${says}; commands that differ are not used`];
  return { kind: "usable", descriptor: proving(keeping(own, kept), candidates), doubts };
}

/** The same part with the most that each of its erases might destroy, and a doubt about commands with four address bytes. */
export function proving(part: At25Descriptor, candidates: readonly SiblingPart[]): At25Descriptor {
  const unprovedReads = part.addressBytes === 4 ? { isTrustedIfBlank: isDrivenAlike(part, candidates) } : undefined;
  return {
    ...part,
    unprovedReads,
    eraseCommands: part.eraseCommands.map((command) => {
      const bytes = blockBytes(part, command);
      if (command.addressBytes === 0 || bytes === 0) return command;
      const mostBytes = largestEraseBytes(candidates, command.opcode) ?? 0;
      return { ...command, unprovedBytes: Math.max(bytes, mostBytes, command.unprovedBytes ?? 0) };
    }),
  };
}

/** The same for a part that a user has named, who may be wrong: also what to use if the chip does not show what that part has. */
export function provingNamed(part: At25Descriptor, candidates: readonly SiblingPart[]): At25Descriptor {
  const named = proving(part, candidates);
  if (named.unprovedReads?.isTrustedIfBlank !== false) return named;
  const shared = byIdAlone(part, candidates);
  const isUsable = shared.kind === "usable" && isDrivenAlike(shared.descriptor, candidates);
  return isUsable ? { ...named, unprovedReads: { isTrustedIfBlank: false, instead: shared.descriptor } } : named;
}

/** The same for a part of a chip file, which specifies what no table can settle. */
export function provingDescribed(part: At25Descriptor, candidates: readonly SiblingPart[]): At25Descriptor {
  const named = provingNamed(part, candidates);
  const isOpen = named.unprovedReads !== undefined && named.unprovedReads.instead === undefined;
  return isOpen ? { ...named, unprovedReads: { isTrustedIfBlank: true } } : named;
}

/** Whether all candidates take addresses as this part does, as far as their complete sources specify it. */
function isDrivenAlike({ fourByteMode }: At25Descriptor, candidates: readonly SiblingPart[]): boolean {
  return candidates.every(fourByteMode === undefined ? hasDedicated : hasFourByteMode);
}

/** The first erase of the SFDP area that a named part has with another size; undefined if there is none. */
export function mismatchOf(own: At25Descriptor, named: At25Descriptor): string | undefined {
  for (const command of own.eraseCommands) {
    const other = named.eraseCommands.find(({ opcode }) => opcode === command.opcode);
    if (other === undefined || command.addressBytes === 0) continue;
    const [said, known] = [blockBytes(own, command), blockBytes(named, other)];
    if (said !== known)
      return `its SFDP area lists ${sizeWithOpcode(command.opcode, said)}, ${named.name} has ${kib(known)}`;
  }
  return undefined;
}

/** Commands that a candidate has with other blocks, and how. */
function contradictions(
  part: At25Descriptor,
  candidates: readonly SiblingPart[],
): ReadonlyMap<At25EraseCommand, string> {
  const found = new Map<At25EraseCommand, string>();
  for (const command of part.eraseCommands) {
    const unit = unitOf(part, command);
    if (unit === undefined || command.addressBytes === 0) continue;
    const other = candidates.find((candidate) => differs(candidate, command.opcode, unit));
    if (other === undefined) continue;
    const [bytes, theirs] = [largestOf(unit), layoutOf(other, command.opcode)];
    found.set(command, `${sizeWithOpcode(command.opcode, bytes)} or, on ${other.name}, ${theirs}`);
  }
  return found;
}

/**
 * `contradicted` and the commands that a candidate does not have at all. Without these as long as no other erase of a block is
 * left: a chip ignores what it does not have, which the first erase shows.
 */
function withMissing(
  part: At25Descriptor,
  candidates: readonly SiblingPart[],
  contradicted: ReadonlyMap<At25EraseCommand, string>,
): ReadonlyMap<At25EraseCommand, string> {
  const all = new Map(contradicted);
  for (const command of part.eraseCommands) {
    const bytes = blockBytes(part, command);
    // No table lists the erase of a page for any part like AT25: that one is missing says nothing.
    if (command.addressBytes === 0 || bytes <= part.geometry.pageBytes || all.has(command)) continue;
    const other = candidates.find((candidate) => lacks(candidate, command.opcode));
    if (other !== undefined) all.set(command, `${sizeWithOpcode(command.opcode, bytes)} or, on ${other.name}, none`);
  }
  const isAnyLeft = part.eraseCommands.some((command) => command.addressBytes > 0 && !all.has(command));
  return isAnyLeft ? all : contradicted;
}

/** Whether a source lists all erases of a part, and no source has this one. */
function lacks({ erases }: SiblingPart, opcode: number): boolean {
  return erases.some(isComplete) && !erases.some(({ value }) => value.some((erase) => erase.opcode === opcode));
}

/** Whether the sources that list all of a part have this opcode with other blocks. */
function differs(part: SiblingPart, opcode: number, unit: EraseUnit): boolean {
  const erases = settled(part.erases).flatMap((list) => list.filter((erase) => erase.opcode === opcode));
  const isEven = unit.regions.length === 1;
  const isSame = ({ largestBytes, layout }: (typeof erases)[number]): boolean =>
    largestBytes === largestOf(unit) && layout.includes("+") !== isEven;
  return erases.length > 0 && !erases.some(isSame);
}

function layoutOf(part: SiblingPart, opcode: number): string {
  const erase = settled(part.erases).flatMap((list) => list.filter((one) => one.opcode === opcode))[0];
  if (erase === undefined) return "none";
  return erase.layout.includes("+") ? "uneven blocks" : kib(erase.largestBytes);
}

/** The part with addresses as all candidates take them: its own, or the mode of four address bytes; undefined if neither. */
function withSharedAddresses(part: At25Descriptor, candidates: readonly SiblingPart[]): At25Descriptor | undefined {
  if (part.addressBytes === 3 || part.fourByteMode !== undefined || candidates.every(hasDedicated)) return part;
  if (sharedOptions(candidates).hasFourByteMode !== true) return undefined;
  for (const candidate of candidates) {
    const driving = describePart(candidate);
    if (!driving.ok || driving.descriptor.fourByteMode === undefined) continue;
    const { geometry, eraseCommands, fourByteMode } = driving.descriptor;
    if (geometry.capacityBytes !== part.geometry.capacityBytes) continue;
    return { ...part, geometry, eraseCommands, fourByteMode };
  }
  return undefined;
}

/** Whether a candidate has read, program and erase with four address bytes, as far as its complete sources list them. */
function hasDedicated(part: SiblingPart): boolean {
  const claims = part.fourByte.filter(isComplete);
  if (claims.length === 0) return !isDrivenByMode(part);
  const hasErase = settled(part.erases).some((list) => list.some(({ opcode }) => ERASES_4_BYTES.has(opcode)));
  return hasErase && claims.every(({ value }) => value.includes("0C") && value.includes("12"));
}

/** Nothing lists such commands of the part, and its name alone would have it driven by the mode. */
function isDrivenByMode(part: SiblingPart): boolean {
  const driving = describePart(part);
  return driving.ok && driving.descriptor.fourByteMode !== undefined;
}

function keeping(part: At25Descriptor, kept: readonly At25EraseCommand[]): At25Descriptor {
  if (kept.length === part.eraseCommands.length) return part;
  const names = new Set([CHIP_ERASE_UNIT_NAME, ...kept.map(({ unitName }) => unitName)]);
  const eraseUnits = part.geometry.eraseUnits.filter(({ name }) => names.has(name));
  return { ...part, geometry: { ...part.geometry, eraseUnits }, eraseCommands: kept };
}

function unitOf(part: At25Descriptor, { unitName }: At25EraseCommand): EraseUnit | undefined {
  return part.geometry.eraseUnits.find(({ name }) => name === unitName);
}

function blockBytes(part: At25Descriptor, command: At25EraseCommand): number {
  const unit = unitOf(part, command);
  return unit === undefined ? 0 : largestOf(unit);
}

function largestOf({ regions }: EraseUnit): number {
  return Math.max(...regions.map(({ unitBytes }) => unitBytes));
}

function sizeWithOpcode(opcode: number, bytes: number): string {
  return `${opcode.toString(16).toUpperCase()}h with ${kib(bytes)}`;
}

function kib(bytes: number): string {
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
