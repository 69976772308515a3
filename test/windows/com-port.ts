/** Jobs over COM7: the Windows binding of serialport, a bridge that takes its time, and what may go wrong on the way. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { type ComPort, plugIn } from "./support/com-port.ts";
import type { WindowsMachine } from "./support/windows-machine.ts";

const PORT = "COM7";
const image = createRandom("image").bytes(50_000);
/** At this line rate the image takes seconds, so there is a middle of the job. */
const SLOW = { baud: "115200" };

export function comPortTests(machine: () => WindowsMachine): void {
  let folder: string;
  let port: ComPort | undefined;
  beforeEach(() => {
    folder = machine().newFolder().path;
    writeFileSync(join(folder, "image.bin"), image);
  });
  afterEach(async () => {
    await port?.close();
    port = undefined;
  });

  const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    machine().startCli(args, { folder, env });
  const onChip = (): Uint8Array => port?.simulation.chip.peek(0, image.length) ?? new Uint8Array();

  it("info, write, verify and read go over it", async () => {
    port = await plugIn(machine(), PORT, "AT25SF041", { usb: "fs" });
    const info = await cli(["info", "-p", PORT]).ended;
    expect(info, info.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("AT25SF041") as unknown });
    const written = await cli(["write", "image.bin", "-p", PORT]).ended;
    expect(written, written.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(onChip(), image)).toBe(0);
    expect(await cli(["verify", "image.bin", "-p", PORT]).ended).toMatchObject({ code: 0 });
    const read = await cli(["read", "back.bin", "--offset", "0", "--length", `${image.length}`, "-p", PORT]).ended;
    expect(read, read.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(readFileSync(join(folder, "back.bin")), image)).toBe(0);
  });

  it.each([
    ["option", ["-p", PORT], {}],
    ["environment", [], { NORBRIDGE_PORT: PORT }],
  ] as const)("doctor reaches bridge and chip through it, named by %s", async (_, words, env) => {
    port = await plugIn(machine(), PORT, "AT25SF041", { usb: "fs" });
    const done = await cli(["doctor", "--json", ...words], env).ended;
    // Only these: on a slow machine the doctor's ten seconds may be over before it has measured the speed of the line.
    const states = new Map(findingsOf(done.stdout).map(({ check, state }) => [check, state]));
    expect(states.get("port"), done.stdout).toBe("skipped");
    expect(states.get("chip ID"), done.stdout).toBe("ok");
  });

  it("a name without a port is PORT_NOT_FOUND", async () => {
    const done = await cli(["info", "-p", "COM8", "--json"]).ended;
    expect(done.code).toBe(3);
    expect(lastLine(done.stdout)).toMatchObject({ code: "PORT_NOT_FOUND" });
  });

  it("Ctrl-C in the middle of a write ends with 10, and the same command then finishes the job", async () => {
    port = await plugIn(machine(), PORT, "AT25SF041", SLOW);
    const write = machine().startCli(["write", "image.bin", "-p", PORT], { folder, hasTerminal: true });
    await write.seen(/program [1-9]\d? %/);
    write.pressCtrlC();
    const interrupted = await write.ended;
    expect(interrupted, interrupted.stderr).toMatchObject({ code: 10 });
    expect(Buffer.compare(onChip(), image)).not.toBe(0);
    const again = await cli(["write", "image.bin", "-p", PORT]).ended;
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(onChip(), image)).toBe(0);
  });

  it("unplugged in the middle of a read: exit code 5 and no file", async () => {
    port = await plugIn(machine(), PORT, "AT25SF041", SLOW);
    // A full chip: 46 seconds at this rate. A blank one is over in one.
    port.simulation.chip.load(0, createRandom("full").bytes(port.simulation.chip.geometry.capacityBytes));
    const read = cli(["read", "back.bin", "-p", PORT]);
    await read.seen(/read [1-9]\d? %/);
    await port.unplug();
    const done = await read.ended;
    expect(done, done.stderr).toMatchObject({ code: 5 });
    expect(() => readFileSync(join(folder, "back.bin"))).toThrow("ENOENT");
  });

  it("killed in the middle of a write: the job is listed, resumed, and gone", async () => {
    port = await plugIn(machine(), PORT, "AT25SF041", SLOW);
    const { chip } = port.simulation;
    const old = createRandom("old").bytes(chip.geometry.capacityBytes);
    chip.load(0, old);
    const offset = 0x1234;
    const expected = old.slice();
    expected.set(image, offset);
    const write = cli(["write", "image.bin", "--offset", `${offset}`, "-p", PORT]);
    await write.seen(/program [1-9]\d? %/);
    write.kill();
    await write.ended;
    const listed = await cli(["jobs"]).ended;
    expect(listed, listed.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/interrupted/) as unknown });
    const resumed = await cli(["resume", "-p", PORT]).ended;
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(chip.peek(0, old.length), expected)).toBe(0);
    expect((await cli(["jobs"]).ended).stdout).toMatch(/^no interrupted jobs\r?\n$/);
  });

  it("a bridge that speaks serprog", async ({ skip }) => {
    skip(!machine().hasEmptyReads, "this Wine holds back answers of one byte, and its bytes to change are not known");
    port = await plugIn(machine(), PORT, "AT25SF041", { protocol: "serprog", usb: "fs" });
    // Small, since each answer of one byte takes its own turn through Wine.
    const small = image.subarray(0, 8192);
    writeFileSync(join(folder, "small.bin"), small);
    const words = ["-p", PORT, "--protocol", "serprog"];
    const written = await cli(["write", "small.bin", ...words]).ended;
    expect(written, written.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(onChip().subarray(0, small.length), small)).toBe(0);
    expect(await cli(["verify", "small.bin", ...words]).ended).toMatchObject({ code: 0 });
  });
}

function findingsOf(text: string): readonly { readonly check: string; readonly state: string }[] {
  return (lastLine(text) as { findings: readonly { check: string; state: string }[] }).findings;
}

function lastLine(text: string): unknown {
  return JSON.parse(text.trim().split("\n").at(-1) ?? "");
}
