/** What the doctor looks at, and what it finds. */

export interface Finding {
  /** What was looked at, a word or two: "permission", "loop-back". */
  readonly check: string;
  /** `fault`: nothing works with it. `warning`: it works, but slowly or by luck. `skipped`: not looked at, since nothing shows it here. */
  readonly state: "ok" | "warning" | "fault" | "skipped";
  /** The evidence, a sentence without a full stop. */
  readonly evidence: string;
  /** Where it is not ok: what is wrong, and the one thing to do about it. */
  readonly cause?: string;
  readonly fix?: string;
}

export interface Diagnosis {
  readonly cause: string;
  readonly evidence: string;
  readonly fix: string;
}

/**
 * The one thing to mend first: the first fault in the order in which things were looked at, since what comes after it may be
 * its doing; else the first warning; undefined where all is well.
 */
export function diagnose(findings: readonly Finding[]): Diagnosis | undefined {
  const worst = findings.find(({ state }) => state === "fault") ?? findings.find(({ state }) => state === "warning");
  if (worst?.cause === undefined || worst.fix === undefined) return undefined;
  return { cause: worst.cause, evidence: worst.evidence, fix: worst.fix };
}
