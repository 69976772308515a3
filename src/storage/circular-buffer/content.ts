/** What the entries of an FCB are, where they say it. Pure. */
import { mynewtVersionOf } from "../mynewt-log/record.ts";
import { decodeLine } from "../settings/line.ts";

/** One kind of content: its name in `RegionFinding.content`, and whether an entry can be of that kind. */
interface Kind {
  readonly name: string;
  readonly isOne: (entry: Uint8Array) => boolean;
}

const KINDS: readonly Kind[] = [{ name: "settings", isOne: isSetting }];

/** Of ten entries this many must fit: the rest may be damaged, or of an older firmware. */
const ENOUGH_OF_TEN = 9;

/** The kind that the entries are of; undefined if none fits, or there is no entry. `version`: that of the sectors. */
export function contentOf(entries: readonly Uint8Array[], version?: number): string | undefined {
  if (entries.length === 0) return undefined;
  const kind = KINDS.find(
    ({ isOne }) => 10 * entries.filter((entry) => isOne(entry)).length >= ENOUGH_OF_TEN * entries.length,
  )?.name;
  return kind ?? (mynewtVersionOf(entries, version) === undefined ? undefined : "mynewt-log");
}

/** A line of Zephyr's settings: a name of printable characters, "=", a value. */
function isSetting(entry: Uint8Array): boolean {
  const line = decodeLine(entry);
  if (line === undefined || line.name.length === 0) return false;
  return line.name.every((byte) => byte > 0x20 && byte < 0x7f);
}
