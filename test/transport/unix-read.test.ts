/** Reading a port on Unix: a hang-up, an error and a close of our own are three different ends. */
import { closeSync, constants, openSync } from "node:fs";
import { expect, it } from "vitest";
import { describeUnless, itUnless, missing } from "../support/needs.ts";
import { makePty, ptyMissing } from "../support/pty.ts";
import { readUntilHangUp, type UnixPort } from "../../src/transport/unix-read.ts";
import { rejectionOf } from "../support/thrown.ts";

/** A port on any file; `/dev/null` answers 0 bytes to every read, as a terminal does that has hung up. */
function portOn(fd: number | null, poller: UnixPort["poller"]): UnixPort {
  const port: UnixPort = { fd, poller, read: () => Promise.reject(new Error("the binding's own read")) };
  readUntilHangUp(port);
  return port;
}

const noPoller: UnixPort["poller"] = {
  once: () => {
    throw new Error("there should be no wait");
  },
};

describeUnless(missing.unixReads)("reading a port", () => {
  it("gives what is there", async () => {
    const fd = openSync(import.meta.filename, "r");
    const buffer = Buffer.alloc(8);
    expect(await portOn(fd, noPoller).read(buffer, 2, 6)).toEqual({ buffer, bytesRead: 6 });
    // The first characters of this file.
    expect(buffer.toString("latin1")).toBe("\0\0/** Re");
    closeSync(fd);
  });

  it("that hung up ends, and does not go round in circles", async () => {
    const fd = openSync("/dev/null", "r");
    const error = await rejectionOf(portOn(fd, noPoller).read(Buffer.alloc(8), 0, 8));
    expect(error).toMatchObject({ message: "the port hung up", disconnect: true });
    closeSync(fd);
  });

  it("that fails is gone", async () => {
    const error = await rejectionOf(portOn(999_999, noPoller).read(Buffer.alloc(8), 0, 8));
    expect(error).toMatchObject({ code: "EBADF", disconnect: true });
  });

  itUnless(ptyMissing)(
    "that is closed while nothing has come yet leaves the poller alone, which is gone by then",
    async () => {
      const { path, peer } = await makePty();
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      const port = portOn(fd, noPoller);
      const reading = rejectionOf(port.read(Buffer.alloc(8), 0, 8));
      port.fd = null;
      expect(await reading).toMatchObject({ canceled: true });
      closeSync(fd);
      await peer.vanish();
    },
  );

  it("that was closed here is no unplug", async () => {
    const error = await rejectionOf(portOn(null, noPoller).read(Buffer.alloc(8), 0, 8));
    expect(error).toMatchObject({ canceled: true });
    expect(error).not.toHaveProperty("disconnect");
  });
});
