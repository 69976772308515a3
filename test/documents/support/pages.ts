/** The pages that people read, and whether this run writes them instead of checking them. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** README and docs; the API reference under docs/api is made and checked by TypeDoc. */
export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
    .toSorted(),
];

/** `npm run docs` sets it: what differs is written down instead of refused. */
export const isWriting = process.env["NORBRIDGE_WRITE_DOCS"] === "1";
