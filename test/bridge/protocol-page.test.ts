/** The session in hex at the end of PROTOCOL.md is what host and simulated bridge say to each other today. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { SpiStep } from "../../firmware-protocol/step.ts";
import { openBridge } from "../../src/bridge/open-bridge.ts";
import { toHex } from "../../src/bytes.ts";
import { createRandom } from "../../src/sim/random.ts";
import { parseSimParameters } from "../../src/sim/sim-parameters.ts";
import { openSimulation } from "../../src/sim/sim-port.ts";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";

const page = readFileSync(fileURLToPath(new URL("../../firmware-protocol/PROTOCOL.md", import.meta.url)), "utf8");

function sessionOfThePage(): string[] {
  const [, section = ""] = page.split("## 12. A session in hex");
  const [, block = ""] = section.split("```");
  return block
    .trim()
    .split(/\n(?=host|bridge)/)
    .map((entry) => {
      const [title = "", ...lines] = entry.split("\n");
      return `${title.split(":")[0] ?? ""} ${lines.map((line) => line.trim()).join("")}`;
    });
}

const STEPS: readonly SpiStep[] = [
  { kind: "transfer", send: Uint8Array.of(0x9f), receiveBytes: 3 },
  { kind: "transfer", send: Uint8Array.of(0x06), receiveBytes: 0 },
  { kind: "transfer", send: Uint8Array.of(0x02, 0x00, 0x12, 0x00, 0xde, 0xad), receiveBytes: 0 },
  { kind: "poll", send: Uint8Array.of(0x05), mask: 1, value: 0, intervalUs: 0, timeoutMs: 10 },
  { kind: "digest", send: Uint8Array.of(0x03, 0x00, 0x12, 0x00), lengthBytes: 4 },
];

it("says the same as host and bridge", async () => {
  const settings = new Map([
    ["bridge", "small"],
    ["usb", "fs"],
  ]);
  const simulation = await openSimulation(parseSimParameters("AT25SF041", settings));
  const { clock, duplex } = simulation;
  const said: string[] = [];
  const tapped: ByteDuplex = {
    isChecked: duplex.isChecked,
    name: duplex.name,
    baudRate: duplex.baudRate,
    incoming: (async function* () {
      for await (const bytes of duplex.incoming) {
        said.push(`bridge ${toHex(bytes)}`);
        yield bytes;
      }
    })(),
    write: (bytes) => {
      said.push(`host ${toHex(bytes)}`);
      return duplex.write(bytes);
    },
    setBaudRate: (baud) => duplex.setBaudRate(baud),
    close: () => duplex.close(),
  };
  const chance = createRandom("page");
  await simulation.run(async () => {
    const bridge = await openBridge(tapped, { clock, protocol: "native", random: () => chance.nextUint32() });
    const results = [];
    for await (const result of bridge.run(STEPS)) results.push(result);
    expect(results.map(({ kind }) => kind)).toEqual(STEPS.map(({ kind }) => kind));
    await bridge.close();
  });
  expect(said.length).toBeGreaterThan(5);
  expect(sessionOfThePage()).toEqual(said);
});
