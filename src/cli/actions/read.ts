/** `norbridge read FILE`: the chip, or a part of it, into a file. The old file stays until the new one is complete. */
import { type ByteRange, rangeEnd } from "../../../drivers/geometry.ts";
import { formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ImageFormat } from "../../files/image-source.ts";
import { formatByName } from "../../files/image-format.ts";
import { createImageWriter, type ImageWriter } from "../../files/image-writer.ts";
import { withFilledGaps } from "../../files/fill-gaps.ts";
import { type SparseWriter, withoutBlank } from "../../files/skip-blank.ts";
import type { ReadReport } from "../../jobs/read-flash.ts";
import { usageError } from "../arguments/option.ts";
import type { Outcome } from "../program/outcome.ts";
import { chipRange } from "./chip-range.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { formatSeconds } from "../../runner/quantities.ts";
import { type ImageTarget, readIntoImage } from "../../runner/read-into-image.ts";
import type { RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { type FoundRanges, prepareRanges } from "./layout-regions.ts";

export interface ReadRequest {
  readonly connection: ConnectionRequest;
  /** Path, or `-` for stdout. */
  readonly file: string;
  readonly offset: number;
  readonly lengthBytes: number | undefined;
  /** Instead of `offset` and `lengthBytes`. */
  readonly regions: RegionRequest | undefined;
  readonly format: "bin" | "hex" | "srec" | "uf2" | undefined;
  /** Address of the start of the chip in formats with addresses. */
  readonly base: number;
  /** Family of a UF2 file. */
  readonly familyId?: number | undefined;
  /** Value of the bytes between regions; undefined: gaps. */
  readonly fillByte?: number | undefined;
  /** Blank stretches become gaps of the file. */
  readonly skipsBlank?: boolean | undefined;
}

export async function read(request: ReadRequest, session: Session): Promise<Outcome> {
  checkFormat(request);
  const isStdout = request.file === "-";
  if (isStdout) {
    session.report.stdoutCarriesData();
    session.endWithStdout();
  }
  const { offset, lengthBytes } = request;
  const rangesOn = await prepareRanges(request.regions, session, "read", (geometry) =>
    chipRange(geometry, offset, lengthBytes, "read"),
  );
  let storedBytes: SparseWriter["storedBytes"] | undefined;
  const target: ImageTarget = { file: request.file, unsureFile: undefined };
  const report = await withDevice(
    session,
    request.connection,
    { willChange: false, mayReconnect: !isStdout },
    async (connected) => {
      const [range, ...more] = await rangesOn(connected.device);
      const writer = await writerOf(request, [range, ...more], connected, session);
      storedBytes = "storedBytes" in writer ? writer.storedBytes : undefined;
      const how = { range, more, fast: request.connection.care === "fast" };
      const done = await readInto(writer, target, how, connected, session);
      return { ...done, address: range.address, readsTwice: connected.device.link?.readsTwice ?? false };
    },
  );
  const crc32 = report.crc32.toString(16).padStart(8, "0");
  return {
    kind: "done",
    summary:
      `read ${formatSize(report.readBytes)} into ${isStdout ? "stdout" : printable(request.file)} ` +
      (storedBytes === undefined ? "" : `(${formatSize(storedBytes())} stored, the rest is blank) `) +
      `in ${formatSeconds(report.durationUs)}, ${report.readsTwice ? "read twice, " : ""}crc32 ${crc32}`,
    fields: {
      file: request.file,
      address: report.address,
      lengthBytes: report.readBytes,
      readBytes: report.readBytes,
      durationUs: report.durationUs,
      crc32,
      readsTwice: report.readsTwice,
    },
  };
}

/** Throws USAGE for options that the format of the file does not have. */
function checkFormat({ file, format, familyId, fillByte, regions, skipsBlank = false }: ReadRequest): void {
  if (fillByte !== undefined && regions === undefined) {
    throw usageError("--fill is for the bytes between regions, and a range has none", "Omit --fill.");
  }
  if (fillByte !== undefined && skipsBlank) throw usageError("--fill and --skip-blank cannot be used together");
  const chosen = formatOf(file, format);
  if (skipsBlank && chosen === "bin") {
    throw usageError(
      "--skip-blank cannot be used with a raw file, which has no gaps",
      "Use --format hex, srec or uf2.",
    );
  }
  if (familyId !== undefined && chosen !== "uf2") {
    throw usageError(`--family is for UF2 files, and this is a ${chosen} file`, "Omit --family, or use --format uf2.");
  }
}

/** Opens the file. Throws EINVAL for ranges apart that it cannot hold. */
async function writerOf(
  { file, format, base, familyId, fillByte, skipsBlank = false }: ReadRequest,
  ranges: FoundRanges,
  { device }: Connected,
  session: Session,
): Promise<ImageWriter | SparseWriter> {
  const isApart = ranges.length > 1 && fillByte === undefined;
  if (isApart && formatOf(file, format) === "bin") throw apart();
  const { address } = ranges[0];
  const range = { address, lengthBytes: rangeEnd(ranges.at(-1) ?? ranges[0]) - address };
  const options = { baseAddress: base, range, familyId, hasGaps: skipsBlank || isApart };
  const writer = await createImageWriter(file, format, { ...options, standardOutput: session.report.outputFile });
  if (fillByte !== undefined) return withFilledGaps(writer, fillByte);
  return skipsBlank ? withoutBlank(writer, device.geometry.erasedByte) : writer;
}

function formatOf(file: string, format: ImageFormat | undefined): ImageFormat {
  return format ?? formatByName(file) ?? "bin";
}

/** What is read: the first range, and those after it. */
interface ReadRanges {
  readonly range: ByteRange;
  readonly more: readonly ByteRange[];
}

function apart(): NorbridgeError {
  return new NorbridgeError("EINVAL", "the regions are not beside each other, and a raw file holds one range", {
    operation: "read",
    hint: "Use a HEX, S-record or UF2 file, which has addresses, or --fill 0xff for the bytes between the regions.",
  });
}

function readInto(
  writer: ImageWriter,
  target: ImageTarget,
  how: ReadRanges & { readonly fast: boolean },
  { device, clock }: Connected,
  session: Session,
): Promise<ReadReport> {
  const sink = async (address: number, data: Uint8Array): Promise<void> => {
    await writer.write(address, data);
    // Not on a simulated bridge: nothing may wait for a reader in simulated time, and its chip is small.
    if (clock === session.io.clock) await session.report.room(session.signal);
    // Reads of an image file never wait; Ctrl-C must be noticed in between.
    await clock.wait(0);
  };
  const onEvent = session.report.watch(device.geometry, clock);
  return readIntoImage(device, writer, target, { ...how, sink }, { clock, signal: session.signal, onEvent });
}
