/** The man page is made of the table of commands, and is what is published. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands/commands.ts";
import { manPage } from "../../src/cli/help/man-page.ts";
import { packageVersion } from "../../src/cli/program/package-version.ts";
import { itUnless } from "../support/needs.ts";

it("man/norbridge.1 is up to date (vitest -u writes it)", async () => {
  await expect(manPage(packageVersion())).toMatchFileSnapshot("../../man/norbridge.1");
});

it("has every command and every option", () => {
  const page = manPage("1.0.0").replaceAll("\\-", "-");
  for (const { name, options } of commands) {
    expect(page).toContain(`.SS norbridge ${name}`);
    for (const option of options) expect(page).toContain(`--${option.name}`);
  }
});

const groffMissing = spawnSync("groff", ["--version"]).status === 0 ? undefined : "groff is not here";

itUnless(groffMissing)("groff has nothing to say against it", () => {
  const { stderr, status } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z"], {
    input: manPage("1.0.0"),
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
});
