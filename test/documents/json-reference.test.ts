/** The reference of the JSON lines follows the schema, whatever fields it gets. */
import { expect, it } from "vitest";
import { jsonObjects, jsonPromise, jsonRecords, jsonResults } from "../../src/docs/json-reference.ts";

const LENGTH = { type: "integer", minimum: 0, description: "Length, bytes." };

function schemaWith(fields: object, others: object = {}): object {
  return {
    description: "One object a line. Fields are added.",
    allOf: [
      { if: { properties: { type: { const: "note" } } }, then: { $ref: "#/$defs/records/note" } },
      {
        if: { properties: { type: { const: "result" }, ran: { const: "log read" } } },
        then: { $ref: "#/$defs/results/log-read" },
      },
    ],
    $defs: {
      part: { type: "object", description: "A part.", properties: { lengthBytes: LENGTH }, required: ["lengthBytes"] },
      records: { note: { description: "A message.", properties: fields, ...others } },
      results: {
        "log-read": {
          description: "Records.",
          properties: { records: LENGTH, last: LENGTH },
          if: { properties: { ok: { const: true } } },
          then: { required: ["records"] },
        },
      },
    },
  };
}

it("shows each field with its type, when it is present, and its meaning", () => {
  const fields = {
    level: { enum: ["note", 1], description: "How important <it> is." },
    at: { type: ["integer", "null"], maximum: 255, description: "Place." },
    parts: {
      type: "array",
      description: "Parts.",
      items: { type: "object", properties: { part: { $ref: "#/$defs/part", description: "One." } } },
    },
    chip: {
      anyOf: [{ type: "object", properties: { name: { type: "string", description: "Name." } } }, { type: "null" }],
      description: "The chip.",
    },
    counts: { type: "object", description: "Counts.", additionalProperties: LENGTH },
  };
  expect(jsonRecords(schemaWith(fields, { required: ["level"] })).split("\n")).toEqual([
    "### note",
    "",
    "A message.",
    "",
    "| Field | Type | Present | Meaning |",
    "|---|---|---|---|",
    '| `level` | `"note"`, `1` | always | How important \\<it> is. |',
    "| `at` | integer up to 255 or null | sometimes | Place. |",
    "| `parts` | array of object | sometimes | Parts. |",
    "| `parts[].part` | [part](#part) | sometimes | One. |",
    "| `chip` | object or null | sometimes | The chip. |",
    "| `chip.name` | string | sometimes | Name. |",
    "| `counts` | object of integer | sometimes | Counts. |",
  ]);
});

it("separates what a result has on success from what it has sometimes", () => {
  const text = jsonResults(schemaWith({}));
  expect(text).toContain("### log read\n\nRecords.\n");
  expect(text).toContain("| `records` | integer | on success | Length, bytes. |");
  expect(text).toContain("| `last` | integer | sometimes | Length, bytes. |");
});

it("shows shared objects once, and the promise as a list", () => {
  expect(jsonObjects(schemaWith({}))).toMatch(/^### part\n\nA part\.\n/);
  expect(jsonPromise(schemaWith({}))).toBe("- One object a line.\n- Fields are added.");
});

it("refuses what it cannot show", () => {
  expect(() => jsonRecords(schemaWith({ a: { type: "string", contentEncoding: "base64" } }))).toThrow(
    'the documents cannot show "contentEncoding" of the schema at a',
  );
  const unusual = { a: LENGTH };
  expect(() => jsonRecords(schemaWith(unusual, { if: { properties: { level: {} } }, then: {} }))).toThrow(
    'the schema has a field that depends on "level"',
  );
});
