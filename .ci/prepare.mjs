// Makes a fresh clone ready: installs what the lock file names if it is not there, and compiles.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const run = (...args) => execFileSync(npm, args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });

const installed = "node_modules/.package-lock.json";
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync("package-lock.json").mtimeMs) {
  run("ci", "--no-audit", "--no-fund", "--ignore-scripts");
}
run("run", "--silent", "build");
