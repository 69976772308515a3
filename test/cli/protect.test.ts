/** protect, otp, page-size, --unprotect: as a person types them, in the real program. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realClock } from "../../src/clock.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { serveSimulation } from "../../src/sim/sim-server.ts";
import { runQuickly as runCli } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-protect-"));
afterAll(() => rmSync(folder, { recursive: true }));
const image = join(folder, "image.bin");
writeFileSync(
  image,
  new Uint8Array(5000).map((_, index) => (index * 7) & 0xff),
);

const result = (stdout: string): unknown => JSON.parse(stdout.trim().split("\n").at(-1) ?? "");

describe("protection", { timeout: 60_000 }, () => {
  it("status: what, by what, and who can change it", async () => {
    const { code, stdout } = await runCli(["protect", "status", "-p", "sim:AT25SF041?sr1=8"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^protected +0x060000\.\.0x07ffff \(128 KiB\)$/m);
    expect(stdout).toMatch(/^held by +BP bits in status register 1$/m);
    expect(stdout).toMatch(/^can be changed +yes, until power-off or permanently stored$/m);
    const json = await runCli(["protect", "status", "-p", "sim:AT25DF321A", "--json"]);
    expect(result(json.stdout)).toMatchObject({
      ok: true,
      protected: [{ address: 0, lengthBytes: 4_194_304 }],
      terms: ["until-power-off"],
      lockedBy: "",
    });
  });

  it("on a bus with another master: lifted, or refused with that as the reason", async () => {
    const codes: number[] = [];
    for (const busTaken of [0.05, 0.5]) {
      for (let seed = 11; seed <= 18; seed++) {
        const port = `sim:W25Q32JV?busTaken=${busTaken}&sr1=28&sr2=2&seed=${seed}`;
        const { code, stdout, stderr } = await runCli(["protect", "off", "-p", port]);
        expect(code, `${seed}: ${stderr}`).not.toBe(2);
        if (code === 0) expect(stdout).toBe("protected: nothing\n");
        if (code === 8) expect(stderr).toContain("Another device may use the bus");
        codes.push(code);
      }
    }
    expect(codes.filter((code) => code === 0).length).toBeGreaterThan(4);
    expect(codes.filter((code) => code === 8).length).toBeGreaterThan(4);
  });

  it("a plain write on a bus with another master is never refused as protected", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { stderr } = await runCli(["write", image, "-p", `sim:W25Q32JV?busTaken=0.1&seed=${seed}`]);
      expect(stderr).not.toMatch(/is protected by|was suspended|is suspended|may protect/);
    }
  });

  it.each([
    ["sim:AT25SF041?sr1=28", ["write", image]],
    ["sim:AT25SF041?sr1=28", ["erase", "--all"]],
    ["sim:AT25DF041A", ["write", image]],
  ])("%s %j: refused with the range, exit 7, nothing touched; with --unprotect it works", async (port, words) => {
    const refused = await runCli([...words, "-p", port]);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toMatch(/0x000000\.\.0x07ffff \(512 KiB\) is protected by/);
    expect(refused.stderr).toContain("--unprotect");
    const done = await runCli([...words, "-p", port, "--unprotect"]);
    expect(done.code).toBe(0);
    expect(done.stderr).toContain("is lifted and will be restored at the end");
    expect(done.stderr).not.toContain("broken rule");
  });

  it("a dry run lifts nothing", async () => {
    const { code, stderr } = await runCli(["write", image, "--dry-run", "--unprotect", "-p", "sim:AT25DF041A"]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("is lifted")]);
  });

  it("a log on a protected chip is not blamed on its cells", async () => {
    const words = ["log", "append", "--layout", "fcb", "--magic", "1", "--range", "0,16k", "--data", "0102"];
    const refused = await runCli([...words, "-p", "sim:AT25DF041A"]);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining("--unprotect")]);
    expect((await runCli([...words, "-p", "sim:AT25DF041A", "--unprotect"])).code).toBe(0);
  });

  it("held by the pin: exit 7, and what to do", async () => {
    const { code, stderr } = await runCli(["write", image, "--unprotect", "-p", "sim:AT25SF041?sr1=156&wp=low"]);
    expect(code).toBe(7);
    expect(stderr).toContain("WP# pin");
    expect(stderr).not.toContain("broken rule");
  });

  it("on and off; a range that cannot be names those that can", async () => {
    const on = await runCli(["protect", "on", "--range", "0,64k", "-p", "sim:AT25SF041"]);
    expect([on.code, on.stdout]).toEqual([0, "protected: 0x000000..0x00ffff (64 KiB)\n"]);
    const off = await runCli(["protect", "off", "-p", "sim:AT25SF041?sr1=28"]);
    expect([off.code, off.stdout]).toEqual([0, "protected: nothing\n"]);
    const odd = await runCli(["protect", "on", "--range", "0,60k", "-p", "sim:AT25SF041"]);
    expect(odd.code).toBe(2);
    expect(odd.stderr).toContain("It can protect");
  });
});

describe("one-time bytes", { timeout: 60_000 }, () => {
  it("are shown, and programmed only where it is said twice", async () => {
    const read = await runCli(["otp", "read", "-p", "sim:AT45DB041E", "--json"]);
    expect(result(read.stdout)).toMatchObject({ registers: [{ name: "user" }, { name: "factory" }] });
    const data = "ab".repeat(64);
    const words = ["otp", "program", "--register", "user", "--data", data, "-p", "sim:AT45DB041E"];
    const refused = await runCli(words);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--permanent")]);
    const done = await runCli([...words, "--permanent"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    const raw = await runCli(["otp", "read", "--register", "factory", "--raw", "-p", "sim:AT25DF321A"]);
    expect(raw.code).toBe(0);
    const none = await runCli(["otp", "read", "-p", "sim:N25Q128A"]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("has no known one-time registers")]);
  });
});

describe("page size", { timeout: 60_000 }, () => {
  it("is shown; changed only with the consent it needs", async () => {
    expect((await runCli(["page-size", "-p", "sim:AT45DB041D"])).stdout).toBe(
      "AT45DB041D has pages of 264 bytes; it can be set to 256, once and permanently\n",
    );
    const lacking = await runCli(["page-size", "256", "--accept-content-loss", "-p", "sim:AT45DB041D"]);
    expect([lacking.code, lacking.stderr]).toEqual([2, expect.stringContaining("add --permanent")]);
    const done = await runCli(["page-size", "256", "--accept-content-loss", "-p", "sim:AT45DB041E"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect((await runCli(["page-size", "-p", "sim:AT25SF041"])).code).toBe(2);
  });
});

it("a server keeps what was set: protected by one command, refused by the next", { timeout: 60_000 }, async () => {
  const server = await serveSimulation({
    params: parseSimParameters("AT25SF041", new Map()),
    host: "127.0.0.1",
    port: 0,
    realtime: false,
    clock: realClock,
  });
  try {
    const port = ["-p", `tcp://127.0.0.1:${server.address.port}`];
    expect((await runCli(["protect", "on", ...port])).code).toBe(0);
    expect((await runCli(["write", image, ...port])).code).toBe(7);
    expect((await runCli(["write", image, "--unprotect", ...port])).code).toBe(0);
    expect((await runCli(["protect", "status", ...port])).stdout).toContain("0x000000..0x07ffff");
    expect((await runCli(["protect", "off", ...port])).code).toBe(0);
    expect((await runCli(["verify", image, ...port])).code).toBe(0);
    expect((await runCli(["erase", "--all", ...port])).code).toBe(0);
  } finally {
    await server.close();
  }
});

it("the bridge restarts in the middle: the job goes on, and what was protected is put back without a warning", async () => {
  const long = join(folder, "long.bin");
  writeFileSync(long, createRandom("protected").bytes(60_000));
  const { code, stderr } = await runCli(["write", long, "--unprotect", "-p", "sim:AT25SF041?sr1=28&resetAtMs=300"]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("reconnecting, 1 of 3")]);
  expect(stderr.match(/is lifted and will be restored at the end/g)).toHaveLength(1);
  expect(stderr).not.toMatch(/warning|could not be restored/);
});

describe("a chip file", { timeout: 60_000 }, () => {
  const chipFile = join(folder, "mine.json");
  const part = {
    name: "MINE",
    jedecId: "1f8401",
    capacityBytes: 524_288,
    erase: [{ opcode: "0x20", sizeBytes: 4096, typicalMs: 70, maximumMs: 500 }],
    chipErase: { opcode: "0xc7", typicalMs: 5000, maximumMs: 20_000 },
    program: { typicalMs: 0.7, maximumMs: 3 },
  };

  it("describes the part; one that is wrong is refused with the place", async () => {
    writeFileSync(chipFile, JSON.stringify(part));
    const done = await runCli(["write", image, "--chip-file", chipFile, "-p", "sim:AT25SF041"]);
    expect([done.code, done.stderr]).toEqual([0, expect.not.stringContaining("broken rule")]);
    writeFileSync(chipFile, JSON.stringify({ ...part, erase: [] }));
    const wrong = await runCli(["info", "--chip-file", chipFile, "-p", "sim:AT25SF041"]);
    expect([wrong.code, wrong.stderr]).toEqual([9, expect.stringContaining("erase: must be a list")]);
    writeFileSync(chipFile, JSON.stringify({ ...part, jedecId: "ef4016" }));
    expect((await runCli(["info", "--chip-file", chipFile, "-p", "sim:AT25SF041"])).code).toBe(6);
  });
});
