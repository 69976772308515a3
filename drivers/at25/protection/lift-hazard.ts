/**
 * Parts on which clearing the protection bits erases the whole chip. An ID of such a part is enough: several parts share
 * it, and nothing tells them apart before it is too late.
 */
import type { At25Descriptor } from "../../chip-descriptor.ts";

/** Response to 9Fh, as hex, and the part. Source: coredevices/PebbleOS#65 (GD25LQ255E). */
const ERASED_BY_LIFT: ReadonlyMap<string, string> = new Map([["c86019", "GD25LQ255E"]]);

/** Why the protection of this part must not be lifted, as text; undefined if it may be. */
export function liftHazard({
  jedecId,
  liftErases,
}: Pick<At25Descriptor, "jedecId" | "liftErases">): string | undefined {
  if (liftErases === false) return undefined;
  const name = ERASED_BY_LIFT.get(jedecId.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  if (name !== undefined) return `clearing the protection bits erases the whole chip on ${name}, which has this ID`;
  return liftErases === true ? "clearing the protection bits erases the whole chip on this part" : undefined;
}
