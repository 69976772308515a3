/** What the doctor checks, and what it finds. */
import type { Advice } from "../advice.ts";

/** One check and its result. */
export interface Finding {
  /** What was checked, a word or two: "permission", "loop-back". */
  readonly check: string;
  /**
   * `fault`: nothing works with it. `warning`: it works, but slowly or by luck. `skipped`: not looked at, since nothing shows
   * it here.
   */
  readonly state: "ok" | "warning" | "fault" | "skipped";
  /** The evidence, a sentence without a full stop. */
  readonly evidence: string;
  /** What is wrong, if it is not ok. */
  readonly cause?: string | undefined;
  /** The one thing to do; there if `cause` is. */
  readonly fix?: Advice | undefined;
}

export interface Diagnosis {
  readonly cause: string;
  readonly evidence: string;
  readonly fix: Advice;
}

/**
 * The one thing to repair first: the first fault in the order of the checks, since it may cause those after it; else the first
 * warning. Undefined if nothing is wrong.
 */
export function diagnose(findings: readonly Finding[]): Diagnosis | undefined {
  const worst = findings.find(({ state }) => state === "fault") ?? findings.find(({ state }) => state === "warning");
  if (worst?.cause === undefined || worst.fix === undefined) return undefined;
  return { cause: worst.cause, evidence: worst.evidence, fix: worst.fix };
}
