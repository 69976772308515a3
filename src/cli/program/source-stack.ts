/** A stack of the bundled program, shown at the places of its sources: the map beside the bundle knows them. */
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import { openRegularFile } from "../../disk/regular-file.ts";

const BUNDLE = "/program.cjs";
const FRAME = /\(?(?:file:\/\/)?[^\s()]*program\.cjs:(\d+):(\d+)\)?/g;

/** Replaces each place in the bundle. A stack from elsewhere, or without a map, stays as it is. `url`: of the running file. */
export function sourceStack(stack: string, url: string = import.meta.url): string {
  if (!url.endsWith(BUNDLE) || !stack.includes(BUNDLE.slice(1))) return stack;
  try {
    const map = readMap(`${url}.map`);
    return stack.replace(
      FRAME,
      (frame, line: string, column: string) => placeIn(map, Number(line), Number(column)) ?? frame,
    );
  } catch {
    // The map is only a help.
    return stack;
  }
}

function placeIn(map: SourceMap, line: number, column: number): string | undefined {
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return undefined;
  // Paths in the map lead from dist/bin to the root of the repository.
  return `(${entry.originalSource.replace(/^(.*\/)?\.\.\//, "")}:${entry.originalLine + 1}:${entry.originalColumn + 1})`;
}

function readMap(url: string): SourceMap {
  const file = openRegularFile(fileURLToPath(url));
  try {
    const payload: unknown = JSON.parse(new TextDecoder().decode(file.read(0, file.lengthBytes)));
    return new SourceMap(payload as ConstructorParameters<typeof SourceMap>[0]);
  } finally {
    file.close();
  }
}
