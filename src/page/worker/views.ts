/** Objects of the engine as values that cross to the page. */
import type { ChipBase, Finding, LeftJobInfo, RegionFinding, WritePlan } from "../../index.browser.ts";
import { NorbridgeError } from "../../errors.ts";
import { formatRange, printable } from "../../bytes.ts";
import type { ChipFacts, Failure, FindingFacts, LeftView, PlanFacts, Range, RegionFacts } from "../messages.ts";

const AFTER_A_CHANGE: readonly string[] = ["INTERRUPTED", "INTERRUPTED_FINAL"];

/** An error as the page shows it. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NorbridgeError) {
    const { code, message, hint } = error;
    return { code, message, hint, changed: AFTER_A_CHANGE.includes(code) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "This is a fault of norbridge. Save the report and send it.";
  return { code: "BUG", message, hint, changed: true };
}

/** What is known of an open chip. `protection`: a sentence. */
export function chipFacts(chip: ChipBase, baudRate: number, protection: string): ChipFacts {
  const { identity, geometry, bridge, spiClockHz } = chip;
  const info = bridge?.info;
  const sizes = geometry.eraseUnits.map(({ regions }) => regions[0]?.unitBytes ?? geometry.capacityBytes);
  return {
    bridge: printable(`${info?.boardName ?? ""} ${info?.serialNumber ?? ""}`.trim()),
    protocol: info === undefined ? "" : `${info.protocol} ${info.protocolVersion}`,
    baudRate,
    name: printable(identity.name),
    vendor: printable(identity.vendor),
    jedecId: identity.jedecId,
    capacityBytes: geometry.capacityBytes,
    pageBytes: geometry.pageBytes,
    eraseSizes: [...new Set(sizes)].toSorted((a, b) => a - b),
    sectorBytes: Math.min(...sizes),
    spiClockHz,
    protection,
  };
}

export function planFacts(plan: WritePlan): PlanFacts {
  const sum = (ranges: readonly Range[]): number => ranges.reduce((total, { lengthBytes }) => total + lengthBytes, 0);
  return {
    eraseBlocks: plan.erases.length,
    eraseBytes: sum(plan.erases),
    programBytes: sum(plan.programs),
    keptBytes: sum(plan.keeps),
    sameBytes: plan.sameBytes,
    estimateMs: plan.estimateUs / 1000,
  };
}

export function leftView(job: LeftJobInfo): LeftView {
  const { id, state, problem } = job;
  const where = formatRange({ address: job.offset ?? 0, lengthBytes: job.lengthBytes ?? 0 });
  const text = problem?.message ?? `${job.command ?? "job"} of ${where} on ${job.chip?.name ?? "a chip"}`;
  return {
    id,
    state,
    text: printable(text),
    canUndo: problem === undefined && job.canUndo === true,
    canResume: state === "interrupted" || state === "undo interrupted",
  };
}

export function regionFacts({ layout, content, certainty, why, offset, lengthBytes }: RegionFinding): RegionFacts {
  return { address: offset, lengthBytes, layout, content, certainty, why: printable(why) };
}

export function findingFacts({ check, state, evidence, cause, fix }: Finding): FindingFacts {
  return { check, state, evidence: printable(evidence), cause: cause ?? "", fix: fix?.text ?? "" };
}
