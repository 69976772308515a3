/** Who is told of extractions beside the index of the store: a ledger of units, for example. */
import type { DecodeLine, ExtractionLine } from "./store-lines.ts";

/**
 * Receives each line after it is durable in the index of the store. A sink that throws fails the command; the store
 * stays as it is then. The same line may come again, after a crash or when a store is replayed: a sink must know lines
 * by their extraction.
 */
export interface ExtractionSink {
  /** The dumps of a unit are stored. */
  extracted(line: ExtractionLine): void | Promise<void>;
  /** They were decoded, for the first time or again. */
  decoded(line: DecodeLine): void | Promise<void>;
}
