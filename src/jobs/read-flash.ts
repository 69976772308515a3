/** Reads a range as one stream of small reads; memory stays bounded however large the range and slow the sink. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { advice } from "../advice.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { checkReadRequest, checkSink } from "./check-request.ts";
import type { JobContext } from "./job-event.ts";
import { type JobTools, withTools } from "./job-tools.ts";
import { piecesOf } from "./op-pipe.ts";
import { PhaseCount } from "./phase-count.ts";
import { ReadProof } from "./read-proof.ts";
import { runJob } from "./run-job.ts";
import { checkInChip } from "./target.ts";

/** Size of one read operation. */
const READ_BYTES = 4096;
/** Reads asked ahead of the sink: 64 KiB. */
const READS_AHEAD = 16;

/** This many unsure ranges are named in an error; the rest is counted. */
const MAX_NAMED = 4;

interface Asked {
  readonly piece: ByteRange;
  readonly data: Promise<Uint8Array>;
  readonly digest: Promise<number> | undefined;
}

/** Result of a read. */
export interface ReadReport {
  /** Bytes read: the length of the range. */
  readonly readBytes: number;
  /** CRC-32 of everything read. */
  readonly crc32: number;
  /** Time from the start of the job to its end, microseconds. */
  readonly durationUs: number;
}

/** How to read. All of it may be left out. */
export interface ReadRequest {
  /** Read once and compare nothing; default false. Wires that disturb a read are not noticed then. */
  readonly fast?: boolean | undefined;
  /**
   * Called at the end with the ranges that returned different bytes each time. If it is left out, such a read ends with EIO;
   * `sink` has received the bytes that were read last.
   */
  readonly onUnsure?: ((ranges: readonly ByteRange[]) => void) | undefined;
}

/** Takes what was read, in order of address. While it works, further reads are under way. */
export type ReadSink = (address: number, data: Uint8Array) => void | Promise<void>;

/**
 * Reads a range and passes it to `sink` piece by piece, in order of address. Each piece is compared with a checksum of the cells
 * first. Memory use grows by a few bytes for every 4 KiB.
 *
 * @throws NorbridgeError ERANGE, EBUSY, ECANCELED, link errors; EIO if reads differ each time; whatever `sink` throws.
 */
export async function readFlash(
  device: FlashDevice,
  range: ByteRange,
  sink: ReadSink,
  context: JobContext = {},
  request: ReadRequest = {},
): Promise<ReadReport> {
  return withTools(device, context, "read", (tools) => {
    checkSink(sink, "read");
    checkReadRequest(request, "read");
    checkInChip(range, device.geometry, "read");
    return readInto(device, range, sink, tools, request);
  });
}

/** The error of a read whose bytes differ each time; `where` ends the message: what became of the bytes. */
export function unsureRead(ranges: readonly ByteRange[], where = ""): NorbridgeError {
  const [first] = ranges;
  const named = ranges.slice(0, MAX_NAMED).map(formatRange).join(", ");
  const more = ranges.length > MAX_NAMED ? ` and ${ranges.length - MAX_NAMED} more` : "";
  return new NorbridgeError("EIO", `read: ${named}${more}: repeated reads return different bytes${where}`, {
    operation: "read",
    range: first,
    hint: advice(
      "Something else drives the bus, or the wires do not bear the SPI clock. Hold the processor on the board in reset, shorten the wires, or lower the SPI clock.",
      "set-spi-clock",
      "check-wiring",
    ),
  });
}

function readInto(
  device: FlashDevice,
  range: ByteRange,
  sink: ReadSink,
  context: JobTools,
  { fast = false, onUnsure }: ReadRequest,
): Promise<ReadReport> {
  // Without a way to the chip there are no wires; what is read twice anyway is compared there.
  const isProved = !fast && device.link !== undefined && !device.link.readsTwice;
  const startUs = context.clock.nowUs();
  const count = new PhaseCount(context, "read", range.lengthBytes);
  return runJob(device, context, { operation: "read" }, async (pipe) => {
    const proof = isProved ? new ReadProof(pipe, device, context) : undefined;
    const asked: Asked[] = [];
    let crc = 0;
    const take = async (): Promise<void> => {
      const first = asked.shift();
      if (first === undefined) return;
      const read = await first.data;
      const data = proof === undefined ? read : await proof.settle(first.piece, read, (await first.digest) ?? 0);
      crc = crc32(data, crc);
      count.done(data.length);
      await pipe.outside(Promise.resolve(sink(first.piece.address, data)));
    };
    for (const piece of piecesOf(range, READ_BYTES)) {
      if (asked.length >= READS_AHEAD) await take();
      asked.push({ piece, data: pipe.read(piece), digest: proof === undefined ? undefined : pipe.digest(piece) });
    }
    while (asked.length > 0) await take();
    const unsure = (await proof?.unsureRanges()) ?? [];
    if (unsure.length > 0) {
      if (onUnsure === undefined) throw unsureRead(unsure);
      onUnsure(unsure);
    }
    return { readBytes: range.lengthBytes, crc32: crc, durationUs: context.clock.nowUs() - startUs };
  });
}
