/** A serial port: opening, line rate, closing and modem lines, also with a driver that never answers. */
import { SerialPortMock } from "serialport";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openMockSerial, openSerial } from "../../src/transport/serial.ts";
import { openAny } from "../../src/transport/serial-duplex.ts";
import { byteDuplexConformance } from "../conformance/byte-duplex.ts";
import { describeUnless, itUnless, missing } from "../support/needs.ts";
import { makePty, ptyMissing } from "../support/pty.ts";
import { ReceivedBytes } from "../support/received-bytes.ts";

const { binding } = SerialPortMock;
const path = "/dev/ttyMOCK0";

/** What is used of a port of the mock binding; it has no hook for writes and none for an unplug. */
type MockPort = Awaited<ReturnType<typeof binding.open>>;

/** Opens the mock path and hands out the port under the stream. */
async function openMock(): Promise<{ duplex: Awaited<ReturnType<typeof openMockSerial>>; port: MockPort }> {
  binding.createPort(path);
  const opened = vi.spyOn(binding, "open");
  const duplex = await openMockSerial(path, 115_200);
  const port = await (opened.mock.results[0]!.value as Promise<MockPort>);
  opened.mockRestore();
  return { duplex, port };
}

/** As the native binding does it: the read under way fails, and so does every write. */
async function pullCable(port: MockPort): Promise<void> {
  const gone = (): Error => Object.assign(new Error("the cable was pulled"), { disconnect: true });
  port.write = () => Promise.reject(gone());
  // A read comes again soon after the one before; there is none while its bytes are handed on.
  for (;;) {
    const pending: unknown = Reflect.get(port, "pendingRead");
    Reflect.set(port, "pendingRead", null);
    if (typeof pending === "function") return void Reflect.apply(pending, port, [gone()]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

afterEach(() => binding.reset());

byteDuplexConformance(
  "serial port of the mock binding",
  async () => {
    const { duplex, port } = await openMock();
    const received = new ReceivedBytes();
    const write = port.write.bind(port);
    port.write = async (bytes) => {
      await write(bytes);
      received.push(bytes);
    };
    return {
      duplex,
      peer: {
        send: (bytes) => port.emitData(Buffer.from(bytes)),
        received: (count) => received.atLeast(count),
        vanish: () => pullCable(port),
      },
      close: () => Promise.resolve(),
    };
  },
  { unitBytes: 4 },
);

describeUnless(ptyMissing)("native binding", () => {
  byteDuplexConformance(
    "serial port of a pseudo terminal",
    async () => {
      const pty = await makePty();
      return { duplex: await openSerial(pty.path, 115_200), peer: pty.peer, close: () => pty.peer.vanish() };
    },
    { unitBytes: 4 },
  );

  itUnless(missing.exclusivePorts)("a port that is open is busy for the next one", async () => {
    const pty = await makePty();
    const first = await openSerial(pty.path, 115_200);
    await expect(openSerial(pty.path, 115_200)).rejects.toMatchObject({
      code: "PORT_BUSY",
      message: `${pty.path}: another program uses the port`,
    });
    await first.close();
    await (await openSerial(pty.path, 115_200)).close();
    await pty.peer.vanish();
  });
});

describe("opening a serial port", () => {
  it.each(["/dev/norbridge-no-such-port", "/dev"])("%s is no port", async (name) => {
    await expect(openSerial(name, 115_200)).rejects.toMatchObject({ code: "PORT_NOT_FOUND" });
  });

  itUnless(missing.specialFiles)("a file that is no terminal is no port", async () => {
    await expect(openSerial("/dev/null", 115_200)).rejects.toMatchObject({
      code: "PORT_NOT_FOUND",
      message: "/dev/null: this is not a serial port",
    });
  });

  it("a mock path that does not exist is not a port", async () => {
    await expect(openMockSerial("/dev/ttyMOCK9", 115_200)).rejects.toMatchObject({ code: "PORT_NOT_FOUND" });
  });

  it("a mock path that is open is busy", async () => {
    const { duplex } = await openMock();
    await expect(openMockSerial(path, 115_200)).rejects.toMatchObject({ code: "PORT_BUSY" });
    await duplex.close();
  });
});

describe("line rate", () => {
  it("is changed in the port, and read from there", async () => {
    const { duplex, port } = await openMock();
    const update = vi.spyOn(port, "update");
    expect(duplex.baudRate).toBe(115_200);
    expect(await duplex.setBaudRate(2_000_000)).toBe(true);
    expect(update.mock.calls[0]?.[0]).toMatchObject({ baudRate: 2_000_000 });
    expect(duplex.baudRate).toBe(2_000_000);
    await duplex.close();
  });

  it("stays when the driver refuses", async () => {
    const { duplex, port } = await openMock();
    vi.spyOn(port, "update").mockRejectedValue(new Error("Inappropriate ioctl for device"));
    expect(await duplex.setBaudRate(2_000_000)).toBe(false);
    await duplex.close();
  });

  it("is given up when the driver never says that all has left", async () => {
    const { duplex, port } = await openMock();
    vi.spyOn(port, "drain").mockReturnValue(new Promise(() => undefined));
    expect(await duplex.setBaudRate(2_000_000)).toBe(false);
    await duplex.close();
  });

  it("is given up when the port closes meanwhile", async () => {
    const { duplex, port } = await openMock();
    vi.spyOn(port, "drain").mockReturnValue(new Promise(() => undefined));
    const setting = duplex.setBaudRate(2_000_000);
    await duplex.close();
    expect(await setting).toBe(false);
  });
});

describe("closing", () => {
  it("ends although the driver never answers", async () => {
    const { duplex, port } = await openMock();
    vi.spyOn(port, "close").mockReturnValue(new Promise(() => undefined));
    await duplex.close();
    await expect(duplex.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "ESHUTDOWN" });
  });
});

describe("on Windows", () => {
  /** Opens the mock path as another system does, and notes in which order the port under it is called. */
  async function openAs(platform: "windows" | "linux", isConverter: boolean): Promise<string[]> {
    binding.createPort(path, { echo: true });
    const calls: string[] = [];
    const spy = vi.spyOn(binding, "open").mockImplementation(async (options) => {
      spy.mockRestore();
      calls.push("open");
      const port = await binding.open(options);
      const set = port.set.bind(port);
      const read = port.read.bind(port);
      const write = port.write.bind(port);
      port.set = (flags) => {
        calls.push(`set dtr ${String(flags.dtr)} rts ${String(flags.rts)}`);
        return set(flags);
      };
      port.read = (...words) => {
        if (calls.at(-1) !== "read") calls.push("read");
        return read(...words);
      };
      port.write = (bytes) => {
        calls.push("write");
        return write(bytes);
      };
      return port;
    });
    const makePort = (): SerialPortMock => new SerialPortMock({ path, baudRate: 115_200, autoOpen: false });
    const duplex = await openAny(makePort, path, { isChecked: true, isConverter, platform });
    await duplex.write(Uint8Array.of(1, 2, 3, 4));
    await duplex.close();
    return calls.filter((call) => call !== "read");
  }

  it("a board with USB of its own hears by DTR that a program listens, before anything is sent; RTS stays low", async () => {
    expect(await openAs("windows", false)).toEqual(["open", "set dtr true rts false", "write"]);
  });

  it("behind a converter DTR is a wire that resets an Arduino: it stays as it is", async () => {
    expect(await openAs("windows", true)).toEqual(["open", "write"]);
  });

  it("elsewhere the system raises it by opening the port", async () => {
    expect(await openAs("linux", false)).toEqual(["open", "write"]);
  });

  it("a driver without modem lines is a port all the same", async () => {
    binding.createPort(path);
    const spy = vi.spyOn(binding, "open").mockImplementation(async (options) => {
      spy.mockRestore();
      const port = await binding.open(options);
      port.set = () => Promise.reject(new Error("Inappropriate ioctl for device"));
      return port;
    });
    const makePort = (): SerialPortMock => new SerialPortMock({ path, baudRate: 115_200, autoOpen: false });
    const duplex = await openAny(makePort, path, { isChecked: true, isConverter: false, platform: "windows" });
    expect(duplex.baudRate).toBe(115_200);
    await duplex.close();
  });

  it("an empty read is not the end of the port", async () => {
    binding.createPort(path);
    let port: MockPort | undefined;
    const spy = vi.spyOn(binding, "open").mockImplementation(async (options) => {
      spy.mockRestore();
      port = await binding.open(options);
      const read = port.read.bind(port);
      let reads = 0;
      port.read = (buffer, offset, length) =>
        reads++ % 2 === 0 ? Promise.resolve({ buffer, bytesRead: 0 }) : read(buffer, offset, length);
      return port;
    });
    const makePort = (): SerialPortMock => new SerialPortMock({ path, baudRate: 115_200, autoOpen: false });
    const duplex = await openAny(makePort, path, { isChecked: true, isConverter: false, platform: "windows" });
    for (const word of ["first", "later"]) port!.emitData(Buffer.from(`${word}   `));
    const chunks: string[] = [];
    for await (const chunk of duplex.incoming) {
      chunks.push(Buffer.from(chunk).toString());
      if (chunks.join("").includes("later   ")) break;
    }
    expect(chunks.join("")).toBe("first   later   ");
    await duplex.close();
  });
});

it("a stream that ends is a port that is lost, and not one that is silent for ever", async () => {
  const { duplex, port } = await openMock();
  const read = vi.spyOn(port, "read").mockImplementation((buffer) => Promise.resolve({ buffer, bytesRead: 0 }));
  port.emitData(Buffer.from("abcd"));
  for await (const chunk of duplex.incoming) expect(Buffer.from(chunk).toString()).toBe("abcd");
  expect(read).toHaveBeenCalled();
  await expect(duplex.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "ESHUTDOWN" });
  await duplex.close();
});
