/**
 * README followed to the letter, block by block, as somebody does who has nothing else: in a fresh clone, and in a fresh folder
 * with only the packed tarball. In CI only: both install from the registry.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPage } from "../documents/support/run-page.ts";
import { packOnce, ROOT } from "./pack.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "norbridge-reader-")));
const prefix = join(base, "global");
/** The reader's own folder for global packages; downloads are shared with this machine. */
const env = {
  npm_config_prefix: prefix,
  npm_config_cache: execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim(),
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
};
const TIMEOUT_MS = 1_800_000;

/** Console blocks show the same in both; the tests are what is running now. */
const followed = (page: string): string => page.replace(/^npm test .*\n/m, "");

// Minutes of npm alone, so CI leaves it out: `NORBRIDGE_FOLLOW=1 npx vitest run test/package/follow-readme.test.ts`.
describe.runIf(process.env["NORBRIDGE_FOLLOW"] === "1")("README, followed", () => {
  beforeAll(() => {
    mkdirSync(join(prefix, "bin"), { recursive: true });
  });
  afterAll(() => {
    rmSync(base, { recursive: true, force: true });
  });

  it("in a fresh clone", { timeout: TIMEOUT_MS }, async () => {
    const clone = join(base, "clone");
    execFileSync("git", ["clone", "-q", ROOT, clone]);
    const page = followed(readFileSync(join(clone, "README.md"), "utf8"));
    const options = {
      links: [],
      folder: clone,
      bin: join(prefix, "bin"),
      env,
      tags: ["install"],
      deadlineMs: TIMEOUT_MS,
    };
    expect(await runPage(page, options)).toBe(page);
  });

  it("in a fresh folder with only the tarball", { timeout: TIMEOUT_MS }, async () => {
    const folder = join(base, "folder");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    execFileSync("npm", ["install", packOnce().tarball], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: "pipe",
    });
    const installed = join(folder, "node_modules");
    const page = readFileSync(join(installed, "norbridge/README.md"), "utf8");
    expect(await runPage(page, { links: [], folder, bin: join(installed, ".bin"), env, deadlineMs: TIMEOUT_MS })).toBe(
      page,
    );
  });
});

it("has the install block of the version that is packed", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  for (const page of ["README.md", "docs/install.md"]) {
    expect(readFileSync(join(ROOT, page), "utf8")).toContain(`npm install --global ./norbridge-${version}.tgz`);
  }
});
