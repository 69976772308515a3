/**
 * README followed to the letter, block by block, as a user does who has nothing else: in a fresh clone, and in a fresh folder
 * with only the packed tarball. Both install from the registry and compile, which takes a minute or two, so it is for CI.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPage } from "../documents/support/run-page.ts";
import { effort } from "../support/effort.ts";
import { noRegistry, packOnce, ROOT } from "./pack.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "norbridge-reader-")));
const prefix = join(base, "global");
/** One command of the page: the longest ones install and compile, 30 seconds each on an idle machine. */
const COMMAND_DEADLINE_MS = 4 * 60_000;
const PAGE_TIMEOUT_MS = 10 * 60_000;

/** How this machine reaches a registry, and its folder of downloads. */
function network(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(?:https?_proxy|no_proxy|\w+_CA_CERTS|SSL_CERT_\w+)$/i.test(name),
  );
  const settings = execFileSync("npm", ["config", "get", "cache", "userconfig", "globalconfig"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const npm = settings.split("\n").flatMap((line) => {
    const [, name, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[`npm_config_${name}`, value] as const];
  });
  return Object.fromEntries([...own, ...npm].map(([name, value]) => [name, value ?? ""]));
}

/** The reader's own folder for global packages, on this machine's network. */
const environment = (): Record<string, string> => ({
  ...network(),
  npm_config_prefix: prefix,
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
});

/**
 * The page without its line `npm test`: these tests are what that line runs, and `.ci/run` calls it by the same words, so
 * running it once more in the clone would prove nothing new. That the words are the same is checked.
 */
function withoutTests(page: string): string {
  expect(page).toMatch(/^npm test( +#.*)?$/m);
  expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toMatch(/^npm test\b/m);
  return page.replace(/^npm test.*\n/m, "");
}

const missing = effort("it is run in CI, with NORBRIDGE_CAMPAIGN=full", undefined) ?? noRegistry();

describe.skipIf(missing !== undefined)(`README, followed (${missing ?? "from the registry"})`, () => {
  beforeAll(() => {
    mkdirSync(join(prefix, "bin"), { recursive: true });
  });
  afterAll(() => {
    rmSync(base, { recursive: true, force: true });
  });

  it("in a fresh clone", { timeout: PAGE_TIMEOUT_MS }, async () => {
    const clone = join(base, "clone");
    execFileSync("git", ["clone", "-q", ROOT, clone]);
    const page = withoutTests(readFileSync(join(clone, "README.md"), "utf8"));
    const options = {
      links: [],
      folder: clone,
      bin: join(prefix, "bin"),
      env: environment(),
      tags: ["install"],
      deadlineMs: COMMAND_DEADLINE_MS,
    };
    expect(await runPage(page, options)).toBe(page);
  });

  it("in a fresh folder with only the tarball", { timeout: PAGE_TIMEOUT_MS }, async () => {
    const folder = join(base, "folder");
    const env = environment();
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    execFileSync("npm", ["install", packOnce().tarball], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: "pipe",
      timeout: COMMAND_DEADLINE_MS,
    });
    const installed = join(folder, "node_modules");
    const page = readFileSync(join(installed, "norbridge/README.md"), "utf8");
    const options = { links: [], folder, bin: join(installed, ".bin"), env, deadlineMs: COMMAND_DEADLINE_MS };
    expect(await runPage(page, options)).toBe(page);
  });
});

it("has the install block of the version that is packed", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  for (const page of ["README.md", "docs/install.md"]) {
    expect(readFileSync(join(ROOT, page), "utf8")).toContain(`npm install --global ./norbridge-${version}.tgz`);
  }
});
