/** Runs a job again after what it can continue from: a link that lost synchronization, an erase command that the chip lacks. */
import { eraseBlockAt, type FlashGeometry, smallestEraseUnit } from "../../../drivers/geometry.ts";
import { causeIn, isOf } from "../../error-groups.ts";
import type { PipeFailure } from "../op-pipe.ts";
import { type PutJob, putOnce, type PutReport, type PutRun } from "./put-once.ts";
import { noWriteCounts } from "./write-counts.ts";

/** How often a job continues by itself after the link has lost synchronization. */
const MAX_SLIPS = 8;

/** Throws what ends the job. */
export async function putDespiteSlips(job: PutJob): Promise<PutReport> {
  const { device, request, context } = job;
  const counts = noWriteCounts();
  const startUs = context.clock.nowUs();
  let { geometry } = device;
  for (let slips = 0; ; slips++) {
    const run: PutRun = { geometry, counts, maySample: slips === 0, failure: undefined, afterWrap: undefined };
    try {
      // What was written twice is one rewriting.
      counts.rewrittenBytes = 0;
      // After a loss of synchronization nothing is treated as blank that was not compared: no cell is programmed twice.
      const again = slips === 0 ? request : { ...request, assumeBlank: false };
      const report = await putOnce({ ...job, request: again }, run);
      return { ...report, durationUs: context.clock.nowUs() - startUs };
    } catch (error) {
      const smaller = withoutIgnored(geometry, run.failure);
      if (smaller !== undefined) {
        geometry = smaller;
        const command = run.failure?.kind === "chip" ? (run.failure.finding?.command ?? "") : "";
        context.onEvent?.({
          kind: "note",
          message: `the chip ignored the erase command ${command}: erasing smaller blocks`,
        });
        continue;
      }
      if (slips >= MAX_SLIPS || !isSlip(error) || context.signal?.aborted === true) throw error;
      const message =
        `the link lost synchronization during the ${request.operation}: comparing the chip again and continuing; ` +
        "data next to the written range is not checked";
      context.onEvent?.({ kind: "note", message, remedies: ["compare-neighbours"] });
    }
  }
}

/** The geometry without the unit whose erase the chip ignored; undefined if that is not what ended a run, or nothing is left. */
function withoutIgnored(geometry: FlashGeometry, failure: PipeFailure | undefined): FlashGeometry | undefined {
  if (failure?.kind !== "chip" || failure.outcome !== "ignored" || failure.op !== "erase") return undefined;
  const { address, lengthBytes } = failure.range;
  const eraseUnits = geometry.eraseUnits.filter((unit) => eraseBlockAt(unit, address)?.lengthBytes !== lengthBytes);
  const smallest = eraseBlockAt(smallestEraseUnit(geometry), address)?.lengthBytes ?? lengthBytes;
  if (lengthBytes <= smallest || eraseUnits.length === geometry.eraseUnits.length) return undefined;
  return { ...geometry, eraseUnits };
}

/** Nothing but doubt: no bytes of the user are in memory only, and the bridge is synchronized again. */
function isSlip(error: unknown): boolean {
  return causeIn(error, (one) => isOf(one, "outOfSync"), "resumable") !== undefined;
}
