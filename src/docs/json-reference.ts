/**
 * The record types and results of --json as the documents show them, made from the published schema. It is walked as it is, so a
 * new field needs nothing here. A keyword that this walk does not know is an error: no part of the schema goes missing.
 */
import { code, markdownTable, plain } from "./markdown.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A condition of the schema and what holds if it is met. */
interface Case {
  readonly recordType: string;
  /** The command of a result; undefined for what every record of the type has. */
  readonly command: string | undefined;
  readonly schema: Schema;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "description type properties required items additionalProperties enum const minimum maximum pattern format anyOf $ref if then".split(
    " ",
  ),
);

/** What holds for every line of this version. */
export function jsonPromise(root: unknown): string {
  return textIn(schemaOf(root, "#"), "description")
    .split(/(?<=\.) (?=[A-Z])/)
    .map((sentence) => `- ${plain(sentence)}`)
    .join("\n");
}

/** The fields that every line has. */
export function jsonCommonFields(root: unknown): string {
  const { properties, required } = schemaOf(root, "#");
  return fieldTable(fieldRows({ properties, required }, ""));
}

/** The fields of every record type. */
export function jsonRecords(root: unknown): string {
  return casesOf(schemaOf(root, "#"))
    .filter(({ command }) => command === undefined)
    .map(({ recordType, schema }) => section(recordType, schema))
    .join("\n\n");
}

/** The fields that each command adds to its result. */
export function jsonResults(root: unknown): string {
  return casesOf(schemaOf(root, "#"))
    .flatMap(({ command, schema }) => (command === undefined ? [] : [section(command || "without a command", schema)]))
    .join("\n\n");
}

/** The objects that several records share. */
export function jsonObjects(root: unknown): string {
  return Object.entries(schemaIn(schemaOf(root, "#"), "$defs"))
    .map(([name, value]) => ({ name, schema: schemaOf(value, name) }))
    .filter(({ schema }) => schema["type"] === "object")
    .map(({ name, schema }) => section(name, schema))
    .join("\n\n");
}

function casesOf(root: Schema): readonly Case[] {
  return listIn(root, "allOf").map((entry) => {
    const one = schemaOf(entry, "allOf");
    const { recordType, command } = conditionOf(schemaIn(one, "if"));
    return { recordType, command, schema: resolved(root, textIn(schemaIn(one, "then"), "$ref")) };
  });
}

function conditionOf(condition: Schema): { recordType: string; command: string | undefined } {
  const { type, ran, ...others } = schemaIn(condition, "properties");
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`the schema has a record that depends on "${other}"`);
  return {
    recordType: textIn(schemaOf(type, "type"), "const"),
    command: ran === undefined ? undefined : textIn(schemaOf(ran, "ran"), "const"),
  };
}

function resolved(root: Schema, reference: string): Schema {
  const [first = "", ...path] = reference.split("/");
  if (first !== "#") throw new Error(`${reference} is not in the schema`);
  return path.reduce(schemaIn, root);
}

function section(name: string, schema: Schema): string {
  const rows = fieldRows(schema, "");
  return [
    `### ${name}`,
    plain(textIn(schema, "description")),
    rows.length === 0 ? "No other fields." : fieldTable(rows),
  ].join("\n\n");
}

function fieldTable(rows: readonly (readonly string[])[]): string {
  return markdownTable(["Field", "Type", "Present", "Meaning"], rows);
}

/** The fields of an object and of the objects in it; `path` stands before their names. */
function fieldRows(schema: Schema, path: string): readonly (readonly string[])[] {
  refuseUnknown(schema, path);
  if (schema["properties"] === undefined) return [];
  const presence = presenceIn(schema);
  return Object.entries(schemaIn(schema, "properties")).flatMap(([name, value]) => {
    const field = schemaOf(value, path + name);
    const meaning = field["description"] === undefined ? "" : plain(textIn(field, "description"));
    const row = [code(path + name), typeOf(field, path + name), presence(name), meaning];
    return [row, ...innerRows(field, path + name)];
  });
}

function innerRows(schema: Schema, path: string): readonly (readonly string[])[] {
  const own = schema["properties"] === undefined ? [] : fieldRows(schema, `${path}.`);
  const ofItems = schema["items"] === undefined ? [] : innerRows(schemaIn(schema, "items"), `${path}[]`);
  const ofForms = formsOf(schema).flatMap((form) => innerRows(form, path));
  return [...own, ...ofItems, ...ofForms];
}

/** When a field is there: always, or if the command succeeded or failed, as "if" and "then" have it. */
function presenceIn(schema: Schema): (name: string) => string {
  const always = namesIn(schema);
  const conditional = schema["if"] === undefined ? [] : namesIn(schemaIn(schema, "then"));
  const condition = schema["if"] === undefined ? "" : outcomeOf(schemaIn(schema, "if"));
  return (name) => (always.includes(name) ? "always" : conditional.includes(name) ? condition : "sometimes");
}

function outcomeOf(condition: Schema): string {
  const { ok, ...others } = schemaIn(condition, "properties");
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`the schema has a field that depends on "${other}"`);
  return schemaOf(ok, "ok")["const"] === true ? "on success" : "on failure";
}

function typeOf(schema: Schema, path: string): string {
  refuseUnknown(schema, path);
  if (schema["$ref"] !== undefined) return linkTo(textIn(schema, "$ref"));
  if (schema["const"] !== undefined) return code(JSON.stringify(schema["const"]));
  if (schema["enum"] !== undefined) {
    return listIn(schema, "enum")
      .map((value) => code(JSON.stringify(value)))
      .join(", ");
  }
  const forms = formsOf(schema);
  if (forms.length > 0) return forms.map((form) => typeOf(form, path)).join(" or ");
  const { type } = schema;
  if (type === undefined) return "any value";
  const names = Array.isArray(type) ? type.map(String) : [textIn(schema, "type")];
  return names.map((name) => simpleType(name, schema, path)).join(" or ");
}

function simpleType(name: string, schema: Schema, path: string): string {
  switch (name) {
    case "array":
      return schema["items"] === undefined ? name : `array of ${typeOf(schemaIn(schema, "items"), path)}`;
    case "object": {
      const values = schema["additionalProperties"];
      return typeof values === "object" ? `object of ${typeOf(schemaOf(values, path), path)}` : name;
    }
    case "integer":
    case "number":
      return name + limitsOf(schema);
    case "string":
      if (schema["format"] !== undefined) return `${name} (${textIn(schema, "format")})`;
      return schema["pattern"] === undefined ? name : `string ${code(textIn(schema, "pattern"))}`;
    default:
      return name;
  }
}

function limitsOf({ minimum, maximum }: Schema): string {
  if (typeof maximum === "number") return ` up to ${maximum}`;
  return typeof minimum === "number" && minimum !== 0 ? ` from ${minimum}` : "";
}

function linkTo(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return `[${name}](#${name.toLowerCase()})`;
}

function formsOf(schema: Schema): readonly Schema[] {
  return schema["anyOf"] === undefined ? [] : listIn(schema, "anyOf").map((form) => schemaOf(form, "anyOf"));
}

function refuseUnknown(schema: Schema, path: string): void {
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) throw new Error(`the documents cannot show "${unknown}" of the schema at ${path || "#"}`);
}

function namesIn(schema: Schema): readonly string[] {
  return schema["required"] === undefined ? [] : listIn(schema, "required").map(String);
}

function schemaIn(schema: Schema, key: string): Schema {
  return schemaOf(schema[key], key);
}

function schemaOf(value: unknown, place: string): Schema {
  if (!isSchema(value)) throw new Error(`the schema has no object at ${place}`);
  return value;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listIn(schema: Schema, key: string): readonly unknown[] {
  const value = schema[key];
  if (!Array.isArray(value)) throw new Error(`the schema has no list at ${key}`);
  return value;
}

function textIn(schema: Schema, key: string): string {
  const value = schema[key];
  if (typeof value !== "string") throw new Error(`the schema has no text at ${key}`);
  return value;
}
