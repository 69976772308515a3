/** The driver of a part's family. */
import { createAt25Driver } from "./at25/at25-driver.ts";
import { createAt45Driver } from "./at45/at45-driver.ts";
import type { ChipDescriptor } from "./chip-descriptor.ts";
import type { BridgeLimits, ChipDriver } from "./chip-driver.ts";

/**
 * Creates the driver for the family of a part. Throws RangeError if the transfers of the bridge are too short to
 * program a single byte.
 */
export function createDriver(descriptor: ChipDescriptor, limits: BridgeLimits): ChipDriver {
  return descriptor.family === "at25" ? createAt25Driver(descriptor, limits) : createAt45Driver(descriptor, limits);
}
