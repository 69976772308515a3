/** A read into a file, as command line and library make it: only bytes that are proved get the file's name. */
import type { ByteRange } from "../../drivers/geometry.ts";
import { crc32 } from "../../firmware-protocol/crc.ts";
import { printable } from "../bytes.ts";
import { removeFile } from "../disk/folder.ts";
import { quietly } from "../disk/quietly.ts";
import type { ImageWriter } from "../files/image-writer.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { JobContext } from "../jobs/job-event.ts";
import { type ReadReport, type ReadRequest, type ReadSink, readFlash, unsureRead } from "../jobs/read-flash.ts";

/** Where a read goes, also over several connections. */
export interface ImageTarget {
  /** Path, or `-` for standard output. */
  readonly file: string;
  /** A file that an earlier try has left, because its bytes were unsure. */
  unsureFile: string | undefined;
}

/** What is read, and how. */
export interface ImageRead {
  readonly range: ByteRange;
  /** Further ranges after it, in order of address; default none. The file has to have addresses. */
  readonly more?: readonly ByteRange[] | undefined;
  /** Read once and compare nothing. */
  readonly fast: boolean;
  /** Takes the bytes; usually the writer's `write`. */
  readonly sink: ReadSink;
}

/**
 * Reads into an open image file and ends it. Bytes that differ with each read are kept in `NAME.unsure`; then an older file of
 * the asked name stays as it was.
 *
 * @throws NorbridgeError EIO for unsure bytes, and what reading and writing throw. The writer is closed then.
 */
export async function readIntoImage(
  device: FlashDevice,
  writer: ImageWriter,
  target: ImageTarget,
  { range, more = [], fast, sink }: ImageRead,
  context: JobContext,
): Promise<ReadReport> {
  try {
    const unsure: ByteRange[] = [];
    const how = { fast, onUnsure: (ranges: readonly ByteRange[]) => void unsure.push(...ranges) };
    const report =
      more.length === 0
        ? await readFlash(device, range, sink, context, how)
        : await readRanges(device, [range, ...more], sink, context, how);
    if (unsure.length > 0) {
      const isStdout = target.file === "-";
      const kept = `${target.file}.unsure`;
      await writer.commit(isStdout ? undefined : kept);
      if (isStdout) throw unsureRead(unsure, "; what was written to standard output may be wrong there");
      target.unsureFile = kept;
      throw unsureRead(unsure, `; what was read is in ${printable(kept)}`);
    }
    await writer.commit();
    const { unsureFile } = target;
    if (unsureFile !== undefined) quietly(() => removeFile(unsureFile));
    return report;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** One range after the other; the CRC-32 is that of all their bytes. */
async function readRanges(
  device: FlashDevice,
  ranges: readonly ByteRange[],
  sink: ReadSink,
  context: JobContext,
  how: ReadRequest,
): Promise<ReadReport> {
  let total: ReadReport = { readBytes: 0, crc32: 0, durationUs: 0 };
  let crc = 0;
  const counted: ReadSink = (address, data) => {
    crc = crc32(data, crc);
    return sink(address, data);
  };
  for (const range of ranges) {
    const { readBytes, durationUs } = await readFlash(device, range, counted, context, how);
    total = { readBytes: total.readBytes + readBytes, crc32: crc, durationUs: total.durationUs + durationUs };
  }
  return total;
}
