// Preloaded by start.test.ts: reports on standard error whether the program came from a cache.
const { setFlagsFromString } = require("node:v8");
const vm = require("node:vm");
if (process.env.WATCH_V8_FLAGS !== undefined) setFlagsFromString(process.env.WATCH_V8_FLAGS);
const { Script } = vm;
vm.Script = class extends Script {
  constructor(text, options) {
    super(text, options);
    const told = options.cachedData === undefined ? "compiled" : this.cachedDataRejected ? "refused" : "from cache";
    process.once("exit", () => process.stderr.write(`${told}\n`));
  }
};
