/**
 * Whether the chip erase pays. It is considered only if the target covers the whole chip: windows are surveyed until it is clear
 * that it cannot pay. One blank or right window usually settles that, so it costs next to nothing.
 */
import { totalBytes } from "../../../drivers/byte-ranges.ts";
import { blocksTouched } from "../target.ts";
import { cheapestErases, isChipErase, mostExpensiveErases, type SurveyUnit, windowUnit } from "./plan.ts";
import type { Window } from "./survey.ts";
import type { WriterParts } from "./writer-parts.ts";

/** The windows that were surveyed, in order, and whether the chip is to be erased: all of them were then. */
export interface EarlySurvey {
  readonly surveyed: readonly (readonly SurveyUnit[])[];
  readonly eraseChip: boolean;
}

/** Takes windows and surveys them for as long as a chip erase could pay, at most `windowsAhead` more than it waits for. */
export async function surveyForChipErase(
  windows: Generator<Window>,
  survey: (window: Window) => Promise<readonly SurveyUnit[]>,
  { target, geometry, safe }: Pick<WriterParts, "target" | "geometry" | "safe">,
  windowsAhead: number,
): Promise<EarlySurvey> {
  const chip = geometry.eraseUnits.find((unit) => isChipErase(unit, geometry))?.regions[0];
  const surveyed: (readonly SurveyUnit[])[] = [];
  // If all that is replaced is kept, erase block by block: a whole chip should not have to fit into memory.
  if (chip === undefined || safe?.keepsOld === true || totalBytes(target.segments) < geometry.capacityBytes) {
    return { surveyed, eraseChip: false };
  }
  const withoutChip = { ...geometry, eraseUnits: geometry.eraseUnits.filter((u) => !isChipErase(u, geometry)) };
  if (withoutChip.eraseUnits.length === 0) return { surveyed, eraseChip: false };
  let chipUs = chip.typicalUs;
  let blocksUs = 0;
  for (const block of blocksTouched(target, windowUnit(geometry))) blocksUs += mostExpensiveErases(block, geometry);
  const ahead: { readonly window: Window; readonly units: Promise<readonly SurveyUnit[]> }[] = [];
  while (chipUs < blocksUs) {
    // The first alone: it usually settles the matter, and then no digest stands before the first page needlessly.
    const limit = surveyed.length === 0 ? 1 : 1 + windowsAhead;
    while (ahead.length < limit) {
      const next = windows.next();
      if (next.done === true) break;
      const units = survey(next.value);
      units.catch(() => undefined);
      ahead.push({ window: next.value, units });
    }
    const first = ahead.shift();
    if (first === undefined) return { surveyed, eraseChip: true };
    const units = await first.units;
    surveyed.push(units);
    const { costUs, againUs } = cheapestErases(units, withoutChip);
    const mostUs = first.window.reduce((total, block) => total + mostExpensiveErases(block, geometry), 0);
    chipUs += againUs;
    blocksUs += costUs - mostUs;
  }
  for (const { units } of ahead) surveyed.push(await units);
  return { surveyed, eraseChip: false };
}
