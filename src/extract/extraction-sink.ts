/** Who is told of extractions beside the index of the store: a ledger of units, for example. */
import type { DecodeLine, ExtractionLine } from "./store-lines.ts";

/**
 * Receives each line after it is durable in the index of the store. A sink that throws fails the command; the store
 * stays as it is then, and a line that a crash kept from the sink is in the index. A sink must accept a line twice.
 */
export interface ExtractionSink {
  /** The dumps of a unit are stored. */
  extracted(line: ExtractionLine): void | Promise<void>;
  /** They were decoded, for the first time or again. */
  decoded(line: DecodeLine): void | Promise<void>;
}
