// `npm run docs`: writes into README and docs what the program has to say today (tables, outputs of commands, pictures), and
// checks what it cannot write. Read the difference before you commit it.
import { spawnSync } from "node:child_process";

// One after the other: they write the same pages.
for (const tests of ["generated.test.ts", "pictures.test.ts", "consoles.test.ts", "text.test.ts"]) {
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", `test/documents/${tests}`, ...process.argv.slice(2)],
    { stdio: "inherit", env: { ...process.env, NORBRIDGE_WRITE_DOCS: "1" } },
  );
  if (status !== 0) process.exit(status ?? 70);
}
