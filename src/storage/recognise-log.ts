/** Which log a region holds, and how sure that is. Reads only. */
import { blockCheckOfFill } from "../../firmware-protocol/block-check.ts";
import { advice } from "../advice.ts";
import { formatAddress, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { recogniseFcb } from "./circular-buffer/recognise.ts";
import { recogniseLogFs } from "./log-fs/recognise.ts";
import { describeRegions } from "./recognise/foreign.ts";
import { recogniseRegions } from "./recognise/pass.ts";
import { type LogFinding, type LogHints, surer } from "./log-finding.ts";

export type { FcbFinding, LogFinding, LogFsFinding } from "./log-finding.ts";

/**
 * What the region holds, with the options that open it; what the caller specified is taken as it is. Throws CHECK_FAILED for a
 * region that is blank at all places where a log would begin, LAYOUT_MISMATCH if nothing is recognised.
 */
export async function recogniseLog(region: FlashRegion, hints: LogHints): Promise<LogFinding> {
  const { layout, sectorBytes } = hints;
  const fcb = layout === "px-log-fs" ? undefined : await recogniseFcb(region, sectorBytes, hints.fcb);
  if (fcb?.sureness === "certain") return fcb;
  const logFs =
    layout === "fcb" || region.erasedByte !== 0xff ? undefined : await recogniseLogFs(region, sectorBytes, hints.logFs);
  // Headers without a valid entry are an FCB only for a caller who says so.
  const isFcbPlaceHints = layout === "fcb" || hints.fcb.magic !== undefined || hints.fcb.alignBytes !== undefined;
  const isHeadersOnly = !isFcbPlaceHints && fcb?.sureness === "possible";
  const found = surer(isHeadersOnly ? undefined : fcb, logFs);
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

/** The error for a region in which there is no log: whether it is blank, and what else it holds. */
async function nothingFound(region: FlashRegion, { layout }: LogHints): Promise<NorbridgeError> {
  const operation = "recognise log";
  const { lengthBytes, erasedByte } = region;
  if ((await region.digest(0, lengthBytes)) === blockCheckOfFill(erasedByte, lengthBytes)) {
    return new NorbridgeError("CHECK_FAILED", "the region is blank: it holds no log", {
      operation,
      hint: HOW_TO_READ,
    });
  }
  const found = await recogniseRegions(region);
  if (found.length === 1 && found[0]?.layout === "safe") {
    const hint = advice("Read it as a safe.", "list-safe-items");
    return new NorbridgeError("LAYOUT_MISMATCH", "the region holds a safe, not a log", { operation, hint });
  }
  const what = layout === "auto" ? "no log" : `no log of layout ${layout}`;
  if (found.length > 0) {
    const message = `${what} was detected: the region is not blank and holds ${describeRegions(region, found)}`;
    return new NorbridgeError("LAYOUT_MISMATCH", message, {
      operation,
      hint: advice("Specify the region of the log.", "list-regions", "set-region"),
    });
  }
  const start = await region.read(0, Math.min(16, lengthBytes));
  const message = `${what} was detected: the bytes at ${formatAddress(region.address)} are ${toHex(start)}`;
  return new NorbridgeError("LAYOUT_MISMATCH", message, { operation, hint: HOW_TO_READ });
}
