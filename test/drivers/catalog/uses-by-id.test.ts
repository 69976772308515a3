/** What is left of a chip if nothing but its ID is known: counted for all 618 IDs, and told for the 40 most dangerous. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { knownPartsWithId } from "../../../drivers/catalog/known-parts.ts";
import { type IdKind, type KnownPart, sizeText } from "../../../drivers/catalog/part-line.ts";
import { protectionOf } from "../../../drivers/catalog/part-protection.ts";
import { largestEraseBytes, sharedBy, siblingsOf } from "../../../drivers/catalog/siblings.ts";

const MIB = 1024 * 1024;
const KINDS: readonly IdKind[] = ["rems", "res1", "res2", "at25f", "st95"];

interface Walked {
  readonly key: string;
  readonly parts: readonly KnownPart[];
  readonly uses: readonly string[];
  /** How much more an opcode erases on one part than on another; 1 if no opcode does. */
  readonly danger: number;
}

function hexOpcode(opcode: number): string {
  return `${opcode.toString(16).padStart(2, "0").toUpperCase()}h`;
}

function partsOf(key: string): readonly KnownPart[] {
  const colon = key.indexOf(":");
  const bytes = (key.slice(colon + 1).match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  const kind = KINDS.find((one) => one === key.slice(0, colon));
  return kind === undefined ? siblingsOf(bytes).parts : knownPartsWithId(bytes, kind);
}

/** Uses that are safe on every part with the ID. */
function usesOf(key: string, parts: readonly KnownPart[]): readonly string[] {
  if (key.includes(":")) return ["none: another command returns the ID"];
  const { capacityBytes, program, erases, fourByte } = sharedBy(parts);
  if (capacityBytes === undefined) return ["none: the size differs or is not known"];
  if (program !== undefined && program !== "page") return [`none: programmed by ${program}`];
  if (parts.some(({ others }) => others.has("no-erase") || others.has("address"))) return ["none: no NOR flash"];
  const isLarge = capacityBytes > 16 * MIB;
  const hasMode = fourByte.includes("B7") || fourByte.includes("06B7");
  const isReached = !isLarge || hasMode || (fourByte.includes("0C") && fourByte.includes("12"));
  if (!isReached) return ["none: the way above 16 MiB differs or is not known"];
  const usable = erases.filter(({ addressBytes }) => !isLarge || hasMode || addressBytes === 4);
  return ["read", "program", ...(usable.length === 0 ? [] : ["erase"])];
}

function dangerOf(parts: readonly KnownPart[]): number {
  const all = parts.flatMap(({ erases }) => erases.flatMap(({ value }) => value));
  const ratios = all.map(({ opcode, largestBytes }) => (largestEraseBytes(parts, opcode) ?? 0) / largestBytes);
  return Math.max(1, ...ratios);
}

function lineOf({ key, parts, uses, danger }: Walked): string {
  const { capacityBytes, erases } = sharedBy(parts);
  const opcodes = new Set(parts.flatMap(({ erases: claims }) => claims.flatMap(({ value }) => value)));
  const most = [...new Set([...opcodes].map(({ opcode }) => opcode))]
    .toSorted((a, b) => a - b)
    .map((opcode) => `${hexOpcode(opcode)} up to ${sizeText(largestEraseBytes(parts, opcode) ?? 0)}`);
  const shared = erases.map(({ opcode, layout }) => `${hexOpcode(opcode)} ${layout}`).join(", ") || "none";
  const protection = capacityBytes === undefined ? "unknown" : protectionOf(parts, capacityBytes).scheme;
  return `${key} x${danger} of ${parts.length} parts | ${uses.join(", ")} | shared: ${shared} | ${most.join(", ")} | ${protection}`;
}

it("uses that are left by the ID alone", async () => {
  const keys = readFileSync("test/golden/catalog/shared-by-id.txt", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.slice(0, line.indexOf("|")));
  const walked = keys.map((key): Walked => {
    const parts = partsOf(key);
    return { key, parts, uses: usesOf(key, parts), danger: dangerOf(parts) };
  });
  const counts = new Map<string, number>();
  for (const { uses } of walked) counts.set(uses.join(", "), (counts.get(uses.join(", ")) ?? 0) + 1);
  const worst = walked
    .filter(({ parts }) => parts.length > 1)
    .toSorted((a, b) => b.danger - a.danger || b.parts.length - a.parts.length || (a.key < b.key ? -1 : 1))
    .slice(0, 40);
  const page = [
    ...[...counts].toSorted(([, a], [, b]) => b - a).map(([uses, count]) => `${count} IDs: ${uses}`),
    "",
    ...worst.map(lineOf),
  ];
  // An opcode whose size differs is never among those that are shared. (An AT45 has two page settings.)
  for (const { parts } of walked.filter(({ uses }) => !uses.includes("none: programmed by buffer"))) {
    for (const { opcode, largestBytes } of sharedBy(parts).erases) {
      expect(largestEraseBytes(parts, opcode)).toBe(largestBytes);
    }
  }
  await expect(`${page.join("\n")}\n`).toMatchFileSnapshot("../../golden/catalog/uses-by-id.txt");
});
