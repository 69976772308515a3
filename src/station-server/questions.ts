/** Questions about records, as they stand in an address. */
import type { RecordQuestion } from "./face.ts";

const MOST_TEXT = 512;

/** A question from its name and its values; undefined for what is none. */
export function questionFrom(kind: string, values: Readonly<Record<string, string>>): RecordQuestion | undefined {
  const { serial, since, extraction } = values;
  if (Object.values(values).some((value) => value.length > MOST_TEXT)) return undefined;
  if (kind === "report") return { kind, since };
  if (kind === "units" && serial !== undefined && serial !== "") return { kind, serial };
  if (kind === "log" && extraction !== undefined && extraction !== "") return { kind, extraction };
  return undefined;
}
