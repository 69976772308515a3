// Makes a fresh clone ready: installs what the lock file names if it is not there, and compiles. npm calls it before `npm start`
// and `npm test`, for a tarball (`prepack`), and after an installation of this folder or of its repository (`prepare`).
import { execSync } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";

const { npm_lifecycle_event: event, npm_command: command } = process.env;
// One string, so that the shell, which Windows needs for npm, gets no list of words to join. stdout stays with npm's own output.
const run = (line) => execSync(line, { stdio: ["ignore", 2, 2] });

const installed = "node_modules/.package-lock.json";
const isOutdated = () => !existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs;
const hasCompiler = () => existsSync("node_modules/typescript-7/package.json");

if (event === "prepare") {
  // npm is installing at this moment, so nothing is installed here. For a tarball `prepack` has just compiled.
  if (command === "pack" || command === "publish") process.exit(0);
  if (!hasCompiler()) {
    console.error("norbridge: not compiled, since the development packages were left out; `npm run build` needs them");
    process.exit(0);
  }
} else if (isOutdated()) {
  run("npm ci --no-audit --no-fund --ignore-scripts");
}
// A tarball holds nothing of sources that are gone.
if (event === "prepack") rmSync("dist", { recursive: true, force: true });
run("npm run --silent build");
