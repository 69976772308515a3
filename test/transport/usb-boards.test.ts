/** What ids and strings of a USB device say; those of the shipped firmware are read out of its image, as it runs. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FORMER_IDENTITY,
  isCheckedUsb,
  isLikelyBridge,
  isNorbridge,
  maxBaudRate,
  NORBRIDGE_USB,
  type UsbDevice,
  usbNote,
} from "../../src/transport/usb-boards.ts";
import { readUf2 } from "../firmware/support/uf2.ts";

const device = (identity: string, strings: Partial<UsbDevice> = {}): UsbDevice => ({
  ...{ identity, serialNumber: "", manufacturer: "", product: "" },
  ...strings,
});

describe("the shipped image for the Pico", () => {
  it("has one device descriptor, with the pair that list, doctor and the udev rule know", () => {
    const uf2 = new URL("../../firmware-protocol/firmware/images/norbridge-rp2040.uf2", import.meta.url);
    const image = Buffer.from(readUf2(readFileSync(uf2)));
    // Length 18, type 1, USB 2.0, a device whose interfaces belong together, packets of 64 bytes.
    const head = Buffer.from("12010002ef020140", "hex");
    const at = image.indexOf(head);
    expect(at).toBeGreaterThan(0);
    expect(image.indexOf(head, at + 1)).toBe(-1);
    const hex = (offset: number): string =>
      image
        .readUInt16LE(at + offset)
        .toString(16)
        .padStart(4, "0");
    expect(`${hex(8)}:${hex(10)}`).toBe(NORBRIDGE_USB.identity);
  });
});

describe("what a device is", () => {
  it.each([
    ["as the firmware announces itself on Linux", device("2e8a:000a", NORBRIDGE_USB), true, true, "norbridge"],
    ["on macOS, which gives no product", device("2e8a:000a", { manufacturer: "norbridge" }), true, true, "norbridge"],
    [
      "on Windows, which gives the driver's manufacturer",
      device("2e8a:000a", { manufacturer: "Microsoft" }),
      ...([false, true, "Raspberry Pi Pico program, maybe norbridge"] as const),
    ],
    [
      "another program with the same pair",
      device("2e8a:000a", { manufacturer: "kinako", product: "pico-serprog" }),
      ...([false, true, 'Raspberry Pi Pico program "pico-serprog"'] as const),
    ],
    [
      "another program that borrowed the manufacturer",
      device("2e8a:000a", { manufacturer: "norbridge", product: "Blinky" }),
      ...([false, true, 'Raspberry Pi Pico program "Blinky"'] as const),
    ],
    [
      "an older image of ours",
      device(FORMER_IDENTITY, { manufacturer: "norbridge", product: "norbridge" }),
      ...([true, true, "norbridge (older firmware)"] as const),
    ],
    ["the trial of others with that pair", device(FORMER_IDENTITY, { product: "toaster" }), false, false, undefined],
    ["a converter", device("0403:6001", { manufacturer: "FTDI", product: "FT232R" }), false, true, "FTDI FT232R"],
    ["a modem", device("12d1:1506"), false, false, undefined],
  ] as const)("%s", (_, usb, isOurs, isLikely, note) => {
    expect([isNorbridge(usb), isLikelyBridge(usb), usbNote(usb)]).toEqual([isOurs, isLikely, note]);
  });
});

it.each([
  ["2e8a:000a", true],
  ["2e8a:0009", true],
  ["303a:1001", true],
  ["0483:5740", true],
  ["2341:003e", true],
  ["2341:8036", true],
  // Converters, and boards with a converter on them: an unchecked UART.
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
  // Of a known vendor, but unknown.
  ["2e8a:1234", false],
  // A pair for trials, which any project may use.
  ["1209:0001", false],
])("%s has checked bytes: %s", (identity, isChecked) => {
  expect(isCheckedUsb(device(identity))).toBe(isChecked);
});

it("an older image of ours has checked bytes, an unknown port has none", () => {
  expect(isCheckedUsb(device(FORMER_IDENTITY, { product: "norbridge" }))).toBe(true);
  expect(isCheckedUsb(undefined)).toBe(false);
});

it.each([
  ["an Arduino Uno (16U2)", "2341:0043", 250_000],
  ["a CH340", "1a86:7523", 500_000],
  ["an FT232R, of which no limit is known", "0403:6001", undefined],
  ["our own USB", NORBRIDGE_USB.identity, undefined],
] as const)("%s: the fastest rate without loss", (_, identity, expected) => {
  expect(maxBaudRate(device(identity))).toBe(expected);
});
