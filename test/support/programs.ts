/**
 * Programs that npm does not bring, what is tested with them, and the Debian packages that have them. One table for
 * everybody.
 */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { effort } from "./effort.ts";

export interface TestProgram {
  /** Any one of them will do. */
  readonly names: readonly string[];
  /** What is skipped without it. */
  readonly tests: string;
  readonly packages: string;
  /** These tests run only with NORBRIDGE_CAMPAIGN=full, as CI does. */
  readonly isForCi: boolean;
}

export const TEST_PROGRAMS: readonly TestProgram[] = [
  { names: ["socat", "python3"], tests: "serial ports over pseudo terminals", packages: "socat", isForCi: false },
  { names: ["flashrom"], tests: "flashrom with our bridges and chips", packages: "flashrom", isForCi: false },
  { names: ["zsh"], tests: "completion in zsh", packages: "zsh", isForCi: false },
  { names: ["fish"], tests: "completion in fish", packages: "fish", isForCi: false },
  { names: ["make"], tests: "the firmware, built anew", packages: "make", isForCi: true },
  { names: ["cc"], tests: "the firmware as a program of this computer", packages: "gcc libc6-dev", isForCi: true },
  {
    names: ["qemu-system-arm"],
    tests: "the firmware on an emulated board",
    packages: "qemu-system-arm",
    isForCi: true,
  },
  { names: ["arm-none-eabi-gcc"], tests: "the same", packages: "gcc-arm-none-eabi", isForCi: true },
  { names: ["chromium"], tests: "the pages in Chromium", packages: "chromium", isForCi: true },
  { names: ["firefox-esr", "firefox"], tests: "the pages in Firefox", packages: "firefox-esr", isForCi: true },
  {
    names: ["pg_ctlcluster", "initdb"],
    tests: "several stations with a PostgreSQL server",
    packages: "postgresql",
    isForCi: true,
  },
  { names: ["wine64", "wine"], tests: "the Windows program", packages: "wine64", isForCi: true },
];

/** True if a program of this name is on the PATH. Starts nothing. */
export function isInstalled(name: string): boolean {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .some((folder) => folder !== "" && endings.some((ending) => existsSync(join(folder, name + ending))));
}

/** How long the tests take and what will be skipped: the lines that `npm test` starts with. */
export function testNotes(has: (name: string) => boolean, isFull = effort(false, true)): readonly string[] {
  const wanted = TEST_PROGRAMS.filter(({ isForCi }) => isFull || !isForCi);
  const missing = wanted.filter(({ names }) => !names.some(has));
  const time = isFull
    ? "norbridge: all tests in full, with every search, take about 10 minutes on 2 cores"
    : "norbridge: the tests take about 3 minutes on 2 cores (.ci/run runs them in full, and more)";
  if (missing.length === 0) return [`${time}; every program that they use is installed`];
  return [
    `${time}; skipped, since a program is not installed:`,
    ...missing.map(({ names, tests }) => `  ${names.join(" or ").padEnd(18)} ${tests}`),
    `  On Debian or Ubuntu: apt-get install ${missing.map(({ packages }) => packages).join(" ")}`,
  ];
}
