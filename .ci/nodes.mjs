// Runs a part of the tests on the other versions of Node.js that `engines` allows; the whole suite runs on the one that started
// this. The npm package `node` brings them. What ran on which is printed at the end; ends with 1 if anything failed. With --install
// it brings them and runs nothing.
import { execSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const LINES = [20, 22, 24, 26];
// What depends on Node.js most: streams, files, messages of its own, the command line in processes, and the package.
const SMALL = ["transport", "files", "disk", "launcher", "package", "storage/transcripts", "ledger", "recipe"];
const LARGE = [...SMALL, "cli"];
// The command line as a whole on the two newest lines, which change most.
const partOn = (line) => (line >= 24 ? LARGE : SMALL).map((area) => `test/${area}`);
// A part takes about a minute; what hangs on one version is a failure of it.
const MAX_MS = 5 * 60_000;
const INSTALL_MS = 2 * 60_000;
const own = Number(process.versions.node.split(".")[0]);
const results = [];
const isInstallOnly = process.argv.includes("--install");

for (const line of LINES.filter((each) => each !== own)) {
  const folder = resolve(`.ci/cache/node-${line}`);
  const bin = join(folder, "node_modules/node/bin");
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    try {
      execSync(`npm install --prefix "${folder}" --no-audit --no-fund node@${line}`, {
        stdio: "pipe",
        timeout: INSTALL_MS,
      });
    } catch (error) {
      results.push(
        `Node.js ${line}: skipped, it could not be installed (${
          String(error.stderr || error.message)
            .trim()
            .split("\n")[0]
        })`,
      );
      continue;
    }
  }
  if (isInstallOnly) continue;
  // Children of the tests take the same Node.js; the searches by seed are a sample here.
  const path = `${bin}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH: path, NORBRIDGE_CAMPAIGN: "", NORBRIDGE_TESTS: "compiled" };
  const program = join(bin, process.platform === "win32" ? "node.exe" : "node");
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout?.trim();
  const part = partOn(line);
  console.log(`--- Node.js ${version}: ${part.join(" ")}`);
  const { status } = spawnSync(program, ["node_modules/vitest/vitest.mjs", "run", "--reporter=dot", ...part], {
    env,
    stdio: "inherit",
    timeout: MAX_MS,
  });
  results.push(`Node.js ${version}: ${status === 0 ? "passed" : "FAILED"}, ${part.join(" ")}`);
  if (status !== 0) process.exitCode = 1;
}
if (!isInstallOnly)
  console.log(`--- Node.js ${process.version}: all tests\n${results.map((result) => `--- ${result}`).join("\n")}`);
