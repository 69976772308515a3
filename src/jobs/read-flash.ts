/** Reads a range as one stream of small reads; memory stays bounded however large the range and slow the sink. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { checkSink } from "./check-request.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, withTools } from "./job-tools.ts";
import { piecesOf } from "./op-pipe.ts";
import { PhaseCount } from "./phase-count.ts";
import { runJob } from "./run-job.ts";
import { checkInChip } from "./target.ts";

/** Size of one read operation. */
const READ_BYTES = 4096;
/** Reads asked ahead of the sink: 64 KiB. */
const READS_AHEAD = 16;

/** Result of a read. */
export interface ReadReport {
  /** Bytes read: the length of the range. */
  readonly readBytes: number;
  /** CRC-32 of everything read. */
  readonly crc32: number;
  /** Time from the start of the job to its end, microseconds. */
  readonly durationUs: number;
}

/** Takes what was read, in order of address. While it works, further reads are under way. */
export type ReadSink = (address: number, data: Uint8Array) => void | Promise<void>;

/**
 * Reads a range and passes it to `sink` piece by piece, in order of address. Memory use does not grow with the range.
 *
 * @throws NorbridgeError ERANGE, EBUSY, ECANCELED, link errors; whatever `sink` throws.
 */
export async function readFlash(
  device: FlashDevice,
  range: ByteRange,
  sink: ReadSink,
  context: JobContext = {},
): Promise<ReadReport> {
  return withTools(device, context, "read", (tools) => {
    checkSink(sink, "read");
    checkInChip(range, device.geometry, "read");
    return readInto(device, range, sink, tools);
  });
}

function readInto(device: FlashDevice, range: ByteRange, sink: ReadSink, context: JobTools): Promise<ReadReport> {
  const startUs = context.clock.nowUs();
  const count = new PhaseCount(context, "read", range.lengthBytes);
  return runJob(device, context, { operation: "read" }, async (pipe) => {
    const asked: { readonly piece: ByteRange; readonly data: Promise<Uint8Array> }[] = [];
    let crc = 0;
    const take = async (): Promise<void> => {
      const first = asked.shift();
      if (first === undefined) return;
      const data = await first.data;
      crc = crc32(data, crc);
      count.done(data.length);
      await pipe.outside(Promise.resolve(sink(first.piece.address, data)));
    };
    for (const piece of piecesOf(range, READ_BYTES)) {
      if (asked.length >= READS_AHEAD) await take();
      asked.push({ piece, data: pipe.read(piece) });
    }
    while (asked.length > 0) await take();
    return { readBytes: range.lengthBytes, crc32: crc, durationUs: context.clock.nowUs() - startUs };
  });
}
