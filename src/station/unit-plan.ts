/** The values of a unit in a session: what it has already, what it gets now. */
import type { HeldNumber, Ledger, StartedSession, UnitAccount, UnitRecord } from "../ledger/ledger.ts";
import type { CheckedRecipe } from "../recipe/load-recipe.ts";
import { numberText, readGiven } from "../recipe/unit-values.ts";
import { NorbridgeError } from "../errors.ts";
import { printable } from "../bytes.ts";
import type { UnitInSlot } from "./messages.ts";

/** Texts of all values of a unit by name, the serial number included. */
export type UnitTexts = ReadonlyMap<string, string>;

/** What is scanned for a new unit: names of values and what the operator scans, in the order of the recipe. */
export function scansOf({ recipe }: CheckedRecipe): readonly { readonly value: string; readonly label: string }[] {
  return [...recipe.values].flatMap(([value, one]) => (one.kind === "scan" ? [{ value, label: one.body.scan }] : []));
}

/** Why a scanned text cannot be the value; undefined if it can. */
export function whyNotScanned({ shapes }: CheckedRecipe, value: string, text: string): string | undefined {
  const shape = shapes.get(value);
  const read = shape === undefined ? "there is no such value" : readGiven(shape, text);
  return typeof read === "string" ? read : undefined;
}

/** Values that come from the chip and the clock alone. */
export function ownTexts({ recipe }: CheckedRecipe, unit: UnitInSlot, made: string): UnitTexts {
  const texts = new Map<string, string>();
  for (const [name, { kind }] of recipe.values) {
    if (kind === "time") texts.set(name, made);
    if (kind === "chip" && unit.uid !== undefined) texts.set(name, unit.uid);
  }
  return texts;
}

/** What a known unit has, as far as the recipe still uses it. */
export function textsOfUnit({ shapes, serialName }: CheckedRecipe, account: UnitAccount): UnitTexts {
  const all = [...account.values, ...account.numbers].filter(({ name }) => shapes.has(name));
  return new Map([...all.map(({ name, text }): [string, string] => [name, text]), [serialName, account.serial]]);
}

/** The numbers that the unit does not have yet: reserved, which is durable when this resolves. Throws as the ledger. */
export async function reserveMissing(
  ledger: Pick<Ledger, "reserve">,
  checked: CheckedRecipe,
  { session, identity, numbers }: StartedSession,
  made: string,
): Promise<readonly HeldNumber[]> {
  const all = [...numbers];
  // A known unit has its serial number, also one that no pool gave.
  const has = new Set(numbers.map(({ name }) => name));
  if (identity.kind === "known") has.add(checked.serialName);
  for (const shape of checked.shapes.values()) {
    if (shape.value.kind !== "pool" || has.has(shape.name)) continue;
    const text = (value: bigint): string => numberText(shape, value, Date.parse(made));
    all.push(await ledger.reserve(session, { pool: shape.value.body.pool, name: shape.name, text }));
  }
  return all;
}

/** The serial number, and the texts without it. Throws EINVAL if there is none. */
export function splitSerial(
  { serialName }: CheckedRecipe,
  texts: UnitTexts,
): { readonly serial: string; readonly others: Readonly<Record<string, string>> } {
  const serial = texts.get(serialName);
  if (serial === undefined) {
    throw new NorbridgeError("EINVAL", `the unit has no serial number: ${serialName} is missing`, {
      operation: "compose",
    });
  }
  return { serial, others: Object.fromEntries([...texts].filter(([name]) => name !== serialName)) };
}

/** What is recorded of a unit that is done. */
export function recordOf(checked: CheckedRecipe, texts: UnitTexts, contentSha256: string): UnitRecord {
  const { serial, others } = splitSerial(checked, texts);
  const values = Object.entries(others).flatMap(([name, text]) => {
    const value = checked.recipe.values.get(name);
    if (value === undefined || value.kind === "pool") return [];
    const isUnique = (value.kind === "scan" || value.kind === "chip") && value.body.unique === true;
    return [{ name, text, isUnique }];
  });
  return { serial, contentSha256, values };
}

/** How a unit is called where it has no name yet. */
export function shownSerial(texts: UnitTexts, { serialName }: CheckedRecipe): string | undefined {
  const serial = texts.get(serialName);
  return serial === undefined ? undefined : printable(serial);
}
