/** What the lines of a journal say taken together. */
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import { type ByteRange, rangeEnd } from "../../drivers/geometry.ts";
import { formatSize } from "../bytes.ts";
import { mergeRanges, subtractRanges } from "../jobs/byte-ranges.ts";
import type { HeldUnit } from "../jobs/job-safe.ts";
import type { KeptPiece } from "../jobs/run-job.ts";
import { decodeLines, JournalDamage, type JobRecord, type JournalLine, type RangeDigest } from "./journal-line.ts";

export interface ReadJournal {
  readonly job: JobRecord;
  /** Units that nobody has proved, in order of address, each with the bytes that are to be put back. */
  readonly held: readonly HeldUnit[];
  /** Addresses of units that were proved and not touched since. */
  readonly released: readonly number[];
  /** Where the job has changed something, sorted and disjoint; only where it keeps what was there. */
  readonly oldRanges: readonly ByteRange[];
  /**
   * What the chip held there before the job. Put together when it is asked for: to be asked when it is known that the chip has
   * so much.
   */
  readonly old: readonly KeptPiece[];
  /** Length of the whole lines: what stands behind them a kill has torn. */
  readonly wholeBytes: number;
  /** Of a stream: bytes that are on the chip for sure. */
  readonly bytesWritten: number;
  /** `undoing`: it was being taken back. `done`: it ended, and can be taken back. */
  readonly state: "begun" | "undoing" | "done";
  /** What the chip held when the job was done, wherever it has changed something. */
  readonly digests: readonly RangeDigest[];
}

/** Takes a journal's bytes apart. Throws JournalDamage with the line that is wrong. */
export function parseJournal(bytes: Uint8Array): ReadJournal {
  const reader = new JournalReader();
  let wholeBytes = 0;
  for (const line of decodeLines(bytes)) reader.take(line);
  wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  return reader.read(wholeBytes);
}

/** Takes the lines of a journal one by one, and says what they mean taken together. */
export class JournalReader {
  readonly #sum = new JournalSum();
  #job: JobRecord | undefined;
  readonly #keepsBytes: boolean;
  #capacityBytes = MOST_CHIP_BYTES;
  #number = 0;

  /** Without bytes it only checks lines and knows the state. */
  constructor(keepsBytes = true) {
    this.#keepsBytes = keepsBytes;
  }

  /** Throws JournalDamage for a line that cannot stand here, or speaks of more than the chip has. */
  take(line: JournalLine): void {
    const number = ++this.#number;
    if (line.kind === "job") {
      if (this.#job !== undefined) throw new JournalDamage(number, "it is a second job");
      this.#job = line.job;
      this.#capacityBytes = capacityOf(line.job);
      this.#sum.keepsOld = line.job.keepsOld;
      return;
    }
    if (this.#job === undefined) throw new JournalDamage(number, "it is no job");
    for (const range of rangesIn(line)) {
      if (rangeEnd(range) <= this.#capacityBytes) continue;
      throw new JournalDamage(number, `a range ends beyond the chip, which holds ${formatSize(this.#capacityBytes)}`);
    }
    if (this.#keepsBytes) this.#sum.add(line);
    else if (line.kind === "done") this.#sum.add({ kind: "done", digests: [] });
    else if (line.kind === "undo") this.#sum.add(line);
  }

  /** Throws JournalDamage where there was no job. */
  read(wholeBytes: number): ReadJournal {
    if (this.#job === undefined) throw new JournalDamage(1, "it holds no job");
    return this.#sum.total(this.#job, wholeBytes);
  }
}

/** The largest flash that 32-bit addresses reach. */
const MOST_CHIP_BYTES = 2 ** 32;

/** What the catalogue says of the chip; where it does not know it, what addresses reach. */
function capacityOf({ chip, connection }: JobRecord): number {
  // Somebody has said that the catalogue is wrong.
  if (connection.includes("--size") || connection.includes("--chip-file")) return MOST_CHIP_BYTES;
  return descriptorByName(chip.name)?.geometry.capacityBytes ?? MOST_CHIP_BYTES;
}

function rangesIn(line: Exclude<JournalLine, { kind: "job" }>): readonly ByteRange[] {
  if (line.kind === "hold") return line.units;
  if (line.kind === "blank") return line.ranges;
  return line.kind === "done" ? line.digests : [];
}

/** What a job has left to do, line by line; also kept by whoever writes a journal. */
export class JournalSum {
  readonly #held = new Map<number, HeldUnit>();
  readonly #released = new Set<number>();
  /** False: nobody will ask for what was there. */
  keepsOld = true;
  readonly #old: { readonly range: ByteRange; readonly data: Uint8Array | number }[] = [];
  #bytesWritten = 0;
  #state: ReadJournal["state"] = "begun";
  #digests: readonly RangeDigest[] = [];

  /** The sum of a journal that was left behind. */
  static goOn({ old, held, bytesWritten, job }: ReadJournal): JournalSum {
    const sum = new JournalSum();
    sum.keepsOld = job.keepsOld;
    for (const { address, data } of old) sum.#old.push({ range: { address, lengthBytes: data.length }, data });
    for (const unit of held) sum.#held.set(unit.address, unit);
    sum.#bytesWritten = bytesWritten;
    return sum;
  }

  add(line: Exclude<JournalLine, { kind: "job" }>): void {
    switch (line.kind) {
      case "hold":
        for (const unit of line.units) this.#hold(unit);
        return;
      case "blank":
        for (const range of line.ranges) this.#old.push({ range, data: line.value });
        return;
      case "release":
        this.#held.delete(line.address);
        this.#released.add(line.address);
        return;
      case "progress":
        this.#bytesWritten = line.bytesWritten;
        return;
      case "undo":
        this.#state = "undoing";
        return;
      case "done":
        this.#state = "done";
        this.#digests = line.digests;
    }
  }

  /** Whether the bytes around the target in this unit are here. */
  holds(address: number): boolean {
    return this.#held.has(address);
  }

  get held(): readonly HeldUnit[] {
    return [...this.#held.values()].toSorted((a, b) => a.address - b.address);
  }

  /** Whether anything was changed that is not proved, or that an undo would change back. */
  get isOfUse(): boolean {
    return this.#held.size > 0 || this.#old.length > 0 || this.#bytesWritten > 0;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Ranges that an undo would write, sorted and disjoint. */
  get oldRanges(): readonly ByteRange[] {
    return mergeRanges(this.#old.map(({ range }) => range));
  }

  total(job: JobRecord, wholeBytes: number): ReadJournal {
    const oldPieces = (): readonly KeptPiece[] => (job.keepsOld ? this.#oldPieces() : []);
    let old: readonly KeptPiece[] | undefined;
    return {
      job,
      held: this.held,
      released: [...this.#released].toSorted((a, b) => a - b),
      oldRanges: job.keepsOld ? this.oldRanges : [],
      get old() {
        old ??= oldPieces();
        return old;
      },
      wholeBytes,
      bytesWritten: this.#bytesWritten,
      state: this.#state,
      digests: this.#digests,
    };
  }

  #hold(unit: HeldUnit): void {
    this.#released.delete(unit.address);
    for (const { address, data } of [...unit.pieces, ...(unit.old ?? [])]) {
      this.#old.push({ range: { address, lengthBytes: data.length }, data: this.keepsOld ? data : 0 });
    }
    // What was read first is what the chip held: a later hold is of a unit that is being done again.
    if (!this.#held.has(unit.address)) {
      const { address, lengthBytes, pieces } = unit;
      this.#held.set(address, { address, lengthBytes, pieces });
    }
  }

  /** The first that is known of a byte is what was there before. */
  #oldPieces(): KeptPiece[] {
    const pieces: KeptPiece[] = [];
    let known: readonly ByteRange[] = [];
    for (const { range, data } of this.#old) {
      for (const { address, lengthBytes } of subtractRanges(range, known)) {
        if (lengthBytes === 0) continue;
        const from = address - range.address;
        const bytes =
          typeof data === "number" ? new Uint8Array(lengthBytes).fill(data) : data.slice(from, from + lengthBytes);
        pieces.push({ address, data: bytes });
      }
      known = mergeRanges([...known, range]);
    }
    return joined(pieces.toSorted((a, b) => a.address - b.address));
  }
}

/** Pieces that touch become one. */
function joined(pieces: readonly KeptPiece[]): KeptPiece[] {
  const ranges = mergeRanges(pieces.map(({ address, data }) => ({ address, lengthBytes: data.length })));
  const wholes = ranges.map(({ address, lengthBytes }) => ({ address, data: new Uint8Array(lengthBytes) }));
  let index = 0;
  for (const { address, data } of pieces) {
    for (let whole = wholes[index]; whole !== undefined; whole = wholes[index]) {
      if (address < rangeEnd({ address: whole.address, lengthBytes: whole.data.length })) {
        whole.data.set(data, address - whole.address);
        break;
      }
      index++;
    }
  }
  return wholes;
}
