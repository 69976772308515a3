/** What the lines of an index mean together. Pure. */
import type { NumberedLine } from "./read-line.ts";
import type { DecodeLine, ExtractionLine } from "./store-lines.ts";

/** The newest decode of an extraction by one struct. */
export interface CurrentDecode {
  readonly line: DecodeLine;
  /** Where its records are now; "" if there are none. */
  readonly file: string;
}

/** All that is in a store now. */
export interface StoreState {
  /** In the order in which they were made. */
  readonly extractions: ReadonlyMap<string, ExtractionLine>;
  /** By extraction and struct, see `decodeKey`. */
  readonly decodes: ReadonlyMap<string, CurrentDecode>;
  /** Each file and the extractions in it that are still current. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

/** Of one extraction and one name of a struct there is one current decode. */
export function decodeKey(extraction: string, struct: string): string {
  return `${extraction} ${struct}`;
}

/** Takes the lines in their order. */
export function stateOf(lines: readonly NumberedLine[]): StoreState {
  const extractions = new Map<string, ExtractionLine>();
  const decodes = new Map<string, CurrentDecode>();
  for (const { line } of lines) {
    if (line?.type === "extraction") extractions.set(line.id, line);
    if (line?.type === "decode") {
      decodes.set(decodeKey(line.extraction, line.struct), { line, file: line.file });
    }
    if (line?.type === "compact") {
      for (const extraction of line.extractions) {
        const key = decodeKey(extraction, line.struct);
        const current = decodes.get(key);
        if (current !== undefined) decodes.set(key, { ...current, file: line.file });
      }
    }
  }
  const files = new Map<string, string[]>();
  for (const { line, file } of decodes.values()) {
    if (file === "") continue;
    const held = files.get(file);
    if (held === undefined) files.set(file, [line.extraction]);
    else held.push(line.extraction);
  }
  return { extractions, decodes, files };
}
