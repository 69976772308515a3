// `npm start`: the main job on the built-in simulated bridge and chip. Every command it runs is printed, and can be typed.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const image = "examples/images/blink.hex";
const chipFile = "demo-chip.bin";
const port = `sim:AT25SF041?file=${chipFile}`;

// The chip of a unit in use: something old in its first 128 KiB, nothing behind it.
const old = Buffer.alloc(512 * 1024, 0xff);
for (let at = 0; at < 128 * 1024; at++) old[at] = (at * 2654435761) >>> 24;
writeFileSync(chipFile, old);

const commands = [
  ["info", "--port", port],
  ["write", image, "--base", "0x10000000", "--port", port],
  ["write", image, "--base", "0x10000000", "--port", port],
  ["verify", image, "--base", "0x10000000", "--port", port],
];
for (const words of commands) {
  console.log(`\n$ npx norbridge ${words.map((word) => (/[?&]/.test(word) ? `'${word}'` : word)).join(" ")}`);
  const { status } = spawnSync(process.execPath, ["dist/bin/norbridge.cjs", ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 70);
}
console.log(`\nThe chip's bytes are in ${chipFile}. Next: the tour in README.md.`);
console.log("To see a chip being written in your browser: npx norbridge page");
