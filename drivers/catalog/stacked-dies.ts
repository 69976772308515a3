/**
 * Parts of several dies behind one chip select. Each die has the addresses of the whole from 0 on, registers of its own, and
 * responds only while command C2h has selected it. No driver here selects dies: above the first die every read would return
 * the first one again, and every change would reach it.
 *
 * Sources: `die-select` of the tables (flashrom: W77Q12NW, W77T12NW); Winbond's datasheet of W25M512JV, revision D, "2 x
 * 256M-bit serial MCP flash"; FlashcatUSB's table, which has two stacked dies for W25M512JV and W25M512JW.
 */
import { hex } from "../jedec-id.ts";
import type { KnownPart } from "./part-line.ts";
import { textsOf } from "./part-values.ts";

/** By ID, for parts whose tables do not have it. */
const STACKED_IDS: ReadonlyMap<string, string> = new Map([
  ["ef7119", "W25M512JV"],
  ["ef6119", "W25M512JW"],
]);

/** Why such a part is not operated, as a part of a sentence. */
export const STACKED = "it has several dies that command C2h selects, and norbridge does not select dies";

/** Whether it has several dies that are selected by a command. */
export function isStacked(part: KnownPart): boolean {
  return textsOf([part], "die-select").length > 0 || STACKED_IDS.has(hex(part.id));
}

/** The stacked parts and the others among the parts of an ID, by name. */
export function stackedAmong(
  jedecId: string,
  parts: readonly KnownPart[],
): { readonly stacked: readonly string[]; readonly others: readonly string[] } {
  const byHand = STACKED_IDS.get(jedecId);
  if (byHand !== undefined) return { stacked: [byHand], others: [] };
  const names = (isWanted: boolean): string[] =>
    parts.filter((part) => isStacked(part) === isWanted).map(({ name }) => name);
  return { stacked: names(true), others: names(false) };
}
