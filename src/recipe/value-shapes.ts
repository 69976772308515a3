/** What is known of the values of a recipe before a unit is there: their encodings, widths, templates and pools. */
import { printable } from "../bytes.ts";
import type { Complaint } from "./complaint.ts";
import { ENCODING_FORMS, type Encoding, parseEncoding } from "./encoding.ts";
import { macText, parseMacBlock } from "./mac-pool.ts";
import type { Recipe, RecipePool, RecipeValue } from "./recipe.ts";
import { parseTemplate, type SerialTemplate } from "./serial-template.ts";

/** The numbers of a pool. */
export interface PoolRange {
  readonly kind: "counter" | "mac";
  /** First number, included. */
  readonly first: bigint;
  /** Last number, included. */
  readonly last: bigint;
}

/** What a reference stands for: a value, or one column of a table. */
export interface ValueShape {
  /** As it is referred to: `serial`, `cal.gain`. */
  readonly name: string;
  readonly value: RecipeValue;
  /** How it becomes bytes; undefined: only its text can be used. */
  readonly encoding: Encoding | undefined;
  /** Length of its text in bytes, if every unit has the same. */
  readonly textBytes: number | undefined;
  /** Of a value from a counter that has a template. */
  readonly template: SerialTemplate | undefined;
  /** Of a value from a pool. */
  readonly pool: PoolRange | undefined;
  /** Of a scan: what the whole text matches. */
  readonly match: RegExp | undefined;
}

/** All pools and values, and what is wrong with them. */
export interface Shapes {
  readonly pools: ReadonlyMap<string, PoolRange>;
  readonly shapes: ReadonlyMap<string, ValueShape>;
  readonly complaints: readonly Complaint[];
}

/** Second pass over `pools` and `values`. */
export function shapesOf(recipe: Recipe): Shapes {
  const complaints: Complaint[] = [];
  const pools = new Map<string, PoolRange>();
  for (const [name, pool] of recipe.pools) {
    const range = poolRange(pool);
    if (typeof range === "string") complaints.push(recipe.complain([...pool.path, pool.kind], range));
    else pools.set(name, range);
  }
  const shapes = new Map<string, ValueShape>();
  for (const [name, value] of recipe.values) {
    const maker = new ShapeMaker(recipe, name, value, pools, complaints);
    for (const shape of maker.shapes()) shapes.set(shape.name, shape);
  }
  complaints.push(...keyComplaints(recipe));
  return { pools, shapes, complaints };
}

function poolRange(pool: RecipePool): PoolRange | string {
  if (pool.kind === "mac") {
    const block = parseMacBlock(pool.body.mac);
    return typeof block === "string" ? block : { kind: "mac", ...block };
  }
  const [first = "", last = ""] = pool.body.counter.split("..");
  const range = { kind: "counter", first: BigInt(first), last: BigInt(last) } as const;
  return range.first <= range.last ? range : "the first number is higher than the last";
}

/** A table is looked up by a value that is there before it. */
function keyComplaints(recipe: Recipe): readonly Complaint[] {
  return [...recipe.values.values()].flatMap((value) => {
    if (value.kind !== "csv") return [];
    const key = recipe.values.get(value.body.key);
    const path = [...value.path, "key"];
    if (key === undefined) return [recipe.complain(path, `the value ${value.body.key} is not defined`)];
    if (key.kind === "csv") return [recipe.complain(path, `${value.body.key} comes from a table itself`)];
    return [];
  });
}

/** One value while it is looked at. */
class ShapeMaker {
  readonly #recipe: Recipe;
  readonly #name: string;
  readonly #value: RecipeValue;
  readonly #pools: ReadonlyMap<string, PoolRange>;
  readonly #complaints: Complaint[];

  constructor(
    recipe: Recipe,
    name: string,
    value: RecipeValue,
    pools: ReadonlyMap<string, PoolRange>,
    complaints: Complaint[],
  ) {
    this.#recipe = recipe;
    this.#name = name;
    this.#value = value;
    this.#pools = pools;
    this.#complaints = complaints;
  }

  /** The value, or its columns. */
  shapes(): readonly ValueShape[] {
    const value = this.#value;
    switch (value.kind) {
      case "pool":
        return this.#ofPool(value);
      case "csv":
        return Object.entries(value.body.columns).map(([column, text]) =>
          this.#shape({ name: `${this.#name}.${column}`, encoding: this.#encoding(text, "columns", column) }),
        );
      case "scan":
        return [this.#shape({ encoding: this.#encoding(value.body.as, "as"), match: this.#pattern(value.body.match) })];
      case "constant":
        return this.#ofConstant(value.body.constant, this.#encoding(value.body.as, "as"));
      case "time":
        return [
          this.#shape({ encoding: this.#encoding(value.body.as, "as"), textBytes: "2026-01-01T00:00:00Z".length }),
        ];
      case "chip": {
        const { bytes } = value.body;
        return [this.#shape({ encoding: parseEncoding(`hex:${bytes}`), textBytes: 2 * bytes })];
      }
    }
  }

  #shape(more: Partial<ValueShape>): ValueShape {
    const none = { encoding: undefined, textBytes: undefined, template: undefined, pool: undefined, match: undefined };
    return { name: this.#name, value: this.#value, ...none, ...more };
  }

  #ofPool(value: Extract<RecipeValue, { readonly kind: "pool" }>): readonly ValueShape[] {
    const { pool: poolName, text, as } = value.body;
    const pool = this.#pools.get(poolName);
    // A pool that is wrong itself has its own complaint.
    if (!this.#recipe.pools.has(poolName)) this.#complain("pool", `the pool ${poolName} is not defined under pools`);
    if (pool?.kind === "mac") {
      if (text !== undefined) this.#complain("text", "a MAC address has no template");
      const encoding = this.#encoding(as ?? "mac", "as");
      this.#tryOn("as", encoding, macText(pool.last));
      return [this.#shape({ encoding, textBytes: macText(pool.first).length, pool })];
    }
    const encoding = this.#encoding(as, "as");
    if (text === undefined) {
      // The first number is the shortest, the last the longest.
      for (const number of pool === undefined ? [] : [pool.first, pool.last])
        this.#tryOn("as", encoding, String(number));
      return [this.#shape({ encoding, pool })];
    }
    const template = parseTemplate(text);
    if ("problem" in template) {
      this.#complain("text", template.problem);
      return [this.#shape({ encoding, pool })];
    }
    if (pool !== undefined && pool.last > template.most) {
      this.#complain("text", `the template has room for ${template.most}, and the pool ends at ${pool.last}`);
    } else if (pool !== undefined) {
      this.#tryOn("as", encoding, encoding?.isNumber === true ? String(pool.last) : template.format(pool.last, 0));
    }
    return [this.#shape({ encoding, textBytes: template.length, template, pool })];
  }

  #ofConstant(text: string, encoding: Encoding | undefined): readonly ValueShape[] {
    this.#tryOn("as", encoding, text);
    return [this.#shape({ encoding, textBytes: new TextEncoder().encode(text).length })];
  }

  #encoding(text: string | undefined, ...keys: readonly string[]): Encoding | undefined {
    if (text === undefined) return undefined;
    const encoding = parseEncoding(text);
    if (encoding === undefined) {
      this.#complainAt(keys, `${printable(text)} is not an encoding: ${ENCODING_FORMS}`);
    }
    return encoding;
  }

  #pattern(text: string | undefined): RegExp | undefined {
    if (text === undefined) return undefined;
    try {
      return new RegExp(`^(?:${text})$`, "u");
    } catch {
      this.#complain("match", "it is not a regular expression");
      return undefined;
    }
  }

  /** Complains if a text that the value can have does not fit. */
  #tryOn(key: string, encoding: Encoding | undefined, text: string): void {
    const bytes = encoding?.encode(text);
    if (typeof bytes === "string") this.#complain(key, `${printable(text)} does not fit: ${bytes}`);
  }

  #complain(key: string, message: string): void {
    this.#complainAt([key], message);
  }

  #complainAt(keys: readonly string[], message: string): void {
    this.#complaints.push(this.#recipe.complain([...this.#value.path, ...keys], message));
  }
}
