/** A metadata pair: which of its two blocks is valid, and the entries, tail and move state that its tags make. */
import { type CommitLog, fitsRevision, readCommits } from "./commit-log.ts";
import { NO_ID, type Tag, TAG } from "./format.ts";
import { u32 } from "../little-endian.ts";

/** Two block numbers; the order does not matter. */
export type BlockPair = readonly [number, number];

/** What an id of a pair stands for, gathered from its tags. */
export interface PairEntry {
  /** Type of its name tag; undefined if it has none. */
  readonly nameType: number | undefined;
  /** Its name, bytes of the device. */
  readonly name: Uint8Array;
  /** Type of its struct tag; undefined for an empty file. */
  readonly structType: number | undefined;
  /** Data of its struct tag: content, or pointers. */
  readonly struct: Uint8Array;
}

/** Move state of a pair: XORed over all pairs it names the source of an unfinished move. */
export type MoveState = readonly [number, number, number];

/** The state that a pair holds. */
export interface PairState {
  /** The block that holds it. */
  readonly block: number;
  /** Entries by id. */
  readonly entries: readonly PairEntry[];
  /** Next pair of the list; undefined at its end. */
  readonly tail: { readonly pair: BlockPair; readonly isHard: boolean } | undefined;
  /** Zero if the pair has none. */
  readonly move: MoveState;
  /** What was cut or damaged in the pair; `isLoss`: newer changes may be lost. */
  readonly flaw: PairFlaw | undefined;
}

/** What is wrong with a pair that can be read. */
export interface PairFlaw {
  /** The block that is not as it should be. */
  readonly block: number;
  /** What is wrong, as the middle of a sentence. */
  readonly reason: string;
  /** A power cut does not explain it: changes may be lost. */
  readonly isLoss: boolean;
}

/** Reads a part of a block, from its start. */
export type ReadBlock = (block: number, lengthBytes: number) => Promise<Uint8Array>;

/** First piece of a block that is read; most logs end in it. */
const FIRST_PIECE_BYTES = 4096;

/** Reads a pair; undefined if neither of its blocks holds a valid commit. */
export async function readPair(pair: BlockPair, blockBytes: number, read: ReadBlock): Promise<PairState | undefined> {
  const logs = [await readLog(pair[0], blockBytes, read), await readLog(pair[1], blockBytes, read)] as const;
  const newer = ((logs[0].revision - logs[1].revision) | 0) > 0 ? 0 : 1;
  const older = newer === 0 ? 1 : 0;
  const chosen = logs[newer].commits > 0 ? newer : logs[older].commits > 0 ? older : undefined;
  if (chosen === undefined) return undefined;
  const flaw = flawOf(pair, logs, chosen, newer);
  return stateOf(pair[chosen], logs[chosen], flaw);
}

async function readLog(block: number, blockBytes: number, read: ReadBlock): Promise<CommitLog> {
  for (
    let lengthBytes = Math.min(FIRST_PIECE_BYTES, blockBytes);
    ;
    lengthBytes = Math.min(2 * lengthBytes, blockBytes)
  ) {
    const log = readCommits(await read(block, lengthBytes), lengthBytes === blockBytes);
    if (!log.needsMore) return log;
  }
}

function flawOf(
  pair: BlockPair,
  logs: readonly [CommitLog, CommitLog],
  chosen: 0 | 1,
  newer: 0 | 1,
): PairFlaw | undefined {
  const log = logs[chosen];
  const other = logs[chosen === 0 ? 1 : 0];
  const otherBlock = pair[chosen === 0 ? 1 : 0];
  if (log.end === "damaged") {
    return { block: pair[chosen], reason: "a commit has a wrong CRC, what follows it is lost", isLoss: true };
  }
  if (chosen !== newer && other.end === "damaged") {
    return { block: otherBlock, reason: "the newer state has a wrong CRC, the one before it is used", isLoss: true };
  }
  if (other.commits === 0 && fitsRevision(other, (log.revision + 1) >>> 0)) {
    return { block: otherBlock, reason: "its revision is damaged, an older state is used", isLoss: true };
  }
  if (log.end === "unfinished" || (chosen !== newer && other.end === "unfinished")) {
    const block = log.end === "unfinished" ? pair[chosen] : otherBlock;
    return { block, reason: "the last change was cut before its end, the state before it is used", isLoss: false };
  }
  return undefined;
}

class EntryInProgress implements PairEntry {
  nameType: number | undefined;
  name: Uint8Array = new Uint8Array();
  structType: number | undefined;
  struct: Uint8Array = new Uint8Array();
}

function stateOf(block: number, { bytes, tags }: CommitLog, flaw: PairFlaw | undefined): PairState {
  const entries: EntryInProgress[] = [];
  let tail: PairState["tail"];
  let move: MoveState = [0, 0, 0];
  for (const tag of tags) {
    const data = bytes.subarray(tag.offset, tag.offset + tag.lengthBytes);
    if (tag.id !== NO_ID) change(entries, tag, data);
    else if (tag.type === TAG.softTail || tag.type === TAG.hardTail) {
      const pair: BlockPair = [u32(data, 0), u32(data, 4)];
      tail = { pair, isHard: tag.type === TAG.hardTail };
    } else if (tag.type === TAG.moveState) move = [u32(data, 0), u32(data, 4), u32(data, 8)];
  }
  return { block, entries, tail, move, flaw };
}

/** Applies a tag of an entry. Ids count up to 1022, so the list is bounded. */
function change(entries: EntryInProgress[], tag: Tag, data: Uint8Array): void {
  if (tag.type === TAG.create) {
    fill(entries, tag.id);
    entries.splice(tag.id, 0, new EntryInProgress());
    return;
  }
  if (tag.type === TAG.remove) {
    entries.splice(tag.id, 1);
    return;
  }
  const kind = tag.type >>> 8;
  if (kind !== 0 && kind !== 2) return;
  fill(entries, tag.id + 1);
  const entry = entries[tag.id];
  if (entry === undefined) return;
  if (kind === 0) {
    entry.nameType = tag.type;
    entry.name = data;
  } else {
    entry.structType = tag.type;
    entry.struct = data;
  }
}

function fill(entries: EntryInProgress[], length: number): void {
  while (entries.length < length) entries.push(new EntryInProgress());
}
