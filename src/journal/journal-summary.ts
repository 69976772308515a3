/** What a list of jobs shows of a journal: no bytes that it keeps, only how many there are. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { mergeRanges, totalBytes } from "../jobs/byte-ranges.ts";
import type { JobRecord, JournalLine } from "./journal-line.ts";
import { JournalReader, type ReadJournal } from "./read-journal.ts";

export interface JournalSummary {
  readonly job: JobRecord;
  readonly state: ReadJournal["state"];
  /** Bytes that an undo would put back, or else a resume. */
  readonly heldBytes: number;
}

/** So many ranges are gathered before those that touch become one. */
const LOOSE_RANGES = 4096;

/** Takes the lines of a journal one by one. */
export class SummaryReader {
  readonly #reader = new JournalReader(false);
  readonly #heldBytes = new Map<number, number>();
  #old: ByteRange[] = [];
  #mergeAt = LOOSE_RANGES;

  /** Throws JournalDamage. */
  take(line: JournalLine): void {
    this.#reader.take(line);
    if (line.kind === "hold") for (const unit of line.units) this.#hold(unit);
    if (line.kind === "release") this.#heldBytes.delete(line.address);
    if (line.kind === "blank") this.#addOld(line.ranges);
  }

  /** Throws JournalDamage where there was no job. */
  summary(): JournalSummary {
    const { job, state } = this.#reader.read(0);
    const kept = [...this.#heldBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { job, state, heldBytes: job.keepsOld ? totalBytes(mergeRanges(this.#old)) : kept };
  }

  #hold({ address, pieces, old = [] }: (JournalLine & { readonly kind: "hold" })["units"][number]): void {
    const bytes = pieces.reduce((sum, { data }) => sum + data.length, 0);
    if (!this.#heldBytes.has(address)) this.#heldBytes.set(address, bytes);
    this.#addOld([...pieces, ...old].map((piece) => ({ address: piece.address, lengthBytes: piece.data.length })));
  }

  #addOld(ranges: readonly ByteRange[]): void {
    for (const range of ranges) {
      this.#old.push(range);
      if (this.#old.length >= this.#mergeAt) this.#merge();
    }
  }

  /** What does not become less by it may grow to twice as much before it is tried again. */
  #merge(): void {
    this.#old = [...mergeRanges(this.#old)];
    this.#mergeAt = Math.max(LOOSE_RANGES, 2 * this.#old.length);
  }
}
