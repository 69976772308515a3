/** The built page, in memory: a request can ask for these files and for nothing else of the disk. */
import { dirname, join } from "node:path";
import { entriesIn } from "../disk/folder.ts";
import { pathInPackage } from "../disk/package-path.ts";
import { readWhole } from "../disk/read-whole.ts";
import { NorbridgeError } from "../errors.ts";

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Files by their path in an address: "/", "/assets/index-1a2b.js". */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};
/** A page is some hundred KiB. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Where a page of this package is: `dist/page-NAME`. Throws EINVAL if it was not built. */
export function pageFolder(name: string): string {
  const index = pathInPackage(`dist/page-${name}/index.html`);
  if (index !== undefined) return dirname(index);
  throw new NorbridgeError("EINVAL", `the page is not in this installation: dist/page-${name} is missing`, {
    operation: "serve page",
    hint: "In a clone of the repository run: npm run build. Otherwise install norbridge again.",
  });
}

/** Reads a page. Throws FILE_INVALID for a file that cannot be read. */
export async function readPage(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  for (const [place, path] of [
    ["/", folder],
    ["/assets/", join(folder, "assets")],
  ] as const) {
    for (const { name, isRegular } of await entriesIn(path)) {
      const type = TYPES[/\.([a-z]+)$/.exec(name)?.[1] ?? ""];
      if (!isRegular || type === undefined) continue;
      const bytes = await readWhole(join(path, name), { mostBytes: MOST_BYTES, what: "a file of the page" });
      files.set(name === "index.html" ? place : `${place}${name}`, { type, bytes: new Uint8Array(bytes) });
    }
  }
  return files;
}
