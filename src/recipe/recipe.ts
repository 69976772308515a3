/** A recipe as the program uses it, read from its text: first pass, by the schema. */
import type { z } from "zod";
import { printable } from "../bytes.ts";
import type { Complaint } from "./complaint.ts";
import { isKeyNotYet, notInThisVersion, POOLS_NOT_YET, STEPS_NOT_YET, VALUES_NOT_YET } from "./not-yet.ts";
import { headSchema, poolSchemas, stepSchemas, valueSchemas } from "./schema.ts";
import { readYaml, type YamlPath, type YamlText, type YamlValue } from "./yaml-text.ts";

/** What a body has besides its own fields: what it is, its name, and where it stands. */
interface Placed<Kind> {
  readonly kind: Kind;
  readonly path: YamlPath;
}

type BodyOf<Schemas extends Record<string, z.ZodType>> = {
  readonly [Kind in keyof Schemas]: Placed<Kind> & { readonly body: z.output<Schemas[Kind]> };
}[keyof Schemas];

/** Where numbers come from. */
export type RecipePool = BodyOf<typeof poolSchemas>;
/** A value of a unit. */
export type RecipeValue = BodyOf<typeof valueSchemas>;
/** A step. */
export type RecipeStep = BodyOf<typeof stepSchemas>;
/** A step of one kind. */
export type StepOf<Kind extends RecipeStep["kind"]> = Extract<RecipeStep, { readonly kind: Kind }>;

/** A recipe that fits the schema. */
export interface Recipe {
  /** The file as the user named it. */
  readonly file: string;
  readonly head: z.output<typeof headSchema>;
  readonly pools: ReadonlyMap<string, RecipePool>;
  readonly values: ReadonlyMap<string, RecipeValue>;
  readonly steps: readonly RecipeStep[];
  /** A complaint at the value of a path. */
  complain(path: YamlPath, message: string): Complaint;
}

/** A recipe, or what is wrong with it. */
export interface ReadRecipe {
  readonly recipe: Recipe | undefined;
  readonly complaints: readonly Complaint[];
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

/** Reads a recipe. `file` is its name for complaints. */
export function readRecipe(file: string, text: string): ReadRecipe {
  const yaml = readYaml(file, text);
  const { value } = yaml;
  if (value === undefined) return { recipe: undefined, complaints: yaml.complaints };
  const reader = new Reader(file, yaml, value);
  const version = reader.versionProblem();
  if (version !== undefined) return { recipe: undefined, complaints: [version] };
  const head = reader.body(headSchema, value, [], "");
  const pools = reader.named("pools", "pool", poolReaders, POOLS_NOT_YET);
  const values = reader.named("values", "value", valueReaders, VALUES_NOT_YET);
  const steps = reader.steps();
  const { complaints } = reader;
  if (complaints.length > 0 || head === undefined) return { recipe: undefined, complaints };
  const complain = (path: YamlPath, message: string): Complaint => ({ file, ...yaml.placeOf(path), message });
  return { recipe: { file, head, pools, values, steps, complain }, complaints };
}

/** Reads one body; undefined if it was complained about. */
type ReadBody<T> = (reader: Reader, raw: YamlValue, path: YamlPath) => T | undefined;

function bodyReader<Kind extends string, Schema extends z.ZodType>(
  kind: Kind,
  schema: Schema,
  where: string,
): ReadBody<Placed<Kind> & { readonly body: z.output<Schema> }> {
  return (reader, raw, path) => {
    const body = reader.body(schema, raw, path, where);
    return body === undefined ? undefined : { kind, path, body };
  };
}

const poolReaders: ReadonlyMap<string, ReadBody<RecipePool>> = new Map<string, ReadBody<RecipePool>>([
  ["counter", bodyReader("counter", poolSchemas.counter, "pool")],
  ["mac", bodyReader("mac", poolSchemas.mac, "pool")],
]);

const valueReaders: ReadonlyMap<string, ReadBody<RecipeValue>> = new Map<string, ReadBody<RecipeValue>>([
  ["pool", bodyReader("pool", valueSchemas.pool, "value")],
  ["csv", bodyReader("csv", valueSchemas.csv, "value")],
  ["scan", bodyReader("scan", valueSchemas.scan, "value")],
  ["constant", bodyReader("constant", valueSchemas.constant, "value")],
  ["time", bodyReader("time", valueSchemas.time, "value")],
  ["chip", bodyReader("chip", valueSchemas.chip, "value")],
]);

const stepReaders: ReadonlyMap<string, ReadBody<RecipeStep>> = new Map<string, ReadBody<RecipeStep>>([
  ["image", bodyReader("image", stepSchemas.image, "step")],
  ["patch", bodyReader("patch", stepSchemas.patch, "step")],
  ["settings", bodyReader("settings", stepSchemas.settings, "step")],
  ["safe", bodyReader("safe", stepSchemas.safe, "step")],
  ["log", bodyReader("log", stepSchemas.log, "step")],
]);

type YamlMap = { [key: string]: YamlValue };

/** One recipe while it is read. */
class Reader {
  readonly complaints: Complaint[] = [];
  readonly #file: string;
  readonly #yaml: YamlText;
  readonly #whole: YamlValue;

  constructor(file: string, yaml: YamlText, whole: YamlValue) {
    this.#file = file;
    this.#yaml = yaml;
    this.#whole = whole;
  }

  /** A recipe of another version is not read any further: what it has is not known. */
  versionProblem(): Complaint | undefined {
    if (!isMap(this.#whole)) return this.#complaint([], "a recipe is a map that starts with norbridge: recipe/1");
    const [first] = Object.keys(this.#whole);
    const version = this.#whole["norbridge"];
    if (first !== "norbridge") return this.#complaint([first ?? ""], "a recipe starts with norbridge: recipe/1", true);
    if (version === "recipe/1") return undefined;
    const newer = typeof version === "string" && /^recipe\/[0-9]+$/.test(version) && version !== "recipe/0";
    const message = newer
      ? `${printable(version)} is newer than this program, which reads recipe/1`
      : "norbridge must be recipe/1";
    return this.#complaint(["norbridge"], message);
  }

  /** A body by its schema. `where` names the kind of map for keys of later versions. */
  body<Schema extends z.ZodType>(
    schema: Schema,
    raw: YamlValue,
    path: YamlPath,
    where: string,
  ): z.output<Schema> | undefined {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.#explain(issue, path, where);
    return undefined;
  }

  /** The maps under `pools` and `values`: each selects its kind by a key. */
  named<T>(
    section: "pools" | "values",
    what: string,
    readers: ReadonlyMap<string, ReadBody<T>>,
    notYet: readonly string[],
  ): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    const all = isMap(this.#whole) ? this.#whole[section] : undefined;
    // Anything but a map was complained about by the schema of the head.
    if (all === undefined || !isMap(all)) return found;
    for (const [name, raw] of Object.entries(all)) {
      const path = [section, name];
      if (!NAME.test(name)) {
        this.#add(path, `the name of a ${what} has letters, digits and -, at most 32, a letter first`, true);
        continue;
      }
      const one = this.#one(raw, path, what, readers, notYet);
      if (one !== undefined) found.set(name, one);
    }
    return found;
  }

  steps(): readonly RecipeStep[] {
    const all = isMap(this.#whole) ? this.#whole["steps"] : undefined;
    if (!Array.isArray(all)) return [];
    return all.flatMap((raw, index) => {
      const path = ["steps", index];
      const kinds = isMap(raw) ? Object.keys(raw) : [];
      const [kind = "", second] = kinds;
      if (!isMap(raw) || kind === "" || second !== undefined) {
        this.#add(path, "a step is a map with one key, the name of the step");
        return [];
      }
      const read = stepReaders.get(kind);
      if (read === undefined) {
        this.#add([...path, kind], this.#unknown("step", kind, STEPS_NOT_YET, stepReaders), true);
        return [];
      }
      const step = read(this, raw[kind] ?? "", [...path, kind]);
      return step === undefined ? [] : [step];
    });
  }

  /** A map that one of its keys selects the kind of. */
  #one<T>(
    raw: YamlValue,
    path: YamlPath,
    what: string,
    readers: ReadonlyMap<string, ReadBody<T>>,
    notYet: readonly string[],
  ): T | undefined {
    const keys = isMap(raw) ? Object.keys(raw) : [];
    const kinds = keys.filter((key) => readers.has(key));
    const later = keys.find((key) => notYet.includes(key));
    if (later !== undefined) {
      this.#add([...path, later], this.#unknown(what, later, notYet, readers), true);
      return undefined;
    }
    const [kind] = kinds;
    const read = kind === undefined ? undefined : readers.get(kind);
    // A key of another kind beside it is refused by the schema.
    if (read !== undefined) return read(this, raw, path);
    this.#add(path, `a ${what} has one of the keys ${[...readers.keys()].join(", ")}`);
    return undefined;
  }

  #unknown(what: string, kind: string, notYet: readonly string[], readers: ReadonlyMap<string, unknown>): string {
    if (notYet.includes(kind)) return notInThisVersion(`the ${what} ${kind}`);
    return `there is no ${what} ${printable(kind)}; there are ${[...readers.keys()].join(", ")}`;
  }

  #explain(issue: z.core.$ZodIssue, base: YamlPath, where: string): void {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const inner = issue.path.length === 0 ? where : String(issue.path[0]);
        const message = isKeyNotYet(inner, key)
          ? notInThisVersion(`the key ${key}`)
          : `there is no key ${printable(key)} here`;
        this.#add([...path, key], message, true);
      }
      return;
    }
    const isEmptyList = issue.code === "too_small" && issue.origin === "array";
    const field = String(issue.path.at(-1) ?? base.at(-1) ?? "the recipe");
    const raw = valueAt(this.#whole, path);
    if (raw === undefined) {
      this.#add(path, `the key ${printable(field)} is missing`);
      return;
    }
    this.#add(path, `${printable(field)} must ${isEmptyList ? "have" : "be"} ${wantedBy(issue)}, not ${shown(raw)}`);
  }

  #add(path: YamlPath, message: string, atKey = false): void {
    this.complaints.push(this.#complaint(path, message, atKey));
  }

  #complaint(path: YamlPath, message: string, atKey = false): Complaint {
    const place = atKey ? this.#yaml.keyPlaceOf(path) : this.#yaml.placeOf(path);
    return { file: this.#file, ...place, message };
  }
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === "object" && !Array.isArray(value);
}

function valueAt(whole: YamlValue, path: YamlPath): YamlValue | undefined {
  let value: YamlValue | undefined = whole;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else if (typeof value === "object" && Object.hasOwn(value, key)) value = value[String(key)];
    else return undefined;
  }
  return value;
}

/** What the schema accepts there: its own messages are such words, those of zod for a wrong type are not. */
function wantedBy(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message;
  switch (issue.expected) {
    case "string":
      return "text";
    case "array":
      return "a list";
    default:
      return "a map";
  }
}

function shown(value: YamlValue): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return value === "" ? "empty" : JSON.stringify(printable(value.length > 40 ? `${value.slice(0, 40)}...` : value));
}
