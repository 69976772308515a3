/** The commits of one metadata block: which tags are valid, and what lies after them. Pure, ends on any bytes. */
import { decodeTag, isCommitEnd, lfsCrc, type Tag, u32BigEndian } from "./format.ts";
import { u32 } from "../little-endian.ts";

/**
 * What lies after the last valid commit. blank: nothing. unfinished: the start of a commit whose programming was cut.
 * damaged: bytes that a cut does not leave, so that commits may be lost.
 */
export type LogEnd = "blank" | "unfinished" | "damaged";

/** The valid part of a metadata block. */
export interface CommitLog {
  /** Bytes of the block as far as they were read. */
  readonly bytes: Uint8Array;
  /** Revision of the block. */
  readonly revision: number;
  /** Number of valid commits; 0: the block holds no state. */
  readonly commits: number;
  /** All tags of valid commits, oldest first. */
  readonly tags: readonly Tag[];
  /** What follows them. */
  readonly end: LogEnd;
  /** More bytes of the block are needed to decide. */
  readonly needsMore: boolean;
  /** Where the first commit ends, if an end was reached; its CRC may be wrong. */
  readonly firstCommit: FirstCommit | undefined;
}

interface FirstCommit {
  /** First byte after what the CRC covers, from the start of the block. */
  readonly crcEnd: number;
  /** The CRC on flash. */
  readonly stored: number;
}

/** The first tag is stored XORed with this. */
const FIRST_TAG = 0xffffffff;
const TOP_BIT = 0x80000000;
const TAG_BYTES = 4;
const REVISION_BYTES = 4;

/** Reads the commits of a block; `isWhole` says that `bytes` is all of it. */
export function readCommits(bytes: Uint8Array, isWhole: boolean): CommitLog {
  const tags: Tag[] = [];
  let pending: Tag[] = [];
  let commits = 0;
  let start = 0;
  let at = REVISION_BYTES;
  let previous = FIRST_TAG;
  let firstCommit: FirstCommit | undefined;
  const finish = (needsMore: boolean, hasWrongCrc: boolean): CommitLog => {
    const end = needsMore ? "blank" : endOf(bytes, start === 0 ? REVISION_BYTES : start, at, hasWrongCrc);
    return { bytes, revision: u32(bytes, 0), commits, tags, end, needsMore, firstCommit };
  };
  while (at + TAG_BYTES <= bytes.length) {
    const raw = (u32BigEndian(bytes, at) ^ previous) >>> 0;
    if (raw >= TOP_BIT) return finish(false, false);
    const tag = decodeTag(raw, at + TAG_BYTES);
    const next = tag.offset + tag.lengthBytes;
    if (next > bytes.length) return finish(!isWhole, false);
    previous = raw;
    if (!isCommitEnd(tag)) {
      pending.push(tag);
      at = next;
      continue;
    }
    if (tag.lengthBytes < 4) return finish(false, true);
    const stored = u32(bytes, tag.offset);
    if (commits === 0) firstCommit = { crcEnd: tag.offset, stored };
    if (lfsCrc(bytes.subarray(start, tag.offset)) !== stored) {
      at = tag.offset + 4;
      return finish(false, true);
    }
    commits++;
    tags.push(...pending);
    pending = [];
    at = next;
    start = next;
    // Whether the next tag is valid is marked by the top bit, which the commit specifies how to read.
    if ((tag.type & 1) === 1) previous = (previous ^ TOP_BIT) >>> 0;
  }
  return finish(!isWhole, false);
}

/** Whether the first commit is right if the block had this revision: then only its revision is damaged. */
export function fitsRevision({ bytes, firstCommit }: CommitLog, revision: number): boolean {
  if (firstCommit === undefined) return false;
  const head = Uint8Array.of(revision, revision >>> 8, revision >>> 16, revision >>> 24);
  return lfsCrc(bytes.subarray(REVISION_BYTES, firstCommit.crcEnd), lfsCrc(head)) === firstCommit.stored;
}

/**
 * `start`: after the last valid commit. `at`: where the walk stopped, in a tag or after a CRC. A cut leaves the first bytes of
 * a commit and then erased ones, so it stopped there; bytes after that place are of something else.
 */
function endOf(bytes: Uint8Array, start: number, at: number, hasWrongCrc: boolean): LogEnd {
  let last = bytes.length;
  while (last > start && bytes[last - 1] === 0xff) last--;
  if (last === start) return "blank";
  if (hasWrongCrc) return last < at ? "unfinished" : "damaged";
  return last <= at + TAG_BYTES ? "unfinished" : "damaged";
}
