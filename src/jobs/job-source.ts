/**
 * What a job reads while the chip waits: an image, which may be a file that another program changes meanwhile, or the caller's
 * own object. It is waited for only as long as the job continues, its data is compared with the request, and its errors are
 * distinguished from the job's own: they mean something else once the chip was changed.
 */
import type { ByteRange } from "../../drivers/geometry.ts";
import { formatRange, printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { OpPipe } from "./op-pipe.ts";
import type { Target } from "./target.ts";

/** The image could not be read, or is no longer what it was. */
export class SourceFailure extends Error {
  /** The error of the reader. */
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super("the source of a job has failed");
    this.thrown = thrown;
  }
}

/** The target as the job on this pipe reads it. */
export function readBy(pipe: OpPipe, target: Target): Target {
  return {
    ...target,
    read: (piece) => pipe.outside(readSurely(target, piece, () => target.read(piece))),
    readFilled: (range, value) => pipe.outside(readSurely(target, range, () => target.readFilled(range, value))),
  };
}

async function readSurely(target: Target, piece: ByteRange, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
  let data: unknown;
  try {
    data = await read();
  } catch (error) {
    throw new SourceFailure(error);
  }
  if (data instanceof Uint8Array && data.length === piece.lengthBytes) return data;
  const came = data instanceof Uint8Array ? `${data.length} bytes` : "something other than bytes";
  throw new SourceFailure(
    new NorbridgeError("FILE_INVALID", `${printable(target.name)}: of ${formatRange(piece)} it returned ${came}`, {
      operation: "read image",
      range: { address: piece.address, lengthBytes: piece.lengthBytes },
    }),
  );
}
