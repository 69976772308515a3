/** A duplex on Web Serial: on a model of the interface, and on the real one of Firefox with its loop-back device. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { openWebSerial } from "../../src/page/worker/web-serial.ts";
import { serveChipPage } from "../../src/station-server/chip-page-server.ts";
import { browserMissing, startBrowser } from "../support/browser.ts";
import { describeUnless } from "../support/needs.ts";
import { errorOf } from "../support/thrown.ts";
import { LoopedModel } from "./looped-port.ts";
import { checkWebSerial } from "./web-serial-checks.ts";

const NATURE = { name: "port", baudRate: 115_200, isChecked: true, climbs: true };

it("does on the model of the interface what a duplex does", async () => {
  const port = new LoopedModel();
  const replug = (): Promise<LoopedModel> => {
    port.pull();
    port.plug();
    return port.close().then(
      () => port,
      () => port,
    );
  };
  expect(await checkWebSerial({ port, replug })).toEqual([]);
  // 255 bytes, the default, stall; hardware flow control sends nothing to a board with three wires.
  expect(port.openings.every(({ bufferSize, flowControl }) => bufferSize >= 65_536 && flowControl === "none")).toBe(
    true,
  );
});

it.each(["BreakError", "FramingError", "ParityError", "BufferOverrunError"])("continues after a %s", async (name) => {
  const port = new LoopedModel();
  const duplex = await openWebSerial(port, NATURE);
  const chunks = duplex.incoming[Symbol.asyncIterator]();
  port.fail(name);
  // The reader takes the new stream in turns of its own.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await duplex.write(Uint8Array.of(1, 2, 3));
  expect((await chunks.next()).value).toEqual(Uint8Array.of(1, 2, 3));
  await duplex.close();
});

it("closes in time although the driver never ends `cancel`, and reports what cannot be opened", async () => {
  const duplex = await openWebSerial(new LoopedModel({ hangsInCancel: true }), NATURE);
  await duplex.close();
  const gone = new LoopedModel();
  gone.pull();
  expect(await errorOf(() => openWebSerial(gone, NATURE))).toMatchObject({
    code: "PORT_BUSY",
    hint: expect.stringContaining("dialout") as unknown,
  });
});

describeUnless(browserMissing("firefox"))("the real port of Firefox", () => {
  it("does the same on its loop-back device", async () => {
    const page = { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<p>ports</p>") };
    const server = await serveChipPage(new Map([["/", page]]), 0);
    const tested = await startBrowser("firefox", {
      "dom.webserial.enabled": true,
      "dom.webserial.testing.enabled": true,
      "dom.webserial.gated": false,
    });
    try {
      const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL("./web-serial-checks.ts", import.meta.url))],
        ...{ bundle: true, write: false, format: "iife", globalName: "checks", platform: "browser", target: "es2023" },
      });
      const tab = await tested.browser.newPage();
      await tab.goto(server.url);
      const wrong = await tab.evaluate(`(async () => {
        ${outputFiles[0]?.text ?? ""}
        // The browser brings this device for tests, and chooses it by itself.
        const port = await navigator.serial.requestPort();
        const replug = async () => {
          await navigator.serial.simulateDeviceDisconnection("test-device-1");
          await navigator.serial.simulateDeviceConnection("test-device-1", "/dev/ttyUSB0", 0x2341, 0x0043);
          return (await navigator.serial.getPorts())[0] ?? port;
        };
        return checks.checkWebSerial({ port, replug });
      })()`);
      expect(wrong).toEqual([]);
    } finally {
      await tested.close();
      await server.close();
    }
  });
});
