/** Colour and width as the environment and the terminal say. */
import { afterEach, expect, it } from "vitest";
import { ProcessOutput } from "../../../src/cli/program/process-output.ts";
import { paint } from "../../../src/cli/output/paint.ts";
import { usableColumns } from "../../../src/cli/help/wrap.ts";

const output = (env: Record<string, string> = {}): ProcessOutput =>
  new ProcessOutput("standard error", 2, env, () => undefined);

// Each output listens to the stream for as long as the process lives.
process.stderr.setMaxListeners(50);

/** Standard error as a terminal of that width; undefined: a pipe. */
function terminal(columns: number | undefined): void {
  for (const [name, value] of [
    ["isTTY", columns !== undefined],
    ["columns", columns],
    ["hasColors", () => true],
  ] as const) {
    const before = Object.getOwnPropertyDescriptor(process.stderr, name);
    Object.defineProperty(process.stderr, name, { value, configurable: true, writable: true });
    restores.push(() => {
      if (before === undefined) Reflect.deleteProperty(process.stderr, name);
      else Object.defineProperty(process.stderr, name, before);
    });
  }
}
const restores: (() => void)[] = [];
afterEach(() => {
  for (const restore of restores.splice(0).reverse()) restore();
});

it.each([
  [undefined, { FORCE_COLOR: "1" }, true],
  [80, {}, true],
  [80, { NO_COLOR: "1" }, false],
  [80, { NO_COLOR: "" }, true],
  [80, { FORCE_COLOR: "0" }, false],
  [80, { TERM: "dumb" }, false],
])("columns %j with %j: colour %j", (columns, env, colour) => {
  terminal(columns);
  const made = output(env);
  expect(made.colour).toBe(colour);
  expect(paint(made, "red", "x")).toBe(colour ? "\u001b[31mx\u001b[39m" : "x");
});

it.each([
  [undefined, 80],
  [0, 80],
  [40, 40],
  [200, 200],
])("a terminal of %j columns is written for %d", (columns, expected) => {
  terminal(columns);
  expect(output().columns()).toBe(expected);
});

it.each([
  [undefined, 80],
  [0, 80],
  [Number.NaN, 80],
  [10, 40],
  [132, 132],
])("help for %j columns is %d wide", (columns, expected) => {
  expect(usableColumns(columns)).toBe(expected);
});
