/** Files that are read line by line, in memory of a line: they may be longer than fits into memory. */
import { formatSize } from "../bytes.ts";
import { fileInvalid } from "./file-problem.ts";
import { openPieceFile, type PieceFile } from "./piece-file.ts";
import { throwIfAborted } from "./or-canceled.ts";

const PIECE_BYTES = 256 * 1024;
/** Most journals of unfinished jobs are shorter than this: their ends are one read. */
const END_BYTES = 4096;
const LF = 0x0a;

export interface ReadLinesOptions {
  /** The longest line there may be, and the longest file, bytes. */
  readonly mostLineBytes: number;
  readonly mostBytes: number;
  /** The same for the first line; as all others if left out. */
  readonly mostFirstLineBytes?: number | undefined;
  /** What the file should be, for messages: "a journal". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  /** Its folder has just said that it is a regular file: it need not be asked again. */
  readonly isRegular?: boolean | undefined;
  /** Of many that are read at once, those that take memory go one by one; left out: it may begin. */
  readonly turn?: Turn | undefined;
}

/** Lets one in at a time. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `act` when all that came before have ended. */
  take<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** A line without its end. */
export interface FileLine {
  /** Only while it is looked at: the memory is used again. */
  readonly bytes: Uint8Array;
  /** From 1. */
  readonly number: number;
}

/**
 * Hands every whole line to `take`, as far as the file went when it was opened, and returns how many bytes these lines are; what
 * stands after the last newline is left out. Throws what `take` throws; FILE_INVALID for what is not a regular file, cannot be
 * read, is too long or has a line that is; ECANCELED.
 */
export async function eachLine(
  path: string,
  options: ReadLinesOptions,
  take: (line: FileLine) => void,
): Promise<number> {
  const file = await openPieceFile(path, options.isRegular);
  try {
    checkLength(path, file, options);
    const read = (): Promise<number> => readThrough(path, file, options, take);
    const isLong = file.lengthBytes > PIECE_BYTES && options.turn !== undefined;
    return await (isLong ? options.turn.take(read) : read());
  } finally {
    await file.close();
  }
}

async function readThrough(
  path: string,
  file: PieceFile,
  { mostLineBytes, mostFirstLineBytes = mostLineBytes, what, signal }: ReadLinesOptions,
  take: (line: FileLine) => void,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, file.lengthBytes));
  let parts: Buffer[] = [];
  let partBytes = 0;
  let wholeBytes = 0;
  let number = 1;
  for (let at = 0; at < file.lengthBytes; ) {
    throwIfAborted(signal, `reading ${what}`);
    const count = Math.min(await file.read(buffer, at), file.lengthBytes - at);
    if (count === 0) break;
    const piece = buffer.subarray(0, count);
    let start = 0;
    for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, start)) {
      const rest = piece.subarray(start, end);
      const bytes = parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
      parts = [];
      partBytes = 0;
      take({ bytes, number });
      wholeBytes = at + end + 1;
      number++;
      start = end + 1;
    }
    partBytes += count - start;
    const most = number === 1 ? mostFirstLineBytes : mostLineBytes;
    if (partBytes > most) throw fileInvalid(`${path}: line ${number}`, `is too long for a line of ${what}`);
    // The buffer is used again.
    if (start < count) parts.push(Buffer.from(piece.subarray(start)));
    at += count;
  }
  return wholeBytes;
}

/** The two ends of a file. */
export interface LineEnds {
  /** The first line without its newline; undefined if there is no whole line. */
  readonly first: Uint8Array | undefined;
  /** The last whole line; the first where there is one only. */
  readonly last: Uint8Array | undefined;
}

/** Hands the ends of a file to `take`, returns what it returns, and leaves the rest unread. Throws as `eachLine`. */
export async function endLines<T>(path: string, options: ReadLinesOptions, take: (ends: LineEnds) => T): Promise<T> {
  const file = await openPieceFile(path, options.isRegular);
  try {
    checkLength(path, file, options);
    const look = async (): Promise<T> => take(await readEnds(path, file, options));
    const isLong = file.lengthBytes > PIECE_BYTES && options.turn !== undefined;
    return await (isLong ? options.turn.take(look) : look());
  } finally {
    await file.close();
  }
}

async function readEnds(path: string, file: PieceFile, options: ReadLinesOptions): Promise<LineEnds> {
  const { mostLineBytes, mostFirstLineBytes = mostLineBytes, what, signal } = options;
  let head = await bytesAt(file, 0, Math.min(END_BYTES, file.lengthBytes));
  if (!head.includes(LF) && head.length < file.lengthBytes) {
    head = await bytesAt(file, 0, Math.min(mostFirstLineBytes + 1, file.lengthBytes));
    const isTooLong = !head.includes(LF) && head.length > mostFirstLineBytes;
    if (isTooLong) throw fileInvalid(`${path}: line 1`, `is too long for a line of ${what}`);
  }
  const firstEnd = head.indexOf(LF);
  if (firstEnd < 0) return { first: undefined, last: undefined };
  const first = head.subarray(0, firstEnd);
  const isWhole = head.length === file.lengthBytes;
  for (let lengthBytes = END_BYTES; ; lengthBytes *= 8) {
    throwIfAborted(signal, `reading ${what}`);
    const from = isWhole ? 0 : Math.max(0, file.lengthBytes - lengthBytes);
    const tail = isWhole ? head : await bytesAt(file, from, file.lengthBytes - from);
    const end = tail.lastIndexOf(LF);
    const before = end <= 0 ? -1 : tail.lastIndexOf(LF, end - 1);
    if (end >= 0 && (before >= 0 || from === 0)) return { first, last: tail.subarray(before + 1, end) };
    const isTooLong = from === 0 || lengthBytes >= mostLineBytes;
    if (isTooLong) throw fileInvalid(`${path}: its last line`, `is too long for a line of ${what}`);
  }
}

function checkLength(path: string, { lengthBytes }: PieceFile, { mostBytes, what }: ReadLinesOptions): void {
  if (lengthBytes <= mostBytes) return;
  throw fileInvalid(path, `holds ${formatSize(lengthBytes)}; ${what} has at most ${formatSize(mostBytes)}`);
}

async function bytesAt(file: PieceFile, offset: number, lengthBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(lengthBytes);
  let done = 0;
  while (done < lengthBytes) {
    const count = await file.read(buffer.subarray(done), offset + done);
    if (count === 0) break;
    done += count;
  }
  return buffer.subarray(0, done);
}
