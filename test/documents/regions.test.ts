/** The page about regions and the JSON schema name every layout that is recognised, and no other. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./support/pages.ts";

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

it("docs/regions.md and the schema list the layouts", () => {
  const union = /export type RegionLayout =([^;]+);/.exec(textOf("src/storage/recognise/region-finding.ts"))?.[1] ?? "";
  const layouts = [...union.matchAll(/"([a-z0-9-]+)"/g)].map(([, name]) => name ?? "");
  expect(layouts.length).toBeGreaterThan(10);
  const section = /## What is recognised\n([\s\S]*?)\n## /.exec(textOf("docs/regions.md"))?.[1] ?? "";
  const rows = [...section.matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, name]) => name ?? "");
  expect(rows.toSorted()).toEqual(layouts.toSorted());
  const described = /Format: (fcb, fcb2[^.]*)\./.exec(textOf("schema/norbridge-output-1.schema.json"))?.[1] ?? "";
  expect(described.split(", ").toSorted()).toEqual(layouts.toSorted());
});
