/** The package as `npm pack` makes it of this checkout. */
import { execSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureCompiled } from "../support/cli.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Packed {
  /** A temporary folder, removed when the test process ends. */
  readonly folder: string;
  /** Path of the tarball, in `folder`. */
  readonly tarball: string;
  /** Paths inside the package, with `/` on every system. */
  readonly files: readonly string[];
}

let packed: Packed | undefined;

/** Packs once a test process. */
export function packOnce(): Packed {
  packed ??= pack();
  return packed;
}

function pack(): Packed {
  ensureCompiled();
  const folder = mkdtempSync(join(tmpdir(), "norbridge-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // The destination goes by the environment: on Windows npm needs a shell, and a path needs no quoting this way.
  const env = { ...process.env, npm_config_pack_destination: folder };
  const listing = execSync("npm pack --json --ignore-scripts", { cwd: ROOT, encoding: "utf8", env });
  const files = [...listing.matchAll(/"path": "([^"]+)"/g)].map(([, path = ""]) => path);
  const [, name = ""] = /"filename": "([^"]+)"/.exec(listing) ?? [];
  return { folder, tarball: join(folder, name), files };
}

/** Why nothing can be installed here, of what npm failed with; undefined for any other failure. */
export function registryTrouble(error: unknown): string | undefined {
  const told = String(error instanceof Error && "stderr" in error ? error.stderr : error);
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|network/.test(told)
    ? `no registry: ${told.split("\n")[0] ?? ""}`
    : undefined;
}

/** Asks the registry for one version number. Why it does not reply; undefined if it does. */
export function noRegistry(): string | undefined {
  try {
    execSync("npm view yargs version", { stdio: "pipe", timeout: 120_000 });
    return undefined;
  } catch (error) {
    const reason = registryTrouble(error);
    if (reason === undefined) throw error;
    return reason;
  }
}
