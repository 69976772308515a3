/** Logs of Mynewt on the command line: nothing is told, columns come by themselves, and nothing is written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runQuickly } from "../../support/cli.ts";
import { goldenBytes } from "../support/golden.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-mynewt-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string): string {
  const path = join(folder, `${name}.bin`);
  writeFileSync(path, goldenBytes(`mynewt-log/${name}.bin.gz`));
  return path;
}

describe.each(["fcb2-log3-a8-hash-few", "fcb-log3-a4-hash-few"])("%s", (name) => {
  const file = fileOf(name);
  const port = ["-p", `image:${file}`];

  it("log read shows time, module, level, type and body", async () => {
    const csv = await runQuickly(["log", "read", "--format", "csv", ...port]);
    expect(csv.code).toBe(0);
    const rows = csv.stdout.trimEnd().split("\r\n");
    expect(rows[0]).toBe("index,sector,offset,ts,log_index,module,level,type,body,image_hash,trailer,unconfirmed");
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.every((row, at) => at === 0 || /^\d+,0,\d+,2023-11-14T/.test(row))).toBe(true);
    const json = await runQuickly(["log", "read", "--json", ...port]);
    const records = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; fields: Record<string, unknown> })
      .filter(({ type }) => type === "record");
    expect(new Set(records.map(({ fields }) => fields["type"]))).toEqual(new Set(["text", "cbor", "binary"]));
    const text = records.find(({ fields }) => fields["type"] === "text");
    expect(String(text?.fields["body"])).toMatch(/^[ -~]+$/);
    expect((await runQuickly(["log", "read", "--last", "2", "--json", ...port])).stdout).toContain('"records":2');
  });

  it("log info and regions name it", async () => {
    const layout = name.split("-")[0] ?? "";
    const told = ["log", "info", "--layout", layout, ...port];
    const info = await runQuickly([...told, "--json"]);
    expect(JSON.parse(info.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ layout, version: 3 });
    expect((await runQuickly(told)).stdout).toContain("magic");
    // Without a layout only logs that norbridge also writes are described.
    const { code, stderr } = await runQuickly(["log", "info", ...port]);
    expect(code).toBe(layout === "fcb2" ? 9 : 0);
    if (layout === "fcb2") expect(stderr).toContain("norbridge log info --layout fcb2");
    expect((await runQuickly(["regions", ...port])).stdout).toContain("mynewt-log");
  });
});

it("log info and read with --layout fcb2 find none and several, and say so", async () => {
  const none = await runQuickly(["log", "info", "--layout", "fcb2", "-p", `image:${fileOf("fcb-log3-a4-hash-few")}`]);
  expect(none.code).toBe(9);
  expect(none.stderr).toContain("no FCB2 was found in");
  const one = readFileSync(fileOf("fcb2-log3-a8-hash-few"));
  const both = join(folder, "both.bin");
  writeFileSync(both, Buffer.concat([one, Buffer.alloc(8192, 0xff), one]));
  const several = await runQuickly(["log", "read", "--layout", "fcb2", "-p", `image:${both}`]);
  expect(several.code).toBe(9);
  expect(several.stderr).toContain("there are 2 logs: fcb2");
});

it("a command that changes the chip refuses --layout fcb2", async () => {
  const { code, stderr } = await runQuickly(["log", "clear", "--layout", "fcb2", "-p", "sim:AT25SF041"]);
  expect(code).toBe(2);
  expect(stderr).toContain("an FCB2 is only read");
});

it.each(["append", "clear", "rotate", "append-to-scratch"])(
  "log %s refuses an FCB2 before any change",
  async (verb) => {
    const file = fileOf("fcb2-log3-a1-nohash-few");
    const before = readFileSync(file);
    const magic = [
      "--layout",
      "fcb",
      "--magic",
      "0x7EADBADF",
      "--align",
      "1",
      "--sector-size",
      "4096",
      "--version",
      "3",
    ];
    const data = verb === "append" ? ["--data", "00"] : [];
    const result = await runQuickly(["log", verb, ...magic, ...data, "-p", `image:${file}`]);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("FCB2");
    expect(readFileSync(file)).toEqual(before);
  },
);
