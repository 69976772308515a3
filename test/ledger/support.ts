/** A folder for ledgers, and a recipe for their sessions. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { NorbridgeError } from "../../src/errors.ts";
import type { IdSource } from "../../src/ledger/ids.ts";
import type { Ledger, RecipeRevision, SessionRequest } from "../../src/ledger/ledger.ts";
import { openLedger } from "../../src/ledger/sqlite-ledger.ts";
import { createRandom } from "../../src/sim/random.ts";
import { removeFolder } from "../support/remove-folder.ts";

export const RECIPE: RecipeRevision = { name: "r", revision: 1, sha256: "a".repeat(64) };
export const SHA = "b".repeat(64);

/** A folder of its own for one test file; removed after it. */
export function ledgerFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "norbridge-ledger-"));
  afterAll(() => {
    removeFolder(folder);
  });
  return (name) => join(folder, name);
}

/** Time and chance by seed; the clock goes on by a second with every look. */
export function seededSource(seed: number): IdSource {
  const random = createRandom(seed);
  let ms = Date.UTC(2026, 10, 30);
  return { nowMs: () => (ms += 1000), random: () => random.nextUint32() };
}

/** A ledger with the recipe and a pool of this size. */
export async function openWithPool(path: string, size: bigint, seed = 1): Promise<Ledger> {
  const ledger = await openLedger(path, { programVersion: "test", source: seededSource(seed) });
  await ledger.addRecipe(RECIPE);
  await ledger.addPool({ name: "p", kind: "counter", first: 1n, last: size });
  return ledger;
}

export function sessionOf(more: Partial<SessionRequest> = {}): SessionRequest {
  return { product: "P", recipe: RECIPE, slot: "1", operator: "o", seenAgain: "keep", ...more };
}

/** Code and message of the error of a call. */
export async function errorOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NorbridgeError)) throw new Error(`no NorbridgeError: ${String(error)}`);
  return `${error.code} ${error.message}`;
}
