/** One frame for all stores of command line and library: a part of the chip, or all of it, for as long as the work takes. */
import { type ByteRange, wholeChip } from "../../drivers/geometry.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { type RegionJob, runOnRegion } from "../jobs/run-on-region.ts";
import type { RunHost } from "./run-host.ts";

/** What is done where. */
export interface RegionWork extends Omit<RegionJob, "signal"> {
  /** The part of the chip; undefined: all of it. */
  readonly range: ByteRange | undefined;
}

/** Runs `body` on the region. Throws what `runOnRegion` throws. */
export function withRegion<T>(
  { signal }: Pick<RunHost, "signal">,
  device: FlashDevice,
  { range, ...job }: RegionWork,
  body: (region: FlashRegion) => Promise<T>,
): Promise<T> {
  return runOnRegion(device, range ?? wholeChip(device.geometry), { ...job, signal }, body);
}
