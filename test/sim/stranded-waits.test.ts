/** A program that waits in simulated time outside of `run`, as a process: it gets an error and does not just end. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROGRAM = `
  import { machineRandom, openBridge } from "norbridge";
  import { openSimulation, parseSimParameters } from "norbridge/sim";
  const { clock, duplex } = await openSimulation(parseSimParameters("AT25SF041", new Map()));
  const errors = [];
  const note = (error) => errors.push(error.code);
  await openBridge(duplex, { clock, protocol: "native", random: machineRandom }).catch(note);
  await clock.wait(1000).catch(note);
  await clock.run(() => clock.wait(1000));
  console.log(errors.join(" "), clock.nowUs());
`;

it("is told that simulated time passes only in run, and can continue", () => {
  const words = ["--input-type=module", "--eval", PROGRAM];
  const stdout = execFileSync(process.execPath, words, { cwd: ROOT, encoding: "utf8", timeout: 50_000 });
  expect(stdout).toMatch(/^EINVAL EINVAL \d+\n$/);
});
