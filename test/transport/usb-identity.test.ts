/**
 * Which USB device a port is and which port a device has: from files laid out as Linux does it, and from lists of other
 * systems.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeUnless, missing } from "../support/needs.ts";
import type { Platform } from "../../src/platform.ts";
import type { SerialPortDescription } from "../../src/transport/serial-list.ts";
import { findPortOf, type UsbSources, usbDeviceOf } from "../../src/transport/usb-identity.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "norbridge-sysfs-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const linux = (): UsbSources => ({
  platform: "linux",
  ttyRoot: join(root, "class"),
  list: () => Promise.reject(new Error("this must not be called")),
});

function listing(platform: Platform, ...ports: SerialPortDescription[]): UsbSources {
  return { platform, ttyRoot: join(root, "class"), list: () => Promise.resolve(ports) };
}

/** A device with an interface, and on a converter a port below the interface. */
function plug(port: string, below: string, files: Readonly<Record<string, string>>, number = "1-1"): void {
  const device = join(root, "devices", number);
  mkdirSync(join(device, below), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(device, name), `${text}\n`);
  // As in the kernel's tree: the class has a link to the port, the port one to the interface.
  const own = join(device, below, "tty", port);
  mkdirSync(own, { recursive: true });
  symlinkSync("../..", join(own, "device"));
  mkdirSync(join(root, "class"), { recursive: true });
  symlinkSync(join("..", "devices", number, below, "tty", port), join(root, "class", port));
}

const PICO = {
  idVendor: "2e8a",
  idProduct: "000a",
  serial: "E6614C31",
  manufacturer: "norbridge",
  product: "norbridge",
};
const PICO_DEVICE = {
  identity: "2e8a:000a",
  serialNumber: "E6614C31",
  manufacturer: "norbridge",
  product: "norbridge",
};

describeUnless(missing.links)("on Linux, the USB device behind a port", () => {
  it("a port of the device's own", async () => {
    plug("ttyACM0", "1-1:1.0", PICO);
    expect(await usbDeviceOf("/dev/ttyACM0", linux())).toEqual(PICO_DEVICE);
  });

  it("one behind a converter, without a number or names", async () => {
    plug("ttyUSB0", "1-1:1.0/ttyUSB0", { idVendor: "0403", idProduct: "6001" });
    expect(await usbDeviceOf("/dev/ttyUSB0", linux())).toEqual({
      ...{ identity: "0403:6001", serialNumber: "", manufacturer: "", product: "" },
    });
  });

  it("by a link, as in /dev/serial/by-id", async () => {
    plug("ttyACM0", "1-1:1.0", PICO);
    mkdirSync(join(root, "dev", "by-id"), { recursive: true });
    writeFileSync(join(root, "dev", "ttyACM0"), "");
    symlinkSync("../ttyACM0", join(root, "dev", "by-id", "usb-norbridge_norbridge_E6614C31-if00"));
    const link = join(root, "dev", "by-id", "usb-norbridge_norbridge_E6614C31-if00");
    expect(await usbDeviceOf(link, linux())).toEqual(PICO_DEVICE);
  });

  it("is not known of a port that is none, or if there are no such files", async () => {
    mkdirSync(join(root, "class", "ttyS0"), { recursive: true });
    expect(await usbDeviceOf("/dev/ttyS0", linux())).toBeUndefined();
    expect(await usbDeviceOf("/dev/ttyACM0", { ...linux(), ttyRoot: join(root, "nowhere") })).toBeUndefined();
  });
});

describeUnless(missing.links)("on Linux, the port of a device", () => {
  it("is found under another name", async () => {
    plug("ttyACM3", "1-1:1.0", PICO);
    plug("ttyACM0", "1-2:1.0", { ...PICO, serial: "E6600000" }, "1-2");
    expect(await findPortOf(PICO_DEVICE, linux())).toBe("/dev/ttyACM3");
  });

  it("is not guessed: without a number of its own, gone, or there twice", async () => {
    plug("ttyACM3", "1-1:1.0", PICO);
    expect(await findPortOf({ ...PICO_DEVICE, serialNumber: "" }, linux())).toBeUndefined();
    expect(await findPortOf({ ...PICO_DEVICE, serialNumber: "E7" }, linux())).toBeUndefined();
    plug("ttyACM4", "1-2:1.0", PICO, "1-2");
    expect(await findPortOf(PICO_DEVICE, linux())).toBeUndefined();
    expect(await findPortOf(PICO_DEVICE, { ...linux(), ttyRoot: join(root, "nowhere") })).toBeUndefined();
  });
});

const COM7 = { path: "COM7", vendorId: "2e8a", productId: "000a", serialNumber: "6&2C24CE2E&0&0000" };
const COM3 = { path: "COM3" };

describe("on Windows", () => {
  it.each(["COM7", "com7", "\\\\.\\COM7", "//./com7", "\\\\?\\COM7"])("%s is one port", async (name) => {
    expect(await usbDeviceOf(name, listing("windows", COM3, COM7))).toEqual({
      ...{ identity: "2e8a:000a", serialNumber: "6&2C24CE2E&0&0000", manufacturer: "", product: "" },
    });
  });

  it("a port on the board, one that is not there, and a list that fails", async () => {
    expect(await usbDeviceOf("COM3", listing("windows", COM3, COM7))).toBeUndefined();
    expect(await usbDeviceOf("COM70", listing("windows", COM3, COM7))).toBeUndefined();
    const failing: UsbSources = { ...listing("windows"), list: () => Promise.reject(new Error("no registry")) };
    expect(await usbDeviceOf("COM7", failing)).toBeUndefined();
    expect(await findPortOf(PICO_DEVICE, failing)).toBeUndefined();
  });

  it("a bridge that comes back as COM8 is found", async () => {
    const before = await usbDeviceOf("COM7", listing("windows", COM3, COM7));
    expect(await findPortOf(before!, listing("windows", COM3, { ...COM7, path: "COM8" }))).toBe("COM8");
    expect(await findPortOf(before!, listing("windows", COM3))).toBeUndefined();
  });
});

describe("on macOS", () => {
  const port = { path: "/dev/cu.usbmodem1101", vendorId: "2e8a", productId: "000a", serialNumber: "E6614C31" };
  it("both nodes of a port are one, and it is found under another name", async () => {
    const sources = listing("macos", { ...port, manufacturer: "norbridge" });
    const device = await usbDeviceOf("/dev/tty.usbmodem1101", sources);
    expect(device).toEqual({ ...PICO_DEVICE, product: "" });
    expect(await usbDeviceOf("/dev/cu.usbmodem1101", sources)).toEqual(device);
    expect(await findPortOf(device!, listing("macos", { ...port, path: "/dev/cu.usbmodem2" }))).toBe(
      "/dev/cu.usbmodem2",
    );
  });
});
