/** A stack of the bundle leads to the sources, as the map beside it says. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { sourceStack } from "../../src/cli/program/source-stack.ts";
import { cliProgram, ensureBuilt, runHere, runCli } from "../support/cli.ts";

it("shows the file, line and function that threw, with -v", async () => {
  const { code, stderr } = await runCli(["info", "-v", "-p", "sim:AT25SF041?busyForever=nonsense"]);
  expect(code).toBe(2);
  const [, file = "", line = ""] = /at \S+ \((src\/[\w/-]+\.ts):(\d+):\d+\)/.exec(stderr) ?? [];
  // The first frame is where the error was made.
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split("\n")[Number(line) - 1];
  expect(text).toMatch(/new NorbridgeError|return|throw/);
  expect(stderr).not.toContain("program.cjs");
});

it("leaves other stacks alone, and one whose map is missing", async () => {
  ensureBuilt();
  const bundle = cliProgram.replace("norbridge.cjs", "program.cjs");
  const stack = `Error: x\n    at f (${bundle}:1:2)`;
  expect(sourceStack(stack, "file:///elsewhere/program.cjs")).toBe(stack);
  expect(sourceStack(stack, pathToFileURL("/x/main.ts").href)).toBe(stack);
  expect(sourceStack("Error: y", pathToFileURL(bundle).href)).toBe("Error: y");
  expect((await runHere(["info", "-p", "sim:x", "-v"])).stderr).not.toContain("program.cjs");
});
