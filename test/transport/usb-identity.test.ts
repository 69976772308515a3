/** Which USB device a port is, from files laid out as Linux does it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isCheckedUsb, usbIdentityOf } from "../../src/transport/usb-identity.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "norbridge-sysfs-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A device with an interface, and behind a converter a port below the interface. */
function plug(port: string, below: string, ids: readonly [string, string]): void {
  const device = join(root, "devices", "1-1");
  mkdirSync(join(device, below), { recursive: true });
  writeFileSync(join(device, "idVendor"), `${ids[0]}\n`);
  writeFileSync(join(device, "idProduct"), `${ids[1]}\n`);
  // As in the kernel's tree: the class has a link to the port, the port one to the interface.
  const own = join(device, below, "tty", port);
  mkdirSync(own, { recursive: true });
  symlinkSync("../..", join(own, "device"));
  mkdirSync(join(root, "class"), { recursive: true });
  symlinkSync(join("..", "devices", "1-1", below, "tty", port), join(root, "class", port));
}

describe("the USB device behind a port", () => {
  it.each([
    ["ttyACM0", "1-1:1.0", ["2e8a", "000a"]],
    ["ttyUSB0", "1-1:1.0/ttyUSB0", ["0403", "6001"]],
  ] as const)("%s", async (port, below, ids) => {
    plug(port, below, ids);
    expect(await usbIdentityOf(`/dev/${port}`, join(root, "class"))).toBe(ids.join(":"));
  });

  it("is not known of a port that is none, or where there are no such files", async () => {
    mkdirSync(join(root, "class", "ttyS0"), { recursive: true });
    expect(await usbIdentityOf("/dev/ttyS0", join(root, "class"))).toBeUndefined();
    expect(await usbIdentityOf("COM7", join(root, "nowhere"))).toBeUndefined();
  });
});

it.each([
  ["2e8a:000a", true],
  ["2e8a:0009", true],
  ["303a:1001", true],
  ["0483:5740", true],
  ["2341:003e", true],
  ["2341:8036", true],
  // Converters, and boards with a converter on them: a UART that nobody checks.
  ["0403:6001", false],
  ["1a86:7523", false],
  ["2341:0043", false],
  ["10c4:ea60", false],
  ["067b:2303", false],
  // Of the same vendors as boards with USB of their own: debug probes, bridges and programming ports with a UART behind.
  ["2e8a:0004", false],
  ["2e8a:000c", false],
  ["303a:1002", false],
  ["303a:4001", false],
  ["2341:003d", false],
  // Of a known vendor, and nobody knows what it is.
  ["2e8a:1234", false],
  [undefined, false],
])("%s has checked bytes: %s", (identity, isChecked) => {
  expect(isCheckedUsb(identity)).toBe(isChecked);
});
