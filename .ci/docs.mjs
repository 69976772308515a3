// `npm run docs`: writes into README and docs what the program has to say today (tables, outputs of commands, pictures), and
// checks what it cannot write. Read the difference before you commit it.
import { spawnSync } from "node:child_process";

const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "test/documents", ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...process.env, NORBRIDGE_WRITE_DOCS: "1" },
  },
);
process.exit(status ?? 70);
