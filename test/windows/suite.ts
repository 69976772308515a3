/** The tests of the parts that a system decides most about, run by node.exe. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { itUnless } from "../support/needs.ts";
import { sayCount } from "../support/effort.ts";
import { type PtyServer, servePtys } from "./support/pty-server.ts";
import { CHECKOUT_FOLDER, NODE_EXE, type WindowsMachine } from "./support/windows-machine.ts";
import { windowsSuiteMissing } from "./support/wine.ts";

const FOLDERS = ["transport", "journal", "jobs", "files", "doctor", "disk"];
/** Of 792 that passed when this was written; fewer means that tests were lost on the way. */
const FEWEST_PASSED = 700;
const DEADLINE_MS = 600_000;
/** Ports of the walk have lower numbers. */
const FIRST_PORT = 20;

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages: readonly string[];
}

/** The two numbers and lists that matter of vitest's JSON report. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

export function suiteTests(machine: () => WindowsMachine): void {
  let ptys: PtyServer | undefined;
  beforeAll(async () => {
    // Without reads that end with no byte the Windows binding holds back single bytes, and these tests count bytes.
    if (machine().hasEmptyReads)
      ptys = await servePtys((name, device) => machine().connectPort(name, device), FIRST_PORT);
  });
  afterAll(() => ptys?.close());

  itUnless(windowsSuiteMissing)(`the tests of ${FOLDERS.join(", ")} pass under node.exe`, async () => {
    const words = [
      "--maxWorkers=2",
      "--testTimeout=300000",
      "--hookTimeout=300000",
      "--reporter=json",
      "--outputFile=C:/outputs/result.json",
    ];
    const vitest = `${CHECKOUT_FOLDER}\\node_modules\\vitest\\vitest.mjs`;
    const folders = FOLDERS.map((name) => `test/${name}/`);
    const run = await machine().start(NODE_EXE, [vitest, "run", ...folders, ...words], {
      folder: join(machine().driveC, "norbridge"),
      deadlineMs: DEADLINE_MS,
      env: ptys === undefined ? {} : { NORBRIDGE_PTY_SERVER: ptys.address },
    }).ended;
    const report = JSON.parse(readFileSync(join(machine().driveC, "outputs/result.json"), "utf8")) as Report;
    const tests = report.testResults.flatMap((file) => file.assertionResults);
    const passed = tests.filter(({ status }) => status === "passed").length;
    const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
    sayCount(`Windows (Wine), test/{${FOLDERS.join(",")}}: ${passed} passed, ${skipped.length} skipped`);
    for (const [reason, count] of reasons(skipped)) sayCount(`  ${count} skipped: ${reason}`);
    expect(failures(report)).toEqual([]);
    expect(run.code, run.stderr).toBe(0);
    expect(skipped.filter(({ fullName }) => !fullName.includes("(skipped: ")).map(({ fullName }) => fullName)).toEqual(
      [],
    );
    expect(passed).toBeGreaterThan(FEWEST_PASSED);
  });
}

/** Tests that failed, and files that could not be loaded. */
function failures(report: Report): string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${name}: ${message}`] : [];
    return failed.map(({ fullName, failureMessages }) => `${name}: ${fullName}: ${failureMessages.join("\n")}`);
  });
}

function reasons(skipped: readonly TestResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fullName } of skipped) {
    const reason = /\(skipped: (.*?)\)( |$)/.exec(fullName)?.[1] ?? fullName;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}
