/** All formats that are recognised: one line each. */
import { fcbSniffer } from "../circular-buffer/sniffer.ts";
import { flashMapSniffer } from "../flash-maps/recognise.ts";
import { kvdbSniffer } from "../flashdb/recognise-kvdb.ts";
import { tsdbSniffer } from "../flashdb/recognise-tsdb.ts";
import { safeSniffer } from "../flash-safe/sniffer.ts";
import { espSniffer } from "../esp-idf/recognise.ts";
import { fcb2Sniffer } from "../fcb2/recognise.ts";
import { littlefsSniffer } from "../littlefs/recognise.ts";
import { logFsSniffer } from "../log-fs/sniffer.ts";
import { mcubootSniffer } from "../mcuboot/recognise.ts";
import { nvsSniffer } from "../nvs/recognise.ts";
import { zmsSniffer } from "../zms/recognise.ts";
import type { FlashShape, Sniffer } from "./region-finding.ts";

const FACTORIES: readonly ((shape: FlashShape) => Sniffer)[] = [
  // In any order: findings that overlap are ranked by their proofs.
  espSniffer,
  fcbSniffer,
  fcb2Sniffer,
  flashMapSniffer,
  kvdbSniffer,
  littlefsSniffer,
  logFsSniffer,
  mcubootSniffer,
  nvsSniffer,
  safeSniffer,
  tsdbSniffer,
  zmsSniffer,
];

/** A fresh sniffer of every format, for one pass over a flash of this shape. */
export function newSniffers(shape: FlashShape): readonly Sniffer[] {
  return FACTORIES.map((make) => make(shape));
}
