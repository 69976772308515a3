/**
 * The grammar of a recipe as schemas of zod: types and checks for the program, and the JSON Schema that editors
 * complete from (schema/recipe-1.schema.json). Every scalar arrives as text; numbers and flags are read here.
 *
 * What the format will have and this version has not is in `not-yet.ts`: refused by name, never ignored.
 */
import { z } from "zod";
import { parseSize } from "../bytes.ts";

/** Marks a text that a YAML editor may take for a number or a flag; see `recipeJsonSchema`. */
interface Meta {
  readonly description: string;
  readonly plain?: "integer" | "boolean" | undefined;
}

function sizeText(description: string) {
  const meta: Meta = { description: `${description}: 4096, 0x1000, 64k or 2M`, plain: "integer" };
  return z
    .string()
    .regex(
      /^(?:0x[0-9a-fA-F]{1,13}|[0-9]{1,15}(?: ?[kKmMgG]?(?:i?[bB])?| ?bytes?)?)$/,
      "a size such as 4096, 0x1000, 64k or 2M",
    )
    .meta({ ...meta })
    .transform((text, context) => parseSize(text) ?? wrong(context, "a size such as 4096, 0x1000, 64k or 2M"));
}

function wholeText(description: string, least: number, most: number) {
  const wanted = `a whole number, ${least} to ${most}`;
  const meta: Meta = { description, plain: "integer" };
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, wanted)
    .meta({ ...meta })
    .transform((text, context) => {
      const value = Number(text);
      return value >= least && value <= most ? value : wrong(context, wanted);
    });
}

function byteText(description: string) {
  const meta: Meta = { description, plain: "integer" };
  return z
    .string()
    .regex(/^(?:0x[0-9a-fA-F]{1,2}|[0-9]{1,3})$/, "a byte, 0 to 0xff")
    .meta({ ...meta })
    .transform((text, context) => (Number(text) <= 0xff ? Number(text) : wrong(context, "a byte, 0 to 0xff")));
}

function flagText(description: string) {
  const meta: Meta = { description, plain: "boolean" };
  return z
    .enum(["true", "false"], "true or false")
    .meta({ ...meta })
    .transform((text) => text === "true");
}

function words(description: string, pattern: RegExp, wanted: string) {
  return z.string().regex(pattern, wanted).meta({ description });
}

function rangeText(description: string) {
  const wanted = "START,LENGTH or FIRST..LAST, such as 0x7c000,16k";
  return z
    .string()
    .regex(/^[^,.]+(?:,|\.\.)[^,.]+$/, wanted)
    .meta({ description: `${description}: ${wanted}` })
    .transform((text, context) => {
      const [, start = "", mark, end = ""] = /^([^,.]+)(,|\.\.)([^,.]+)$/.exec(text) ?? [];
      const address = parseSize(start.trim());
      const second = parseSize(end.trim());
      if (address === undefined || second === undefined) return wrong(context, wanted);
      const lengthBytes = mark === "," ? second : second - address + 1;
      if (lengthBytes < 1 || !Number.isSafeInteger(address + lengthBytes))
        return wrong(context, "a range of at least one byte");
      return { address, lengthBytes };
    });
}

/** Notes that a text is not what it must be. */
function wrong(context: z.RefinementCtx<string>, wanted: string): never {
  context.addIssue({ code: "custom", message: wanted });
  return z.NEVER;
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;
const NAME_WORDS = "a name of letters, digits and -, at most 32, a letter first";
const file = z.string().min(1, "the name of a file").meta({ description: "A file, from the folder of the recipe" });
const valueName = words("Name of a value of this recipe", NAME, NAME_WORDS);
const encoding = z
  .string()
  .min(1, "an encoding")
  .meta({ description: "How the value becomes bytes: u32le, ascii:12, utf8:16/pad0, bcd:4, hex:8, mac, f32le, ..." });
const content = z
  .string()
  .min(1, "a content such as text:hello")
  .meta({ description: "Bytes: ${VALUE}, text:v1-${VALUE}, hex:0102, u32:7, @FILE or ENCODING=WORDS" });
const unique = flagText("Two units never have the same one").optional();
const alignBytes = z
  .enum(["1", "2", "4", "8", "16", "32"], "one of 1, 2, 4, 8, 16, 32")
  .meta({ description: "Write block of the device, bytes", plain: "integer" })
  .transform(Number);

/** Where numbers come from. */
export const poolSchemas = {
  counter: z.strictObject({
    counter: rangeOfNumbers().meta({ description: "First and last number, both included: 1..99999" }),
  }),
  mac: z.strictObject({
    mac: z.string().meta({ description: "A block of the IEEE: 70-B3-D5-12-30-00/36" }),
  }),
} as const;

function rangeOfNumbers() {
  return z.string().regex(/^[0-9]{1,18}\.\.[0-9]{1,18}$/, "FIRST..LAST, such as 1..99999");
}

/** Kinds of values, by the key that selects them. */
export const valueSchemas = {
  pool: z.strictObject({
    pool: words("Name of a pool of this recipe", NAME, NAME_WORDS),
    text: z
      .string()
      .optional()
      .meta({ description: "Template of a serial number: MK3-{yy}{ww}-{n:5}{check:mod37-36}" }),
    as: encoding.optional(),
    unique,
  }),
  csv: z.strictObject({
    csv: file,
    key: valueName.meta({ description: "Value whose text selects the row" }),
    column: z
      .string()
      .min(1, "the name of a column")
      .optional()
      .meta({ description: "Column of the key; default: the name of the key" }),
    columns: z.record(z.string(), encoding).meta({ description: "Columns that are used, each with its encoding" }),
  }),
  scan: z.strictObject({
    scan: z.string().min(1, "what the operator scans").meta({ description: "What the operator scans: board label" }),
    match: z.string().optional().meta({ description: "Regular expression that the whole text matches" }),
    as: encoding.optional(),
    unique,
  }),
  constant: z.strictObject({ constant: z.string().meta({ description: "The text" }), as: encoding.optional() }),
  time: z.strictObject({
    time: z.enum(["utc"], "utc").meta({ description: "When the unit is made, in whole seconds" }),
    as: encoding.optional(),
  }),
  chip: z.strictObject({
    chip: z.enum(["unique-id"], "unique-id").meta({ description: "The chip's own unique ID" }),
    bytes: wholeText("Length of the unique ID, bytes", 1, 64),
    unique,
  }),
} as const;

const range = rangeText("Range of the chip");
const settings = z.record(z.string(), content);

/** Steps, by their keys. */
export const stepSchemas = {
  image: z.strictObject({
    file,
    sha256: words("SHA-256 of the file, 64 hex digits", /^[0-9a-f]{64}$/i, "64 hex digits").optional(),
    format: z.enum(["bin", "hex", "srec", "uf2", "elf"], "one of bin, hex, srec, uf2, elf").optional(),
    at: sizeText("Where a raw file goes on the chip").optional(),
    base: sizeText("Address in the file that is the start of the chip").optional(),
  }),
  patch: z.strictObject({
    at: sizeText("First address on the chip"),
    length: sizeText("Room, bytes; default: the length of the value").optional(),
    value: content,
    pad: byteText("Fills the rest of the room; without it the value fills all of it").optional(),
  }),
  settings: z.strictObject({
    range,
    backend: z.enum(["fcb", "nvs", "zms"], "one of fcb, nvs, zms").meta({ description: "Form of Zephyr's settings" }),
    align: alignBytes,
    "sector-size": sizeText("Size of a sector").optional(),
    set: settings.meta({ description: "Names and values" }),
  }),
  safe: z.strictObject({
    range,
    "block-size": sizeText("Size of a block").optional(),
    "buffer-size": sizeText("Size of a segment").optional(),
    set: settings.meta({ description: "Keys and values" }),
  }),
  log: z.strictObject({
    range,
    layout: z.enum(["fcb", "px-log-fs"], "one of fcb, px-log-fs"),
    magic: words("Magic of the FCB", /^(?:0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/, "a number of 32 bits")
      .meta({ plain: "integer" })
      .optional(),
    version: wholeText("Version of the FCB (0 to 255), or of px_log_fs (1 or 2)", 0, 255).optional(),
    align: alignBytes.optional(),
    "sector-size": sizeText("Size of a sector of the FCB").optional(),
    "record-size": wholeText("Data bytes of a record of px_log_fs", 1, 65_535).optional(),
    "page-size": sizeText("Page size of px_log_fs").optional(),
    clear: flagText("Remove the records that an image holds there").optional(),
    append: z.array(content).min(1, "at least one record").optional(),
  }),
} as const;

/** Everything but values and steps, which are checked one by one. */
export const headSchema = z.strictObject({
  norbridge: z.literal("recipe/1", "recipe/1"),
  name: words("Name of the recipe", /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "letters, digits, ., _ and -, at most 64"),
  revision: wholeText("Goes up with every change", 1, 999_999),
  product: words("Name of the product", /^[\x21-\x7e]{1,64}$/, "up to 64 ASCII characters without spaces"),
  description: z.string().optional(),
  batch: z
    .strictObject({
      quantity: wholeText("Number of units", 1, 10_000_000),
      "stop-after-failures": wholeText("So many failures in a row stop a slot", 1, 1000).optional(),
    })
    .optional(),
  chip: z.strictObject({
    accept: z.array(z.string().min(1)).min(1, "at least one part").meta({ description: "Parts that may be fitted" }),
  }),
  unit: z
    .strictObject({
      serial: valueName.meta({ description: "Value that is the serial number; default: serial" }).optional(),
      stored: z
        .strictObject({
          at: sizeText("First address of the serial number on the chip"),
          length: sizeText("Its room, bytes; it ends at the first erased byte or 0"),
        })
        .optional()
        .meta({ description: "Where a unit holds its serial number: how one without a unique ID is recognised" }),
      "seen-again": z.enum(["keep", "refuse"], "keep or refuse").optional(),
      "number-unused": z.enum(["return", "burn"], "return or burn").optional(),
    })
    .optional(),
  pools: z.record(z.string(), z.unknown()).optional(),
  values: z.record(z.string(), z.unknown()).optional(),
  steps: z.array(z.unknown()).min(1, "at least one step"),
});

/** Which kind of pool, value or step. */
export type PoolKind = keyof typeof poolSchemas;
export type ValueKind = keyof typeof valueSchemas;
export type StepKind = keyof typeof stepSchemas;

/** The schema that is published. */
export function recipeJsonSchema(): Readonly<Record<string, unknown>> {
  const steps = Object.entries(stepSchemas).map(([name, body]) => z.strictObject({ [name]: body }));
  const whole = headSchema.extend({
    pools: z.record(z.string(), z.union(Object.values(poolSchemas))).optional(),
    values: z.record(z.string(), z.union(Object.values(valueSchemas))).optional(),
    steps: z.array(z.union(steps)).min(1),
  });
  const schema = z.toJSONSchema(whole, {
    io: "input",
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      const { plain } = jsonSchema;
      delete jsonSchema["plain"];
      if (plain === "integer") {
        Object.assign(jsonSchema, { type: ["string", "integer"] });
        const { enum: words } = jsonSchema;
        if (words !== undefined) jsonSchema.enum = words.flatMap((word) => [word, Number(word)]);
      }
      if (plain === "boolean")
        Object.assign(jsonSchema, { type: ["string", "boolean"], enum: ["true", "false", true, false] });
    },
  });
  return {
    $schema: schema.$schema,
    $id: "urn:norbridge:recipe:1",
    title: "norbridge recipe, version 1",
    ...schema,
  };
}
