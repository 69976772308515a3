/** Errors of opening a port, in the words of each system, become error codes of our own. */
import { describe, expect, it } from "vitest";
import { portError } from "../../src/transport/port-error.ts";

/** As Node makes them: a text, and beside it a code that the text may lack. */
function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe("what a system says when a port cannot be opened", () => {
  it.each([
    // Linux, serialport 13
    ["Error: No such file or directory, cannot open /dev/ttyACM9", "PORT_NOT_FOUND", "there is no such port"],
    ["Error: Permission denied, cannot open /dev/ttyACM0", "PORT_DENIED", "permission denied"],
    ["Error: Operation not permitted, cannot open /dev/ttyACM0", "PORT_DENIED", "permission denied"],
    ["Error Resource temporarily unavailable Cannot lock port", "PORT_BUSY", "another program uses the port"],
    ["Error: Device or resource busy, cannot open /dev/ttyUSB0", "PORT_BUSY", "another program uses the port"],
    [
      "Error: No such device or address, cannot open /dev/ttyS4",
      "PORT_FAILED",
      "this port has no device: it was unplugged, or has no driver",
    ],
    [
      "Error: No such device, cannot open /dev/ttyUSB0",
      "PORT_FAILED",
      "this port has no device: it was unplugged, or has no driver",
    ],
    [
      "Error: Input/output error, cannot open /dev/ttyS4",
      "PORT_FAILED",
      "the device of this port does not work, or was unplugged",
    ],
    ["Error: Invalid argument setting custom baud rate of 3000000", "EINVAL", "the driver rejects this baud rate"],
    ["Error baud rate of 3000000 is not supported on your platform", "EINVAL", "the driver rejects this baud rate"],
    ["Error: Inappropriate ioctl for device, cannot open", "PORT_NOT_FOUND", "this is not a serial port"],
    ["Error: Is a directory, cannot open /dev", "PORT_NOT_FOUND", "this is not a serial port"],
    // macOS
    ["Error: Resource busy, cannot open /dev/tty.usbmodem1", "PORT_BUSY", "another program uses the port"],
    [
      "Error: Device not configured, cannot open /dev/cu.usbmodem1",
      "PORT_FAILED",
      "this port has no device: it was unplugged, or has no driver",
    ],
    [
      "Error: Operation not supported by device, cannot open /dev/cu.usbserial-1",
      "PORT_FAILED",
      "this port has no device: it was unplugged, or has no driver",
    ],
    ["Error: Invalid argument calling ioctl(.., IOSSIOSPEED, 3000000 )", "EINVAL", "the driver rejects this baud rate"],
    // Windows
    [
      "Opening COM3: Access denied",
      "PORT_BUSY",
      "another program uses the port, or Windows does not let this user open it",
    ],
    [
      "Open (SetCommState): The parameter is incorrect 87",
      "EINVAL",
      "the driver rejects these settings, most likely the baud rate",
    ],
    ["Opening COM9: Unknown error code 3", "PORT_NOT_FOUND", "there is no such port"],
    ["Opening COM9: File not found", "PORT_NOT_FOUND", "there is no such port"],
    ["Opening COM9: Unknown error code 2", "PORT_NOT_FOUND", "there is no such port"],
    // binding-mock
    [
      "Port does not exist - please call MockBinding.createPort('/dev/x') first",
      "PORT_NOT_FOUND",
      "there is no such port",
    ],
    ["Port is locked cannot open", "PORT_BUSY", "another program uses the port"],
  ])("%s", (text, code, message) => {
    const cause = new Error(text);
    expect(portError("/dev/x", cause)).toMatchObject({ code, message: `/dev/x: ${message}`, cause });
  });

  // C25. The number, after whichever step the binding failed at.
  it.each<[number, string, string, RegExp, number]>([
    [1, "PORT_NOT_FOUND", "this is not a serial port", /^Specify another port/, 3],
    [2, "PORT_NOT_FOUND", "there is no such port", /name of the port/, 3],
    [5, "PORT_BUSY", "another program uses the port, or Windows does not let this user open it", /^Close the other/, 4],
    [32, "PORT_BUSY", "another program uses the port", /^Close the other/, 4],
    [22, "PORT_FAILED", "its driver has lost the device", /^Unplug the bridge.* driver again\.$/, 5],
    [31, "PORT_FAILED", "its driver has lost the device", /^Unplug the bridge.* driver again\.$/, 5],
    [87, "EINVAL", "the driver rejects these settings, most likely the baud rate", /^Use a lower baud rate/, 2],
    [121, "BRIDGE_SILENT", "the device at this port does not respond to its driver", /^A Bluetooth port/, 5],
    [433, "PORT_FAILED", "its driver has lost the device", /^Unplug the bridge/, 5],
    [1167, "PORT_FAILED", "its driver has lost the device", /^Unplug the bridge/, 5],
    [1617, "PORT_FAILED", "its driver has lost the device", /^Unplug the bridge/, 5],
  ])("Windows with error %i: %s, %s", (number, code, message, hint, exitCode) => {
    for (const step of ["Opening COM7", "Open (GetCommState)"]) {
      const error = portError("COM7", new Error(`${step}: Unknown error code ${number}`));
      expect(error).toMatchObject({ code, message: `COM7: ${message}`, exitCode });
      expect(error.hint).toMatch(hint);
    }
  });

  it.each([
    ["Opening COM7: Invalid handle", "PORT_FAILED", "its driver has lost the device"],
    ["Writing to COM port (GetOverlappedResult): Operation aborted", "PORT_FAILED", "its driver has lost the device"],
    // A converter for less than the rate answers so; a removed one as well.
    ["Open (SetCommState): Unknown error code 31", "PORT_FAILED", "its driver failed when the baud rate was set"],
    ["SetCommState: Unknown error code 87", "EINVAL", "the driver rejects these settings, most likely the baud rate"],
  ])("Windows: %s", (text, code, message) => {
    expect(portError("COM7", new Error(text))).toMatchObject({ code, message: `COM7: ${message}` });
  });

  it("Windows with a number that means nothing for a port: the number is passed on", () => {
    expect(portError("COM7", new Error("Opening COM7: Unknown error code 4711"))).toMatchObject({
      code: "PORT_FAILED",
      message: "COM7 cannot be opened: Opening COM7: Unknown error code 4711",
    });
  });

  it.each([
    ["ENOENT", "ENOENT: no such file or directory, open '/dev/x'", "PORT_NOT_FOUND"],
    ["EACCES", "EACCES: permission denied, open '/dev/x'", "PORT_DENIED"],
    ["EBUSY", "EBUSY: resource busy or locked", "PORT_BUSY"],
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:4000", "PORT_NOT_FOUND"],
    ["ENOTFOUND", "getaddrinfo ENOTFOUND bench", "PORT_NOT_FOUND"],
    ["EHOSTUNREACH", "connect EHOSTUNREACH 10.0.0.1:4000", "PORT_NOT_FOUND"],
    ["EACCES", "", "PORT_DENIED"],
    ["EIO", "EIO: i/o error, open '/dev/x'", "PORT_FAILED"],
    ["ENXIO", "", "PORT_FAILED"],
    ["ENODEV", "", "PORT_FAILED"],
    ["ECONNRESET", "read ECONNRESET", "PORT_FAILED"],
  ])("with code %s: %s", (systemCode, text, code) => {
    expect(portError("x", systemError(systemCode, text))).toMatchObject({ code });
  });

  it("all addresses of a host refused: Node's sum of errors has a code and no text", () => {
    const each = ["::1", "127.0.0.1"].map((host) => systemError("ECONNREFUSED", `connect ECONNREFUSED ${host}:4000`));
    const cause = Object.assign(new AggregateError(each), { code: "ECONNREFUSED" });
    expect(portError("tcp://localhost:4000", cause)).toMatchObject({
      code: "PORT_NOT_FOUND",
      message: "tcp://localhost:4000: no server accepts connections there",
    });
  });

  it("an unknown error is passed on, without control characters", () => {
    expect(portError("COM\u0007", new Error("odd\u001b[31m"))).toMatchObject({
      code: "PORT_FAILED",
      message: "COM\\x07 cannot be opened: odd\\x1b[31m",
    });
    expect(portError("x", "a string")).toMatchObject({ message: "x cannot be opened: a string" });
  });

  it("a path that looks like an error changes nothing", () => {
    expect(portError("/dev/ENOENT", new Error("Error: Permission denied, cannot open /dev/ENOENT"))).toMatchObject({
      code: "PORT_DENIED",
    });
  });
});
