/** Which log a region holds, and how sure that is. Reads only. */
import { advice } from "../advice.ts";
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

const HOW_TO_READ = advice(
  "Specify the layout, and the region where the log is: fcb requires the magic, px-log-fs the record size.",
  "set-layout",
  "set-magic",
  "set-record-size",
  "set-region",
);

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
    return new NorbridgeError("CHECK_FAILED", "the region is blank: it holds no log", {
      operation,
      hint: HOW_TO_READ,
    });
  }
  if ((await recogniseSafe(region)) !== undefined) {
    const hint = advice("Read it as a safe.", "list-safe-items");
    return new NorbridgeError("LAYOUT_MISMATCH", "the region holds a safe, not a log", { operation, hint });
  }
  const what = layout === "auto" ? "no log" : `no log of layout ${layout}`;
  const message = `${what} was detected: the bytes at ${address} are ${toHex(start)}`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint: HOW_TO_READ });
}
