// Loaded before the program: ends it, or fills its disk, at one of the calls that change a file. Writes their names to COUNT_INTO.
const fs = require("node:fs");
const at = Number(process.env.FAIL_AT ?? 0);
const how = process.env.FAIL_HOW;
let calls = 0;
const names = [];
for (const name of ["mkdirSync", "openSync", "writeSync", "fsyncSync", "renameSync", "unlinkSync", "ftruncateSync"]) {
  const original = fs[name];
  fs[name] = (...words) => {
    const isOurs = name === "writeSync" || name === "fsyncSync" || name === "ftruncateSync" || String(words[0]).includes("store");
    // Standard output and error are not the store.
    if (!isOurs || words[0] === 1 || words[0] === 2) return original(...words);
    calls++;
    names.push(name);
    if (calls === at && how === "kill") process.kill(process.pid, "SIGKILL");
    if (calls >= at && how === "full" && name === "writeSync") {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    }
    return original(...words);
  };
}
process.on("exit", () => {
  if (process.env.COUNT_INTO) fs.appendFileSync(process.env.COUNT_INTO, names.join("\n"));
});
