/** Opens the only littlefs of a region: reads the start of each erase block, not all of the flash. */
import { advice } from "../../advice.ts";
import { formatRange } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { FlashRegion, OffsetRange } from "../../flash/flash-region.ts";
import type { ReadableRegion, RegionFinding } from "../recognise/region-finding.ts";
import { SteadyRegion } from "../recognise/steady-region.ts";
import { LittleFs } from "./littlefs.ts";
import { littlefsSniffer } from "./recognise.ts";

const OPERATION = "open littlefs";
/** Covers the magic of both major versions. */
const START_BYTES = 64;

/** A file system that was found, and the evidence. */
export interface FoundLittleFs {
  /** The file system. */
  readonly fs: LittleFs;
  /** Where it is, and how sure that is. */
  readonly finding: RegionFinding;
}

/** Throws LAYOUT_MISMATCH if the region holds none that can be read, or several. */
export async function findLittleFs(region: FlashRegion): Promise<FoundLittleFs> {
  const findings = await littleFsIn(region);
  const readable = findings.filter(
    ({ certainty, facts }) => certainty !== "possible" && facts["blockBytes"] !== undefined,
  );
  const [finding, ...others] = readable;
  if (finding === undefined) throw notFound(region, findings);
  if (others.length > 0) throw ambiguous(region, readable);
  const blockBytes = Number(finding.facts["blockBytes"]);
  return { fs: await LittleFs.mount(region, { offset: finding.offset, blockBytes }), finding };
}

/** Every littlefs whose first two blocks begin erase blocks. */
async function littleFsIn(region: ReadableRegion): Promise<readonly RegionFinding[]> {
  const steady = new SteadyRegion(region);
  const sniffer = littlefsSniffer();
  let offset = 0;
  for await (const bytes of steady.readMany(starts(region))) {
    sniffer.look(offset, bytes);
    offset += region.eraseBytes;
  }
  return sniffer.conclude(steady);
}

function* starts({ lengthBytes, eraseBytes }: ReadableRegion): Generator<OffsetRange> {
  for (let offset = 0; offset < lengthBytes; offset += eraseBytes) {
    yield { offset, lengthBytes: Math.min(START_BYTES, lengthBytes - offset) };
  }
}

function notFound(region: FlashRegion, [found]: readonly RegionFinding[]): NorbridgeError {
  const message =
    found === undefined
      ? `no littlefs was found in ${rangeOf(region)}`
      : `the littlefs at ${rangeOf(region, found)} cannot be read: ${found.why}`;
  const hint = advice("The range must contain the file system from its first block on.", "set-region");
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation: OPERATION, hint });
}

function ambiguous(region: FlashRegion, findings: readonly RegionFinding[]): NorbridgeError {
  const list = findings.map((finding) => rangeOf(region, finding)).join(", ");
  const hint = advice("Specify the range of one of them.", "set-region");
  const message = `there are ${findings.length} littlefs: ${list}`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation: OPERATION, hint });
}

function rangeOf(region: FlashRegion, part: OffsetRange = { offset: 0, lengthBytes: region.lengthBytes }): string {
  const range = { address: region.address + part.offset, lengthBytes: part.lengthBytes };
  return formatRange(range);
}
