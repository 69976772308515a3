/** All formats that are recognised: one line each. */
import { littlefsSniffer } from "../littlefs/recognise.ts";
import type { FlashShape, Sniffer } from "./region-finding.ts";

const FACTORIES: readonly ((shape: FlashShape) => Sniffer)[] = [littlefsSniffer];

/** A fresh sniffer of every format, for one pass over a flash of this shape. */
export function newSniffers(shape: FlashShape): readonly Sniffer[] {
  return FACTORIES.map((make) => make(shape));
}
