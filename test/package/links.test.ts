/** The pages in the package link only to what is in it: there is no repository address to fall back to. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { packOnce, ROOT } from "./pack.ts";

/** Targets of relative links and pictures, without anchors. */
function relativeLinks(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, "");
  const targets = [...prose.matchAll(/\]\(<?([^)\s>]+)|\b(?:src|href|srcset)="([^"]+)"/g)];
  return targets
    .map(([, markdown, html]) => markdown ?? html ?? "")
    .filter((target) => !/^([a-z]+:|#|\/\/)/i.test(target))
    .map((target) => target.replace(/[#?].*$/, ""));
}

function deadLinks(page: string, text: string, files: readonly string[]): string[] {
  return relativeLinks(text)
    .map((link) => posix.join(posix.dirname(page), link).replace(/\/$/, ""))
    .filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)));
}

describe("links of the packed pages", () => {
  const { files } = packOnce();
  const pages = files.filter((file) => file.endsWith(".md"));

  it("finds the pages", () => {
    for (const page of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]) expect(pages).toContain(page);
    expect(pages.filter((page) => page.startsWith("docs/")).length).toBeGreaterThan(0);
    expect(relativeLinks(readFileSync(join(ROOT, "README.md"), "utf8")).length).toBeGreaterThan(5);
  });

  // A link that fails here: add its target to `files` in package.json, or link to a page that is in the package.
  it.each(pages)("%s", (page) => {
    expect(deadLinks(page, readFileSync(join(ROOT, page), "utf8"), files)).toEqual([]);
  });

  it("notices a dead link in every form", () => {
    const text =
      '[a](docs/none.md#x) ![b](none.svg "title") <img src="none.png"> [d](https://x.y/z) [e](#here) [f](../docs)';
    expect(deadLinks("docs/page.md", text, ["docs/page.md"])).toEqual([
      "docs/docs/none.md",
      "docs/none.svg",
      "docs/none.png",
    ]);
  });
});
