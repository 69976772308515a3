/**
 * `explain`: a recording in words. What the bytes say is compared with the steps, which are recorded by another part of
 * the program.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { explain, type Explained } from "../../src/recording/explain/explain.ts";
import { parseRecording, type Recording } from "../../src/recording/recording.ts";
import { createRandom } from "../../src/sim/random.ts";
import { runQuickly } from "../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "norbridge-explain-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "image.bin"), createRandom("explain").bytes(20_000));

let recordings = 0;

async function recordingOf(settings: string, protocol: string): Promise<Recording> {
  const file = join(folder, `${recordings++}.rec`);
  const port = `sim:AT25SF041?${settings}`;
  const words = ["write", join(folder, "image.bin"), "--port", port, "--protocol", protocol, "--record", file];
  expect((await runQuickly(words)).code).toBe(0);
  return parseRecording(readFileSync(file));
}

function linesOf(recording: Recording, stepsOnly = false): Explained[] {
  return [...explain(recording, { stepsOnly })];
}

const textsFrom = (lines: readonly Explained[], from: string): string[] =>
  lines.filter((line) => line.from === from).map(({ text }) => text);

describe("a native recording", () => {
  it.each(["usb=fs", "bridge=small&baud=1000000", "baud=2000000&flipRate=0.000005&seed=3"])(
    "over %s: the results on the line are those of the steps",
    async (settings) => {
      const lines = linesOf(await recordingOf(settings, "native"));
      const ofSteps = textsFrom(lines, "step").map((text) => text.slice(text.indexOf(" -> ") + 4));
      const onLine = textsFrom(lines, "bridge")
        .filter((text) => text.startsWith("  "))
        .map((text) => text.slice(2));
      expect(onLine.filter((text) => !text.startsWith("SPI clock"))).toEqual(ofSteps);
      expect(ofSteps.length).toBeGreaterThan(200);
      expect(textsFrom(lines, "line").at(-1)).toBe("the command ended with exit code 0");
    },
  );

  it("shows what was damaged and what was sent again", async () => {
    const texts = linesOf(await recordingOf("baud=2000000&flipRate=0.0001&seed=5", "native")).map(({ text }) => text);
    expect(texts.filter((text) => /^DATA .*sent again$/.test(text)).length).toBeGreaterThan(0);
    expect(texts.filter((text) => text.startsWith("damaged frames: ")).length).toBeGreaterThan(0);
    expect(texts.filter((text) => text.includes("cannot be read"))).toEqual([]);
  });

  it("shows only the steps if asked to", async () => {
    const recording = await recordingOf("usb=fs", "native");
    const all = linesOf(recording);
    const steps = linesOf(recording, true);
    expect(steps).toEqual(all.filter(({ from }) => from === "step" || from === "line"));
    expect(steps.map(({ text }) => text)).toContain("transfer 9f, 8 bytes in -> 1f84010000000000");
  });
});

it("a serprog recording shows the commands by name", async () => {
  const lines = linesOf(await recordingOf("baud=2000000&protocol=serprog", "serprog"));
  const commands = textsFrom(lines, "host");
  expect(commands).toEqual(expect.arrayContaining(["SYNCNOP", "Q_IFACE", "Q_PGMNAME", "O_SPIOP 9f, 8 bytes in"]));
  expect(commands.filter((text) => text.startsWith("unknown"))).toEqual([]);
});

it("any bytes are shown, and none make it fail", () => {
  const data = fc.uint8Array({ maxLength: 400 });
  const line = fc.record({ type: fc.constantFrom("up" as const, "down" as const), us: fc.nat(), data });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const head = { v: 1, type: "recording", command: ["info"] } as const;
      for (const { text } of explain({ head, lines }, { stepsOnly: false })) expect(text.length).toBeLessThan(400);
    }),
  );
});
