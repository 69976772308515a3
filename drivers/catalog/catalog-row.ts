/**
 * A row of the catalogue that can be found before its descriptor is made. A program needs the descriptors of one or two
 * parts; to make all of them costs more than the rest of the opening.
 */
import type { ChipDescriptor } from "../chip-descriptor.ts";

/** What a row is found by, and its descriptor. */
export interface CatalogRow<Descriptor extends ChipDescriptor = ChipDescriptor> {
  /** Name of the part. */
  readonly name: string;
  /** Response to 9Fh: maker, memory type, capacity. */
  readonly jedecId: readonly number[];
  /** The descriptor: made at the first call, the same one at every later call. */
  descriptor(): Descriptor;
}

/** A row whose descriptor `make` returns. */
export function catalogRow<Descriptor extends ChipDescriptor>(
  name: string,
  jedecId: readonly number[],
  make: () => Descriptor,
): CatalogRow<Descriptor> {
  let made: Descriptor | undefined;
  return { name, jedecId, descriptor: () => (made ??= make()) };
}
