/** `log info` and `log read` of a FlashDB TSDB, found by themselves; no command writes to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/program/run-cli.ts";
import { realClock } from "../../src/clock.ts";
import { packedGolden } from "../storage/support/packed-golden.ts";
import { fakeIo, jsonLines } from "../support/fake-io.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-tsdb-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const golden = packedGolden("flashdb");

async function run(image: string, ...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const path = join(folder, "dump.bin");
  const flash = new Uint8Array(0x10000).fill(0xff);
  flash.set(golden.image(image), 0x4000);
  writeFileSync(path, flash);
  const io = fakeIo({ cwd: folder, env: { XDG_STATE_HOME: join(folder, "state") } });
  const code = await runCli([...words, "-p", `image:${path}`, "-q"], { ...io, clock: realClock });
  expect(Buffer.compare(readFileSync(path), flash)).toBe(0);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe("log commands on FlashDB", () => {
  it("reads records with their time and state", async () => {
    const csv = await run("tsdb-g1-t32-status", "log", "read", "--format", "csv");
    const [head, first, second] = csv.out.split("\r\n");
    expect(csv.code).toBe(0);
    expect(head).toBe("index,sector,offset,time,status,length,data,unconfirmed");
    expect(first).toMatch(/^0,0,32,1700000000,write,64,[0-9a-f]{128},$/);
    expect(second).toMatch(/^1,0,48,1700000002,user1,62,/);
    const json = jsonLines((await run("tsdb-g32-t64-few", "log", "read", "--json", "--last", "1")).out);
    expect(json).toMatchObject([
      { type: "record", time: expect.any(Number) as number, status: "write" },
      { exit: 0, records: 1 },
    ]);
    const told = ["--layout", "flashdb-tsdb"];
    const info = jsonLines((await run("tsdb-g1-t32-wrapped", "log", "info", "--json", ...told)).out);
    expect(info.at(-1)).toMatchObject({ layout: "flashdb-tsdb", sureness: "certain", address: 0x4000, timeBits: 32 });
  });

  it("log info without a layout names it and what to run, and ends with LAYOUT_MISMATCH", async () => {
    const { code, out, err } = await run("tsdb-g1-t32-wrapped", "log", "info");
    expect([code, out]).toEqual([9, ""]);
    expect(err).toContain("the region holds flashdb-tsdb at 0x004000");
    expect(err).toContain("norbridge log info --layout flashdb-tsdb");
  });

  it("reads all of a database that FlashDB itself would show empty or format", async () => {
    const { code, out } = await run("tsdb-cut-g1-t32-wrap-op5-b0", "log", "read", "--format", "csv");
    expect([code, out.trimEnd().split("\r\n").length - 1]).toEqual([0, 24]);
  });

  it("asks for a length that is not on the flash, and takes it", async () => {
    const words = ["log", "read", "--layout", "flashdb-tsdb", "--format", "csv"];
    const unclear = await run("tsdb-cut-g8-t32-f12-append-op2-b0", ...words);
    expect(unclear.code).toBe(9);
    expect(unclear.err).toContain("9, 12 bytes");
    expect((await run("tsdb-cut-g8-t32-f12-append-op2-b0", ...words, "--record-size", "12")).code).toBe(0);
  });

  it.each(["append --data 00", "clear"])("log %s refuses it and changes nothing", async (words) => {
    const { code } = await run("tsdb-g1-t32-few", "log", ...words.split(" "), "--layout", "flashdb-tsdb");
    expect(code).toBe(2);
  });
});
