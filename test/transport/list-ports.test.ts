/** The list of serial ports on each system, and how one bridge is chosen out of it. */
import { SerialPort } from "serialport";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { itUnless, missing } from "../support/needs.ts";
import { listSerial } from "../../src/transport/serial-list.ts";
import { USB_SOURCES } from "../../src/transport/usb-identity.ts";
import { findBridgePort, findUsbPort, listPorts, listPortsOf } from "../../src/transport/list-ports.ts";

type Listed = Partial<Awaited<ReturnType<typeof SerialPort.list>>[number]> & { path: string };

/** The system lists these; fields that are left out are undefined, as serialport has them. */
function plug(...ports: Listed[]): void {
  vi.spyOn(SerialPort, "list").mockResolvedValue(
    ports.map((port) => ({
      manufacturer: undefined,
      serialNumber: undefined,
      pnpId: undefined,
      locationId: undefined,
      productId: undefined,
      vendorId: undefined,
      ...port,
    })),
  );
}

const PICO: Listed = { path: "/dev/ttyACM90", vendorId: "2E8A", productId: "000A", serialNumber: "E6605838" };
const SECOND: Listed = { path: "/dev/ttyACM91", vendorId: "2e8a", productId: "000a", serialNumber: "E6611111" };
const MODEM: Listed = { path: "/dev/ttyACM92", vendorId: "12d1", productId: "1506" };
const PLAIN: Listed = { path: "/dev/ttyS0" };

afterEach(() => void vi.restoreAllMocks());

describe("list", () => {
  it("says what is known, ids in lower case, numbers in order", async () => {
    plug({ ...PLAIN, path: "/dev/ttyS10" }, { ...PLAIN, path: "/dev/ttyS9" }, MODEM, PICO);
    expect(await listPorts()).toEqual([
      {
        path: "/dev/ttyACM90",
        vendorId: "2e8a",
        productId: "000a",
        serialNumber: "E6605838",
        likelyBridge: true,
        isNorbridge: false,
        note: "Raspberry Pi Pico program, maybe norbridge",
      },
      { path: "/dev/ttyACM92", vendorId: "12d1", productId: "1506", likelyBridge: false, isNorbridge: false },
      { path: "/dev/ttyS9", likelyBridge: false, isNorbridge: false },
      { path: "/dev/ttyS10", likelyBridge: false, isNorbridge: false },
    ]);
  });

  it("nothing is an empty list", async () => {
    plug();
    expect(await listPorts()).toEqual([]);
  });

  it("on macOS names the call-out node: the dial-in node waits for a carrier when it is opened", async () => {
    plug({ ...PICO, path: "/dev/tty.usbmodem1101", manufacturer: "norbridge" });
    const list = (): ReturnType<typeof listSerial> => listSerial("macos");
    expect(await listPortsOf({ ...USB_SOURCES, platform: "macos", list })).toMatchObject([
      { path: "/dev/cu.usbmodem1101", isNorbridge: true, note: "norbridge" },
    ]);
  });

  itUnless(missing.links)(
    "on Linux the product's name decides whether it is norbridge, also for an older image's ids",
    async () => {
      const root = mkdtempSync(join(tmpdir(), "norbridge-list-"));
      try {
        for (const [tty, product] of Object.entries({ ttyACM90: "norbridge", ttyACM91: "pico-serprog" })) {
          const device = join(root, "devices", tty);
          mkdirSync(join(device, "1.0"), { recursive: true });
          for (const [file, text] of Object.entries({ idVendor: "2e8a", idProduct: "000a", product }))
            writeFileSync(join(device, file), text);
          mkdirSync(join(root, "class", tty), { recursive: true });
          symlinkSync(join(device, "1.0"), join(root, "class", tty, "device"));
        }
        plug(
          { ...PICO, manufacturer: "norbridge" },
          { ...SECOND, manufacturer: "kinako" },
          { ...PICO, path: "/dev/ttyACM93", vendorId: "1209", productId: "0001", manufacturer: "norbridge" },
        );
        const sources = { ...USB_SOURCES, platform: "linux", ttyRoot: join(root, "class") } as const;
        expect((await listPortsOf(sources)).map((port) => [port.isNorbridge, port.note])).toEqual([
          [true, "norbridge"],
          [false, 'Raspberry Pi Pico program "pico-serprog"'],
          [true, "norbridge (older firmware)"],
        ]);
        await expect(findBridgePort(sources)).rejects.toMatchObject({
          message: expect.stringContaining(
            '/dev/ttyACM90 (norbridge), /dev/ttyACM91 (Raspberry Pi Pico program "pico',
          ) as unknown,
        });
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  );

  it("no udevadm, as in a container", async () => {
    vi.spyOn(SerialPort, "list").mockRejectedValue(new Error("spawn udevadm ENOENT"));
    await expect(listPorts()).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message: "serial ports cannot be listed: the program udevadm is missing here (usual in containers)",
      hint: "Specify the port: that works without the list.",
      remedies: ["set-port"],
    });
  });

  it("another failure is passed on without control characters", async () => {
    vi.spyOn(SerialPort, "list").mockRejectedValue(new Error("odd\u001b[2J"));
    await expect(listPorts()).rejects.toMatchObject({ message: "serial ports cannot be listed: odd\\x1b[2J" });
  });
});

describe("the bridge that is plugged in", () => {
  it("is found among other ports", async () => {
    plug(PLAIN, MODEM, PICO);
    expect(await findBridgePort()).toBe("/dev/ttyACM90");
  });

  it("none among other ports", async () => {
    plug(PLAIN, MODEM);
    await expect(findBridgePort()).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message: "no port looks like a bridge; ports here: /dev/ttyACM92, /dev/ttyS0",
    });
  });

  it("no port at all", async () => {
    plug();
    await expect(findBridgePort()).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message: "no port looks like a bridge; this system has no serial port",
    });
  });

  it("two are one too many", async () => {
    plug(PICO, SECOND, MODEM);
    await expect(findBridgePort()).rejects.toMatchObject({
      code: "PORT_AMBIGUOUS",
      message:
        "several ports match: /dev/ttyACM90 (Raspberry Pi Pico program, maybe norbridge), " +
        "/dev/ttyACM91 (Raspberry Pi Pico program, maybe norbridge)",
    });
  });
});

describe("the port with these USB ids", () => {
  it("is found, also one that looks like no bridge", async () => {
    plug(PICO, MODEM);
    expect(await findUsbPort("12d1", "1506")).toBe("/dev/ttyACM92");
  });

  it.each(["E6611111", "e6611111"])("is told apart by serial number %s", async (serialNumber) => {
    plug(PICO, SECOND);
    expect(await findUsbPort("2e8a", "000a", serialNumber)).toBe("/dev/ttyACM91");
  });

  it("two of them are ambiguous without a serial number", async () => {
    plug(PICO, SECOND);
    await expect(findUsbPort("2e8a", "000a")).rejects.toMatchObject({ code: "PORT_AMBIGUOUS" });
  });

  it.each([
    ["2e8a", "000b", undefined, "no port with USB id 2e8a:000b; ports here: /dev/ttyACM90, /dev/ttyACM91"],
    [
      "2e8a",
      "000a",
      "E66",
      "no port with USB id 2e8a:000a and serial number E66; ports here: /dev/ttyACM90, /dev/ttyACM91",
    ],
  ])("none with %s:%s %s", async (vendorId, productId, serialNumber, message) => {
    plug(PICO, SECOND);
    await expect(findUsbPort(vendorId, productId, serialNumber)).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message,
    });
  });
});
