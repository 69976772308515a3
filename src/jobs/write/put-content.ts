/**
 * Makes the chip hold a target: one job at a time on a device, with the checks before and after that concern more than the
 * target itself.
 */
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { Turns } from "../../turns.ts";
import { compareDigests } from "../compare-digests.ts";
import { PhaseCount } from "../phase-count.ts";
import { canceled, type JobFrame, runJob } from "../run-job.ts";
import type { PutJob, PutReport } from "./put-once.ts";
import { putDespiteSlips } from "./slip-retry.ts";
import { Untouched } from "./untouched.ts";

export type { PutReport } from "./put-once.ts";

/**
 * Over a link that loses synchronization the job starts again, with a survey that skips what is right: what was in progress when
 * bytes were lost is compared and not sent once more.
 *
 * @throws NorbridgeError EROFS before anything is touched if the target touches a protected range.
 */
export async function putContent(job: PutJob): Promise<PutReport> {
  const { device, target, request, context } = job;
  const { operation, past = { changed: false } } = request;
  // Two that change one chip at the same time would put back what the other has replaced.
  const turn = await changesOf(device).take(context.signal);
  if (turn === undefined) throw canceled(operation);
  try {
    const frame = { operation, past };
    const rest = request.checkUntouched === true ? new Untouched(device, target, frame) : undefined;
    await rest?.look(context);
    const report = await putDespiteSlips({ ...job, request: { ...request, past } });
    await rest?.compare(context);
    if (rest !== undefined) await compareAll(job, frame);
    return report;
  } finally {
    request.safe?.ended?.(past.changed);
    turn.end();
  }
}

const CHANGES = new WeakMap<FlashDevice, Turns>();

/** Jobs that change a device, one after the other. */
function changesOf(device: FlashDevice): Turns {
  const turns = CHANGES.get(device) ?? new Turns();
  CHANGES.set(device, turns);
  return turns;
}

/** What was right from the beginning, and so left alone, is still right. */
async function compareAll({ device, target, context }: PutJob, frame: JobFrame): Promise<void> {
  const { operation } = frame;
  const count = new PhaseCount(context, "verify", target.totalBytes);
  const isUnchecked = device.link?.isUnchecked ?? false;
  await runJob(device, context, frame, async (pipe) => {
    for await (const { range, isEqual } of compareDigests(pipe, target, device.geometry, count, isUnchecked)) {
      if (isEqual) continue;
      const message = `${operation}: ${formatRange(range)} was verified and has changed since`;
      throw new NorbridgeError("EIO", message, { operation, range });
    }
  });
}
