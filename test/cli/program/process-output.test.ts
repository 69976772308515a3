/** Standard output as a real pipe with a reader that is slow, in a process of its own with a clock that never waits. */
import { spawn } from "node:child_process";
import { beforeAll, expect, it } from "vitest";
import { ensureCompiled } from "../../support/cli.ts";

const BYTES = 1_000_000;

beforeAll(() => {
  ensureCompiled();
});

/** Runs `body` with an `output` on standard output; its reader starts when something appears on standard error. */
function withSlowReader(body: string): Promise<{ bytes: number; stderr: string }> {
  const module = new URL("../../../dist/src/cli/program/process-output.js", import.meta.url);
  const script = `
    const { ProcessOutput } = await import(${JSON.stringify(module)});
    const output = new ProcessOutput("standard output", 1, process.env, () => undefined);
    const hasty = { nowUs: () => 0, wait: () => new Promise((resolve) => setImmediate(resolve)) };
    ${body}
    process.exit(0);`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    let bytes = 0;
    let stderr = "";
    child.stdout.pause();
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString();
      child.stdout.on("data", (data: Buffer) => (bytes += data.length)).resume();
    });
    child.on("error", reject);
    child.on("close", () => resolve({ bytes, stderr }));
  });
}

it("waits for the reader of a command that is for its output, however long that takes", async () => {
  const done = await withSlowReader(`
    output.write("x".repeat(${BYTES}));
    const settled = output.settle(hasty, undefined);
    for (let turn = 0; turn < 10; turn++) await hasty.wait();
    process.stderr.write("read now\\n");
    process.stderr.write(JSON.stringify(await settled) ?? "nothing lost");`);
  expect(done).toEqual({ bytes: BYTES, stderr: "read now\nnothing lost" });
});

it("gives up a reader that takes nothing where something else was the purpose", async () => {
  const done = await withSlowReader(`
    output.write("x".repeat(${BYTES}));
    process.stderr.write(JSON.stringify(await output.settle(hasty, 5_000_000)));`);
  expect(JSON.parse(done.stderr)).toEqual({ name: "standard output", reason: "its reader read nothing for 5 s" });
  expect(done.bytes).toBeLessThan(BYTES);
});

it("obeys NO_COLOR and FORCE_COLOR in a pipe, in this order", async () => {
  const envs = [{}, { FORCE_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }, { FORCE_COLOR: "0" }, { NO_COLOR: "" }];
  const done = await withSlowReader(`
    const colours = ${JSON.stringify(envs)}.map(
      (env) => new ProcessOutput("standard output", 1, env, () => undefined).colour);
    process.stderr.write(JSON.stringify(colours));`);
  expect(JSON.parse(done.stderr)).toEqual([false, true, false, false, false]);
});
