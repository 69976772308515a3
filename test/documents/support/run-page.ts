/**
 * A page as it should be: every command of its console blocks is run, and its output takes the place of what stands there. A
 * page is right if that changes nothing. What differs from run to run is declared on the page, in comments:
 *
 *   <!-- varies: 262a150f = undo ([0-9a-f]{8}) -->   the text 262a150f stands for what the expression finds first
 *   <!-- free port: 4000 -->                         4000 stands for a TCP port that is free
 *   <!-- real program -->                            every command is a process of its own
 *   <!-- whole lines -->                             long lines are not cut
 */
import { createServer } from "node:net";
import { type Block, blocksOf, shownOutput, SKIP_TAGS, type Step, stepsOf, withTimesOf } from "./blocks.ts";
import { PageShell, type ShellOptions } from "./page-shell.ts";

/** What one name of the page is in this run. */
interface Stand {
  readonly shown: string;
  readonly find: RegExp;
  actual: string | undefined;
}

export interface PageOptions extends Omit<ShellOptions, "isReal"> {
  /** Every command in a process of its own, also where the page does not ask for it. */
  readonly isReal?: boolean;
  /** Tags of blocks that are run, beside those without a tag. */
  readonly tags?: readonly string[];
}

/** Runs a page. */
export async function runPage(
  page: string,
  { isReal = false, tags = [], ...shellOptions }: PageOptions,
): Promise<string> {
  const lines = page.split("\n");
  const blocks = blocksOf(page).filter((block) => isRun(block, tags));
  if (blocks.length === 0) return page;
  const stands = await standsOf(page);
  const shell = new PageShell({ ...shellOptions, isReal: isReal || page.includes("<!-- real program -->") });
  const cutsLines = !page.includes("<!-- whole lines -->");
  const written: { readonly block: Block; readonly lines: string[] }[] = [];
  try {
    for (const block of blocks) {
      if (block.language !== "console") {
        await (block.language === "sh" ? runScript(block, shell, stands) : runProgram(block, shell));
        continue;
      }
      const shown: string[] = [];
      for (const step of stepsOf(block)) {
        const output = shownOutput(await outputOf(step, shell, stands), step.output, cutsLines);
        shown.push(...step.typed, ...(IN_REAL_TIME.test(step.command) ? withTimesOf(step.output, output) : output));
      }
      written.push({ block, lines: shown });
    }
  } finally {
    await shell.close();
  }
  for (const { block, lines: shown } of written.toReversed()) {
    lines.splice(block.firstLine, block.endLine - block.firstLine, ...shown);
  }
  return lines.join("\n");
}

/** A dump file has no simulated time: how long a job on it takes depends on the machine. */
const IN_REAL_TIME = /\bimage:/;

/** Languages of blocks that are run: sessions, commands without output, and programs. */
export const RUN_LANGUAGES: readonly string[] = ["console", "sh", "js"];

/** Whether a block is run; the others are counted. `tags`: which tags do not hinder it. */
export function isRun(block: Block, tags: readonly string[] = []): boolean {
  return (
    RUN_LANGUAGES.includes(block.language) && !block.tags.some((tag) => SKIP_TAGS.includes(tag) && !tags.includes(tag))
  );
}

/** A block of commands without output: each has to end well. */
async function runScript(block: Block, shell: PageShell, stands: readonly Stand[]): Promise<void> {
  const command = inThisRun(block.lines.join("\n"), stands);
  const text = await shell.type(`(set -e\n${command}\n); echo "exit $?"`);
  if (!text.endsWith("exit 0\n")) throw new Error(`line ${block.firstLine + 1}: ${command}\n${text}`);
}

/**
 * A program in JavaScript, in a file of its own beside an installed norbridge. It has to end well, and to print what the comments
 * after its `console.log` calls show.
 */
async function runProgram(block: Block, shell: PageShell): Promise<void> {
  const file = `line-${block.firstLine + 1}.mjs`;
  await shell.type(`cat > ${file} <<'END OF BLOCK'\n${block.lines.join("\n")}\nEND OF BLOCK`);
  const text = await shell.type(`node ${file}; echo "exit $?"`);
  // A test prints a report with times in it.
  const isTest = block.lines.some((line) => line.includes('from "node:test"'));
  if (isTest && text.endsWith("exit 0\n")) return;
  const shown = block.lines.flatMap((line) => /console\.log\(.*\);? +\/\/ (.+)$/.exec(line)?.[1] ?? []);
  const expected = [...shown, "exit 0", ""].join("\n");
  if (text !== expected) throw new Error(`line ${block.firstLine + 1}: printed\n${text}instead of\n${expected}`);
}

async function outputOf(step: Step, shell: PageShell, stands: readonly Stand[]): Promise<string[]> {
  let text = await shell.type(inThisRun(step.command, stands));
  for (const stand of stands) {
    stand.actual ??= stand.find.exec(text)?.[1];
    if (stand.actual !== undefined) text = text.replaceAll(stand.actual, stand.shown);
  }
  const output = text.split("\n").map((line) => line.trimEnd());
  while (output.at(-1) === "") output.pop();
  return output;
}

function inThisRun(command: string, stands: readonly Stand[]): string {
  return stands.reduce(
    (text, { shown, actual }) => (actual === undefined ? text : text.replaceAll(shown, actual)),
    command,
  );
}

async function standsOf(page: string): Promise<Stand[]> {
  const varying = [...page.matchAll(/^<!-- varies: (.+?) = (.+) -->$/gm)].map(([, shown = "", find = ""]) => ({
    shown,
    find: new RegExp(find, "m"),
    actual: undefined,
  }));
  const ports = await Promise.all(
    [...page.matchAll(/^<!-- free port: (\d+) -->$/gm)].map(async ([, shown = ""]) => ({
      shown,
      find: /(?!)/,
      actual: String(await freePort()),
    })),
  );
  return [...varying, ...ports];
}

/** A port that was free a moment ago: the system hands out others before it comes back to this one. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
