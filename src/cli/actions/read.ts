/** `norbridge read FILE`: the chip, or a part of it, into a file. The old file stays until the new one is complete. */
import type { ByteRange } from "../../../drivers/geometry.ts";
import { mergeNeighbours } from "../../../drivers/merge-neighbours.ts";
import { formatSize, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import { createImageWriter, type ImageWriter } from "../../files/image-writer.ts";
import type { ReadReport } from "../../jobs/read-flash.ts";
import type { Outcome } from "../outcome.ts";
import { chipRange } from "../chip-range.ts";
import { type Connected, withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import { formatSeconds } from "../../runner/quantities.ts";
import { type ImageTarget, readIntoImage } from "../../runner/read-into-image.ts";
import type { RegionRequest } from "../region-options.ts";
import type { Session } from "../session.ts";
import { type PreparedRegions, prepareRegions } from "./layout-regions.ts";

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
}

export async function read(request: ReadRequest, session: Session): Promise<Outcome> {
  const isStdout = request.file === "-";
  if (isStdout) {
    session.report.stdoutCarriesData();
    session.endWithStdout();
  }
  const { regions } = request;
  const regionsOn = regions === undefined ? undefined : await prepareRegions(regions, session, "read");
  const target: ImageTarget = { file: request.file, unsureFile: undefined };
  const report = await withDevice(
    session,
    request.connection,
    { willChange: false, mayReconnect: !isStdout },
    async (connected) => {
      const range = await rangeOf(request, connected, regionsOn);
      const options = { baseAddress: request.base, range, standardOutput: session.report.outputFile };
      const writer = await createImageWriter(request.file, request.format, options);
      const done = await readInto(
        writer,
        target,
        { range, fast: request.connection.care === "fast" },
        connected,
        session,
      );
      return { ...done, address: range.address, readsTwice: connected.device.link?.readsTwice ?? false };
    },
  );
  const crc32 = report.crc32.toString(16).padStart(8, "0");
  return {
    kind: "done",
    summary:
      `read ${formatSize(report.readBytes)} into ${isStdout ? "stdout" : printable(request.file)} ` +
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

/** What is read: one range, as a file without addresses cannot hold more. */
async function rangeOf(
  { offset, lengthBytes }: ReadRequest,
  { device }: Connected,
  regionsOn: PreparedRegions | undefined,
): Promise<ByteRange> {
  if (regionsOn === undefined) return chipRange(device.geometry, offset, lengthBytes, "read");
  const [range, ...others] = mergeNeighbours(await regionsOn(device));
  if (range !== undefined && others.length === 0) return range;
  throw new NorbridgeError("EINVAL", "the regions are not beside each other, and one file holds one range", {
    operation: "read",
    hint: "Read each region into a file of its own.",
  });
}

function readInto(
  writer: ImageWriter,
  target: ImageTarget,
  how: { readonly range: ByteRange; readonly fast: boolean },
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
