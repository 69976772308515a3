/** A case as text: what a failure prints, and what is kept of it as a regression test. */
import { type CampaignCase, OMISSIONS } from "./scene.ts";

export type { CampaignCase } from "./scene.ts";

/** Reads a case; throws an Error that says what is wrong. */
export function parseCase(text: string): CampaignCase {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("a case is an object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const seed = fields.get("seed");
  const protocol = fields.get("protocol");
  const without: unknown = fields.get("without") ?? [];
  const mostBytes = fields.get("mostBytes");
  if (typeof seed !== "number" || !Number.isSafeInteger(seed)) throw new Error("seed is a whole number");
  if (protocol !== "native" && protocol !== "serprog") throw new Error("protocol is native or serprog");
  if (!Array.isArray(without)) throw new Error("without is a list");
  const omissions = without.map((name: unknown) => {
    const omission = OMISSIONS.find((one) => one === name);
    if (omission === undefined) throw new Error(`without takes ${OMISSIONS.join(", ")}`);
    return omission;
  });
  if (mostBytes !== undefined && typeof mostBytes !== "number") throw new Error("mostBytes is a number");
  const found = fields.get("found");
  if (found !== undefined && typeof found !== "boolean") throw new Error("found is true or false");
  const records = fields.get("records");
  if (records !== undefined && typeof records !== "boolean") throw new Error("records is true or false");
  return {
    seed,
    protocol,
    records,
    found,
    without: omissions.length === 0 ? undefined : omissions,
    mostBytes,
  };
}
