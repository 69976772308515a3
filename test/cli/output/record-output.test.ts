/** Whatever bytes a device stored: no control character, no formula, no second line. */
import { describe, expect, it } from "vitest";
import { jsonText } from "../../../src/cli/output/json-text.ts";
import { type RecordFormat, recordOutput } from "../../../src/cli/output/record-output.ts";
import { createRandom } from "../../../src/sim/random.ts";
import { decodeRecord } from "../../../src/storage/decode-record.ts";
import { parseStruct } from "../../../src/storage/struct-record.ts";
import { effort } from "../../support/effort.ts";

const encoder = new TextEncoder();
const NASTY = [
  "\u001b]0;title\u0007",
  "\u001b]52;c;aGk=\u0007",
  "\rPASS",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "@SUM(A1)",
  "\u009b31m",
  "\u202egnp.exe",
  "a\u2028b",
  "\u0000\u0008\u007f",
  '","injected":"x',
].map((text) => encoder.encode(text));

// ESC and its kin, C1, bidi, zero width and line separators; CR and LF are ends of lines.
const ACTIVE = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

function struct(lengthBytes: number): ReturnType<typeof parseStruct> {
  return parseStruct(
    JSON.stringify({
      fields: [
        { name: "=note\u001b[31m", type: "ascii", lengthBytes: lengthBytes - 1 },
        { name: "code", type: "i8" },
      ],
    }),
    "s.json",
  );
}

/** Cells as a spreadsheet takes them: quotes may hold commas. */
function cellsOf(line: string): string[] {
  const cells = line.match(/(?:"(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return cells.map((cell) => cell.replace(/,$/, "").replace(/^"([\s\S]*)"$/, "$1"));
}

describe.each(["jsonl", "csv", "hex"] as const)("%s", (format: RecordFormat) => {
  it("is harmless for any record", () => {
    const random = createRandom(81).branch(format);
    for (let index = 0; index < effort(2_000, 10_000); index++) {
      const nasty = random.pick(NASTY);
      const data = Uint8Array.of(...(random.chance(0.7) ? nasty : random.bytes(12)), random.intBelow(256));
      const description = random.chance(0.5) ? struct(data.length) : undefined;
      const output = recordOutput(format, description);
      const record = { kind: "record", sector: 0, offset: 8, data, isUnconfirmed: random.chance(0.5) } as const;
      const fields = description === undefined ? undefined : decodeRecord(description, data);
      const text = output.begin + output.record({ index, record, fields });
      expect(text).not.toMatch(ACTIVE);
      const lines = text.split(/\r?\n/).slice(0, -1);
      if (format === "jsonl") {
        expect(lines).toHaveLength(1);
        expect((JSON.parse(lines[0]!) as { index: number }).index).toBe(index);
      }
      if (format === "csv") {
        expect(lines).toHaveLength(2);
        for (const cell of lines.flatMap(cellsOf)) expect(cell).not.toMatch(/^[=@+]/);
      }
    }
  });
});

describe("JSON text", () => {
  it("escapes what a terminal acts on, and is read back as it was", () => {
    const value = { name: "\u009b31m\u202e\u2028\u200b\ufeff\u001b", plain: "größe 溫度" };
    const text = jsonText(value);
    expect(text).not.toMatch(ACTIVE);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toContain("größe 溫度");
  });
});

describe("CSV columns", () => {
  it("have different names, whatever the fields are called", () => {
    const names = ["index", "sector", "offset", "unconfirmed", "length", "field.index", "field.field.sector"];
    const fields = names.map((name) => ({ name, type: "u8" }));
    const described = parseStruct(JSON.stringify({ fields }), "struct.json");
    const output = recordOutput("csv", described);
    const columns = output.begin.trimEnd().split(",");
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns.slice(0, 3)).toEqual(["index", "sector", "offset"]);
    expect(columns.slice(3, -1)).toEqual([
      "field.field.index",
      "field.sector",
      "field.offset",
      "field.unconfirmed",
      "length",
      "field.index",
      "field.field.sector",
    ]);
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
    const record = { kind: "record", sector: 0, offset: 8, data, isUnconfirmed: false } as const;
    expect(output.record({ index: 9, record, fields: decodeRecord(described, data) })).toBe("9,0,8,1,2,3,4,5,6,7,\r\n");
  });
});
