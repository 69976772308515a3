/** Makes a failing case smaller: leaves out one fault after the other, and halves the image, as long as it still fails. */
import { OMISSIONS, type CampaignCase } from "./scene.ts";
import { type JobVerdict, runCase } from "./run-seed.ts";
import type { Tamper } from "./tamper.ts";

/** Returns a case that breaks one of the invariants that `verdict` breaks, with as little in it as can be. */
export async function shrink(verdict: JobVerdict, tamper: Tamper = {}): Promise<CampaignCase> {
  const broken = new Set(verdict.complaints.map(({ invariant }) => invariant));
  const fails = async (candidate: CampaignCase): Promise<boolean> =>
    (await runCase(candidate, tamper)).complaints.some(({ invariant }) => broken.has(invariant));
  let smallest = verdict.case;
  if (smallest.found === true) {
    const plain = { ...smallest, found: false };
    if (await fails(plain)) smallest = plain;
  }
  for (const omission of OMISSIONS) {
    const candidate = { ...smallest, without: [...(smallest.without ?? []), omission] };
    if (await fails(candidate)) smallest = candidate;
  }
  for (let mostBytes = smallest.mostBytes ?? 64 * 1024; mostBytes >= 1; mostBytes = Math.floor(mostBytes / 2)) {
    const candidate = { ...smallest, mostBytes };
    if (!(await fails(candidate))) break;
    smallest = candidate;
  }
  return smallest;
}
