/** In the bundle two modules of ours stand for string-width and wrap-ansi: the same, as long as help is plain text. */
import fc from "fast-check";
import stringWidth from "string-width";
import { expect, it } from "vitest";
import wrapAnsi from "wrap-ansi";
import { commandGroups, commands } from "../../src/cli/commands/commands.ts";
import { connectionOptions, outputFlags, versionFlag } from "../../src/cli/options.ts";
import textWidth from "../../src/cli/plain/text-width.ts";
import wrapText from "../../src/cli/plain/wrap-text.ts";

const options = [...commands.flatMap((command) => command.options), ...connectionOptions, ...outputFlags, versionFlag];
const texts = [
  ...[...commands, ...commandGroups].flatMap(({ name, summary }) => [name, summary]),
  ...commands.flatMap((command) => [...command.positionals, ...command.examples]),
  ...options.map((option) => option.describe),
];

it("all help is text without escapes, whose characters take one column each", () => {
  expect(texts.length).toBeGreaterThan(100);
  for (const text of texts) expect(textWidth(text), text).toBe(stringWidth(text));
  expect(texts.filter((text) => /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text))).toEqual([]);
});

it("wraps it as wrap-ansi does", () => {
  for (const columns of [10, 23, 40, 77, 100]) {
    for (const text of texts) expect(wrapText(text, columns)).toBe(wrapAnsi(text, columns, { hard: true }));
  }
  const text = fc.stringMatching(/^[a-z,.(] {0,2}([a-zA-Z0-9,.:;()-]{0,30} {0,2}\n?){0,9}$/);
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 60 }), (words, columns) => {
      expect(wrapText(words, columns)).toBe(wrapAnsi(words, columns, { hard: true }));
    }),
    { numRuns: 200 },
  );
});
