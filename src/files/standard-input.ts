/** What a `-` in the place of a file name stands for. */
import { formatSize } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import { ByteArena } from "./byte-source.ts";
import { cannotRead, fileInvalid } from "../disk/file-problem.ts";

/** Its name in messages. */
export const STANDARD_INPUT = "standard input";
const MAX_STANDARD_INPUT_BYTES = 1024 ** 3;

export interface StandardInputOptions {
  /** The most that is taken; default 1 GiB. */
  readonly mostBytes?: number | undefined;
  /** Ends the wait for bytes; ECANCELED then. */
  readonly signal?: AbortSignal | undefined;
  /** What to read; default the process's standard input. */
  readonly standardInput?: AsyncIterable<unknown> | undefined;
}

/** Standard input to its end. Asynchronous, so that Ctrl-C works while no data arrives. */
export async function readStandardInput(options: StandardInputOptions): Promise<ByteArena> {
  const bytes = new ByteArena(STANDARD_INPUT);
  const { mostBytes = MAX_STANDARD_INPUT_BYTES } = options;
  if (options.standardInput === undefined && process.stdin.isTTY) {
    throw fileInvalid(STANDARD_INPUT, "is a terminal", { hint: "Pipe the bytes into the command, or specify a file." });
  }
  const cancelled = new NorbridgeError("ECANCELED", "cancelled while reading standard input", {
    operation: "read standard input",
  });
  const isCancelled = (): boolean => options.signal?.aborted === true;
  const stop = (): void => {
    if (options.standardInput === undefined) process.stdin.destroy();
  };
  try {
    if (isCancelled()) throw cancelled;
    options.signal?.addEventListener("abort", stop);
    for await (const chunk of options.standardInput ?? process.stdin) {
      if (isCancelled()) throw cancelled;
      if (!(chunk instanceof Uint8Array)) throw new TypeError("standard input must give bytes");
      bytes.append(chunk);
      if (bytes.lengthBytes > mostBytes) {
        throw fileInvalid(STANDARD_INPUT, `is larger than ${formatSize(mostBytes)}, the maximum`);
      }
    }
  } catch (error) {
    if (isCancelled()) throw cancelled;
    throw error instanceof NorbridgeError ? error : cannotRead(STANDARD_INPUT, error);
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
  if (isCancelled()) throw cancelled;
  if (bytes.lengthBytes === 0) throw fileInvalid(STANDARD_INPUT, "is empty");
  return bytes;
}
