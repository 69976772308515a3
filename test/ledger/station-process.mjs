// A process that makes units until it is killed. Each line on stdout was committed before it was written.
import { writeSync } from "node:fs";
import { openLedger } from "../../dist/src/ledger/sqlite-ledger.js";

const [path, slot] = process.argv.slice(2);
const recipe = { name: "r", revision: 1, sha256: "a".repeat(64) };
const ledger = await openLedger(path, { programVersion: "test" });
await ledger.addRecipe(recipe);
await ledger.addPool({ name: "p", kind: "counter", first: 1n, last: 100_000n });
for (let unit = 0; ; unit++) {
  const { session } = await ledger.beginSession({ product: "P", recipe, slot, operator: "", seenAgain: "keep" });
  const { value, text } = await ledger.reserve(session, { pool: "p", name: "serial", text: (number) => `T-${number}` });
  writeSync(1, `reserved ${value}\n`);
  await ledger.expose(session);
  writeSync(1, `exposed ${value}\n`);
  if (unit % 5 === 4) {
    await ledger.giveUp(session, { outcome: "fail", reason: "EIO", unused: "burn" });
    writeSync(1, `burned ${value}\n`);
    continue;
  }
  await ledger.issue(session, { serial: text, contentSha256: "b".repeat(64), values: [] });
  writeSync(1, `issued ${value}\n`);
}
