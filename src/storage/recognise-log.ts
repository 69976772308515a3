/** Which log a region holds, and how sure that is. Reads only. */
import { formatAddress, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { recogniseFcb } from "./circular-buffer/recognise.ts";
import { recogniseSafe } from "./flash-safe/recognise-safe.ts";
import { recogniseLogFs } from "./log-fs/recognise.ts";
import { type LogFinding, type LogHints, surer } from "./log-finding.ts";

export type { FcbFinding, LogFinding, LogFsFinding } from "./log-finding.ts";

/**
 * What the region holds, with the options that open it; what the caller said is taken as it is. Throws CHECK_FAILED for a
 * region that is blank at all places where a log would begin, LAYOUT_MISMATCH where nothing is recognised.
 */
export async function recogniseLog(region: FlashRegion, hints: LogHints): Promise<LogFinding> {
  const { layout, sectorBytes } = hints;
  const fcb = layout === "px-log-fs" ? undefined : await recogniseFcb(region, sectorBytes, hints.fcb);
  if (fcb?.sureness === "certain") return fcb;
  const logFs =
    layout === "fcb" || region.erasedByte !== 0xff ? undefined : await recogniseLogFs(region, sectorBytes, hints.logFs);
  const found = surer(fcb, logFs);
  if (found !== undefined && (layout !== "auto" || !found.isBlank)) return found;
  throw await nothingFound(region, hints);
}

const HOW_TO_READ =
  "Say what it is: --layout fcb --magic M, or --layout px-log-fs --record-size R; and --range where it begins.";

async function nothingFound(region: FlashRegion, { layout }: LogHints): Promise<NorbridgeError> {
  const operation = "recognise log";
  const start = await region.read(0, Math.min(16, region.lengthBytes));
  const address = formatAddress(region.address);
  const ranges = Array.from({ length: region.lengthBytes / region.eraseBytes }, (_, block) => ({
    offset: block * region.eraseBytes,
    lengthBytes: Math.min(16, region.eraseBytes),
  }));
  let isBlank = true;
  for await (const bytes of region.readMany(ranges)) isBlank &&= bytes.every((byte) => byte === region.erasedByte);
  if (isBlank) {
    return new NorbridgeError("CHECK_FAILED", "the region is blank: there is no log in it", {
      operation,
      hint: HOW_TO_READ,
    });
  }
  if ((await recogniseSafe(region)) !== undefined) {
    const hint = "`norbridge safe list` shows what is in it.";
    return new NorbridgeError("LAYOUT_MISMATCH", "the region holds a safe, not a log", { operation, hint });
  }
  const what = layout === "auto" ? "no log" : `no log of layout ${layout}`;
  const message = `${what} is recognised: at ${address} there is ${toHex(start)}`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint: HOW_TO_READ });
}
