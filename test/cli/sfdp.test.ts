/** `norbridge sfdp`: binary and hex text, for programs and for people, and what it refuses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sfdpBytes } from "../drivers/sfdp/sfdp-dumps.ts";
import { runQuickly as runCli } from "../support/cli.ts";

interface Golden {
  readonly dumps: Record<string, { readonly hex: string; readonly expect: object }>;
}
const golden = new URL("../golden/sfdp/sfdp-dumps.json", import.meta.url);
const { dumps } = JSON.parse(readFileSync(golden, "utf8")) as Golden;

let folder: string;
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-sfdp-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("norbridge sfdp", { timeout: 60_000 }, () => {
  const { hex, expect: facts } = dumps["sst26vf064b"]!;
  const pairs = hex.match(/../g)!;

  it.each<[string, () => string | Uint8Array]>([
    ["binary", () => sfdpBytes("sst26vf064b")],
    ["hex digits", () => hex],
    ["a C array", () => `{ ${pairs.map((pair) => `0x${pair}`).join(", ")} }; // SFDP\n`],
    [
      "lines with a comment",
      () => `# dump\r\n${pairs.map((pair, i) => pair + (i % 16 === 15 ? "\r\n" : " ")).join("")}`,
    ],
  ])("reads %s", async (_, content) => {
    const { code, stdout, stderr } = await runCli(["sfdp", file("area", content()), "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ v: 1, type: "result", ok: true, ran: "sfdp", exit: 0, ...facts });
  });

  it("reads standard input, and says it for people", async () => {
    const { code, stdout } = await runCli(["sfdp", "-"], { input: sfdpBytes("sst26vf064b") });
    expect(code).toBe(0);
    expect(stdout).toContain("chip            8 MiB (8388608 bytes), 3 address bytes\n");
    expect(stdout).toContain("  erase type 4  64 KiB by 0xd8, 0.019 s, at most 0.038 s\n");
    expect(stdout).toContain("  0x00010000    8064 KiB, erase types 1 and 4\n");
  });

  it.each<[string, string | Uint8Array, string]>([
    ["text", "5346 4450\nhello\n", "line 2"],
    ["half a byte", "53464", "an odd number"],
    ["nothing", "# only a comment", "is empty"],
    ["an area that is cut", sfdpBytes("w25q128jv").subarray(0, 40), "ends"],
    ["other bytes", "00112233", "SFDP signature is missing"],
  ])("refuses %s with the file's name and the reason", async (_, content, reason) => {
    const path = file("bad", content);
    const { code, stderr } = await runCli(["sfdp", path]);
    expect(code).toBe(9);
    expect(stderr).toContain(path);
    expect(stderr).toContain(reason);
  });
});
