/**
 * The approved state of a recipe: `NAME.lock` beside `NAME.yaml`, with the SHA-256 of every file that the recipe is
 * made of. It says who approved and when; it is not a signature, so it is worth as much as the permissions of its
 * folder.
 */
import { z } from "zod";
import { printable } from "../bytes.ts";
import { fileInvalid } from "../disk/file-problem.ts";
import { FILE_USES } from "../disk/file-uses.ts";
import { readWholeIfThere } from "../disk/read-whole.ts";
import { replaceFile } from "../disk/replace-file.ts";
import { hashOfInputs, RECIPE_INPUT } from "./inputs.ts";
import type { CheckedRecipe } from "./load-recipe.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const lockSchema = z.strictObject({
  norbridge: z.literal("recipe-lock/1"),
  name: z.string(),
  revision: z.int(),
  sha256,
  approvedBy: z.string(),
  approvedAt: z.string(),
  inputs: z.array(z.strictObject({ name: z.string(), sha256 })),
});

/** An approval. */
export type RecipeLock = z.output<typeof lockSchema>;

/** How a recipe stands to its approval. */
export type Approval =
  | { readonly kind: "none" }
  | { readonly kind: "approved"; readonly lock: RecipeLock }
  /** Something changed since; each with a sentence. */
  | { readonly kind: "changed"; readonly lock: RecipeLock; readonly changes: readonly string[] };

/** The name of the lock of a recipe. */
export function lockPath(recipeFile: string): string {
  return `${recipeFile.replace(/\.ya?ml$/i, "")}.lock`;
}

/** Writes the approval of a recipe as it is now. `atIso`: the time. Throws FILE_EXISTS. */
export function approve(checked: CheckedRecipe, by: string, atIso: string): RecipeLock {
  const { recipe, inputs } = checked;
  const lock: RecipeLock = {
    norbridge: "recipe-lock/1",
    name: recipe.head.name,
    revision: recipe.head.revision,
    sha256: checked.sha256,
    approvedBy: by,
    approvedAt: atIso,
    inputs: [...inputs],
  };
  replaceFile(lockPath(recipe.file), new TextEncoder().encode(`${JSON.stringify(lock, undefined, 2)}\n`));
  return lock;
}

/** Compares a recipe with its approval. Throws FILE_INVALID for a lock that cannot be read or is none. */
export async function approvalOf(checked: CheckedRecipe, signal?: AbortSignal): Promise<Approval> {
  const { file } = checked.recipe;
  const path = lockPath(file);
  const bytes = await readWholeIfThere(path, { ...FILE_USES.lock, signal });
  if (bytes === undefined) return { kind: "none" };
  const lock = readLock(path, bytes);
  const { inputs } = checked;
  const now = new Map(inputs.map(({ name, sha256: hash }) => [name, hash]));
  const before = new Map(lock.inputs.map(({ name, sha256: hash }) => [name, hash]));
  const changes = [
    ...inputs.flatMap(({ name, sha256: hash }) => {
      const old = before.get(name);
      if (old === hash) return [];
      return [old === undefined ? `${inputName(name)} was added` : `${inputName(name)} was changed`];
    }),
    ...[...before.keys()].flatMap((name) => (now.has(name) ? [] : [`${inputName(name)} is no longer used`])),
  ];
  return changes.length === 0 ? { kind: "approved", lock } : { kind: "changed", lock, changes };
}

function inputName(name: string): string {
  return name === RECIPE_INPUT ? "the recipe" : printable(name);
}

function readLock(path: string, bytes: Uint8Array): RecipeLock {
  const refuse = (why: string): Error => fileInvalid(path, why, { hint: "Approve the recipe again." });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refuse("is not the lock file of a recipe");
  }
  const lock = lockSchema.safeParse(value);
  if (!lock.success) throw refuse("is not the lock file of a recipe of this version");
  if (hashOfInputs(lock.data.inputs) !== lock.data.sha256)
    throw refuse("was changed: its hash is not that of its lines");
  return lock.data;
}
