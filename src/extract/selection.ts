/** Which extractions of a store a command is about. */
import type { CurrentDecode, StoreState } from "./store-state.ts";
import type { ExtractionLine } from "./store-lines.ts";
import type { StoredDecode } from "./stored-rows.ts";

/** What the user asks for; what is undefined does not matter. */
export interface Selection {
  readonly serial: string | undefined;
  readonly product: string | undefined;
  /** Extracted at this time or later, milliseconds since 1970. */
  readonly sinceMs: number | undefined;
}

/** The extractions of a selection, in the order in which they were made. */
export function selected(state: StoreState, { serial, product, sinceMs }: Selection): readonly ExtractionLine[] {
  return [...state.extractions.values()].filter((one) => {
    if (serial !== undefined && one.serial !== serial) return false;
    if (product !== undefined && one.product !== product) return false;
    return sinceMs === undefined || Date.parse(one.time) >= sinceMs;
  });
}

/** Their current decodes. */
export function decodesOf(state: StoreState, extractions: readonly ExtractionLine[]): readonly StoredDecode[] {
  const byExtraction = new Map<string, CurrentDecode[]>();
  for (const decode of state.decodes.values()) {
    const list = byExtraction.get(decode.line.extraction);
    if (list === undefined) byExtraction.set(decode.line.extraction, [decode]);
    else list.push(decode);
  }
  return extractions.flatMap((extraction) =>
    (byExtraction.get(extraction.id) ?? []).map(({ line }) => ({ extraction, line })),
  );
}
