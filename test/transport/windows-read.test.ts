/** Reading a port on Windows, where an empty read is no end of the port. */
import { expect, it } from "vitest";
import { readPastEmpty, type WindowsPort } from "../../src/transport/windows-read.ts";

/** A port whose reads bring this many bytes each; "closed" closes it meanwhile. */
function portWith(...reads: (number | "closed" | Error)[]): {
  port: WindowsPort;
  waits: number[];
  asked: () => number;
} {
  let asked = 0;
  let isOpen = true;
  const port: WindowsPort = {
    get isOpen() {
      return isOpen;
    },
    read(buffer) {
      const next = reads[asked++];
      if (next instanceof Error) return Promise.reject(next);
      if (next === "closed") isOpen = false;
      return Promise.resolve({ buffer, bytesRead: typeof next === "number" ? next : 0 });
    },
  };
  const waits: number[] = [];
  readPastEmpty(port, (durationUs) => {
    waits.push(durationUs);
    return Promise.resolve();
  });
  return { port, waits, asked: () => asked };
}

const buffer = Buffer.alloc(8);

it("bytes are handed on at once", async () => {
  const { port, asked } = portWith(3);
  expect(await port.read(buffer, 0, 8)).toEqual({ buffer, bytesRead: 3 });
  expect(asked()).toBe(1);
});

it("an empty read is repeated, and one in a row of many waits", async () => {
  const few = portWith(0, 0, 5);
  expect(await few.port.read(buffer, 0, 8)).toMatchObject({ bytesRead: 5 });
  expect(few.waits).toEqual([]);
  const many = portWith(...Array.from({ length: 15 }, () => 0), 1);
  expect(await many.port.read(buffer, 0, 8)).toMatchObject({ bytesRead: 1 });
  expect(many.waits).toEqual([10_000, 10_000, 10_000, 10_000, 10_000]);
  // The next read counts again.
  const again = portWith(...Array.from({ length: 9 }, () => 0), 1, ...Array.from({ length: 9 }, () => 0), 1);
  await again.port.read(buffer, 0, 8);
  await again.port.read(buffer, 0, 8);
  expect(again.waits).toEqual([]);
});

it("a port that was closed meanwhile is no unplugged one", async () => {
  const { port } = portWith(0, "closed", 0);
  await expect(port.read(buffer, 0, 8)).rejects.toMatchObject({ canceled: true });
});

it("an error is passed on", async () => {
  const error = new Error("Reading from COM port (ReadIOCompletion): Unknown error code 31");
  await expect(portWith(0, error).port.read(buffer, 0, 8)).rejects.toBe(error);
});
