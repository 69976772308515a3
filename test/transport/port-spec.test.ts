/** All forms of --port, and what is refused as one. */
import { describe, expect, it } from "vitest";
import { openPort } from "../../src/transport/open-port.ts";
import { parsePortSpec, type PortSpec } from "../../src/transport/port-spec.ts";
import { errorNow } from "../support/thrown.ts";

function settings(...pairs: (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(pairs);
}

describe("what --port means", () => {
  const FORMS: readonly (readonly [string, PortSpec])[] = [
    ["/dev/ttyACM0", { kind: "serial", path: "/dev/ttyACM0" }],
    ["COM7", { kind: "serial", path: "COM7" }],
    ["\\\\.\\COM12", { kind: "serial", path: "\\\\.\\COM12" }],
    ["/dev/cu.usbmodem1101", { kind: "serial", path: "/dev/cu.usbmodem1101" }],
    ["/dev/serial/by-id/usb-Pico_E660-if00", { kind: "serial", path: "/dev/serial/by-id/usb-Pico_E660-if00" }],
    ["./sim:port", { kind: "serial", path: "./sim:port" }],
    ["usb:2e8a:000a", { kind: "usb", vendorId: "2e8a", productId: "000a" }],
    ["usb:2E8A:000A", { kind: "usb", vendorId: "2e8a", productId: "000a" }],
    ["usb:0403:6001:A50285BI", { kind: "usb", vendorId: "0403", productId: "6001", serialNumber: "A50285BI" }],
    ["usb:0403:6001:a:b", { kind: "usb", vendorId: "0403", productId: "6001", serialNumber: "a:b" }],
    ["tcp://127.0.0.1:4000", { kind: "tcp", host: "127.0.0.1", port: 4000 }],
    ["tcp://bench-3.local:65535", { kind: "tcp", host: "bench-3.local", port: 65_535 }],
    ["tcp://[::1]:1", { kind: "tcp", host: "::1", port: 1 }],
    ["sim:AT25SF041", { kind: "sim", chip: "AT25SF041", settings: settings() }],
    [
      "sim:AT45DB161E?seed=7&page=512&file=a=b",
      { kind: "sim", chip: "AT45DB161E", settings: settings(["seed", "7"], ["page", "512"], ["file", "a=b"]) },
    ],
    ["sim:AT25SF041?seed=", { kind: "sim", chip: "AT25SF041", settings: settings(["seed", ""]) }],
    ["image:dump.bin", { kind: "image", path: "dump.bin", settings: settings() }],
    // Within a name & and ? are written as in a URL; any other % stands for itself.
    [
      "sim:A?file=C:\\a%26b.bin&seed=1",
      { kind: "sim", chip: "A", settings: settings(["file", "C:\\a&b.bin"], ["seed", "1"]) },
    ],
    ["image:what%3f.bin?chip=A", { kind: "image", path: "what?.bin", settings: settings(["chip", "A"]) }],
    ["image:50%25%26.bin", { kind: "image", path: "50%&.bin", settings: settings() }],
    ["image:100%.bin", { kind: "image", path: "100%.bin", settings: settings() }],
    ["image:a%20b%2.bin", { kind: "image", path: "a%20b%2.bin", settings: settings() }],
    ["image:C:\\a.bin?chip=AT25SF041", { kind: "image", path: "C:\\a.bin", settings: settings(["chip", "AT25SF041"]) }],
  ];

  it.each(FORMS)("%s", (text, spec) => {
    expect(parsePortSpec(text)).toEqual(spec);
  });

  it.each([
    ["", "it is empty"],
    ["tcp:127.0.0.1:4000", "expected tcp://HOST:PORT"],
    ["tcp://127.0.0.1", "expected tcp://HOST:PORT"],
    ["tcp://:4000", "expected tcp://HOST:PORT"],
    ["tcp://a:0", "expected tcp://HOST:PORT"],
    ["tcp://a:65536", "expected tcp://HOST:PORT"],
    ["tcp://a:4000/path", "expected tcp://HOST:PORT"],
    ["tcp://::1:4000", "expected tcp://HOST:PORT"],
    ["usb:2e8a", "expected usb:VID:PID"],
    ["usb:2e8a:a", "expected usb:VID:PID"],
    ["usb:2e8g:000a", "expected usb:VID:PID"],
    ["usb:2e8a:000a:", "expected usb:VID:PID"],
    ["sim:", "something must follow sim:"],
    ["sim:?seed=1", "something must follow sim:"],
    ["sim:AT25SF041?", '"" is not key=value'],
    ["sim:AT25SF041?seed", '"seed" is not key=value'],
    ["sim:AT25SF041?=7", '"=7" is not key=value'],
    ["sim:AT25SF041?seed=1&seed=2", '"seed" is given twice'],
    ["image:", "something must follow image:"],
    ["udp://a:1", "only tcp:// is known"],
    ["rfc2217://a:1", "only tcp:// is known"],
  ])("refuses %j: %s", (text, why) => {
    const refused = errorNow(() => parsePortSpec(text));
    expect(refused).toMatchObject({ code: "USAGE", exitCode: 2 });
    expect(refused.message).toContain(why);
    expect(refused.hint).toContain("usb:VID:PID");
  });

  it("explains how & is written within a name if it was written as it is", () => {
    expect(errorNow(() => parsePortSpec("sim:AT25SF041?file=C:\\a&b.bin")).hint).toContain("write & as %26");
  });

  it("shows no control character of what was typed", () => {
    expect(errorNow(() => parsePortSpec("sim:x?\u001b[2J")).message).toBe(
      'port sim:x?\\x1b[2J: "\\x1b[2J" is not key=value',
    );
  });

  it.each(["sim:AT25SF041", "image:a.bin"])("%s is no port of bytes", async (text) => {
    await expect(openPort(parsePortSpec(text))).rejects.toMatchObject({ code: "EINVAL" });
  });
});
