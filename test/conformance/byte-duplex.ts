/** What every `ByteDuplex` keeps to, whatever carries its bytes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";
import { itUnless } from "../support/needs.ts";
import { ReceivedBytes } from "../support/received-bytes.ts";

/** A duplex and who stands at the other end of its line. */
export interface DuplexPair {
  readonly duplex: ByteDuplex;
  readonly peer: {
    send(bytes: Uint8Array): Promise<void> | void;
    /** Everything the duplex has written so far, as soon as that is `count` bytes or more. */
    received(count: number): Promise<Uint8Array>;
    /** Gone without a word: cable pulled, process killed. */
    vanish(): Promise<void> | void;
  };
  /** Clears away what the pair was made of; the duplex may be closed already. */
  close(): Promise<void>;
}

export interface DuplexTraits {
  /** Bytes are handed on in whole units of so many; a rest waits for more. 1 if left out. */
  readonly unitBytes?: number;
}

const MIB = 2 ** 20;

function pattern(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}

/** Reads on in the background; says when the stream has ended. */
function reader(duplex: ByteDuplex): { received: ReceivedBytes; ended: Promise<void>; sizes: number[] } {
  const received = new ReceivedBytes();
  const sizes: number[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of duplex.incoming) {
      sizes.push(chunk.length);
      received.push(chunk);
    }
  };
  return { received, ended: read(), sizes };
}

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return error;
  }
}

export function byteDuplexConformance(
  name: string,
  makePair: () => Promise<DuplexPair>,
  traits: DuplexTraits = {},
): void {
  const unit = traits.unitBytes ?? 1;

  describe(`${name} as a duplex`, () => {
    let pair: DuplexPair;
    const rejections: unknown[] = [];
    const warnings: string[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    const onWarning = (warning: Error): void => void warnings.push(warning.message);

    beforeEach(async () => {
      rejections.length = warnings.length = 0;
      process.on("unhandledRejection", onRejection);
      process.on("warning", onWarning);
      pair = await makePair();
    });

    afterEach(async () => {
      await pair.duplex.close();
      await pair.close();
      await new Promise((resolve) => setImmediate(resolve));
      process.off("unhandledRejection", onRejection);
      process.off("warning", onWarning);
      expect(rejections).toEqual([]);
      expect(warnings).toEqual([]);
    });

    it("has a name and a line rate of a whole number", () => {
      expect(pair.duplex.name).toMatch(/^\S+$/);
      expect(Number.isSafeInteger(pair.duplex.baudRate)).toBe(true);
      expect(pair.duplex.baudRate).toBeGreaterThanOrEqual(0);
    });

    it.each([1, 2, 3, 4, 5, 7, 64, 1000])("brings bytes in order when they come cut to %d", async (size) => {
      const { received, sizes } = reader(pair.duplex);
      const bytes = pattern(size < 8 ? 240 : 8000);
      for (let at = 0; at < bytes.length; at += size) await pair.peer.send(bytes.subarray(at, at + size));
      expect(Buffer.compare(await received.atLeast(bytes.length), bytes)).toBe(0);
      expect(sizes).not.toContain(0);
    });

    it.each([1, 3, 368, 5000])("carries writes of %d bytes in order", async (size) => {
      const bytes = pattern(size * 24);
      const writes = Array.from({ length: 24 }, (_, i) => pair.duplex.write(bytes.subarray(i * size, (i + 1) * size)));
      await Promise.all(writes);
      expect(Buffer.compare(await pair.peer.received(bytes.length), bytes)).toBe(0);
    });

    it("carries a MiB out", async () => {
      const bytes = pattern(MIB);
      const arrived = pair.peer.received(MIB);
      await pair.duplex.write(bytes);
      expect(Buffer.compare(await arrived, bytes)).toBe(0);
    });

    it("brings a MiB in", async () => {
      const { received, sizes } = reader(pair.duplex);
      const bytes = pattern(MIB);
      await pair.peer.send(bytes);
      expect(Buffer.compare(await received.atLeast(MIB), bytes)).toBe(0);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(MIB);
    });

    it("keeps what arrived before the first read", async () => {
      const bytes = pattern(64 * unit);
      await pair.peer.send(bytes);
      await pair.duplex.write(Uint8Array.of(1, 2, 3, 4));
      await pair.peer.received(4);
      expect(await reader(pair.duplex).received.atLeast(bytes.length)).toEqual(bytes);
    });

    it("both ways at once", async () => {
      const { received } = reader(pair.duplex);
      const bytes = pattern(100_000);
      const [out, back] = await Promise.all([
        pair.peer.received(bytes.length),
        received.atLeast(bytes.length),
        pair.peer.send(bytes),
        pair.duplex.write(bytes),
      ]);
      expect(Buffer.compare(out, bytes)).toBe(0);
      expect(Buffer.compare(back, bytes)).toBe(0);
    });

    itUnless(unit === 1 ? "its units are single bytes" : undefined)(`holds a part of ${unit} bytes back`, async () => {
      const { received, sizes } = reader(pair.duplex);
      const bytes = pattern(4 * unit);
      const odd = 2 * unit + 1;
      await pair.peer.send(bytes.subarray(0, odd));
      expect(await received.atLeast(2 * unit)).toEqual(bytes.subarray(0, 2 * unit));
      await pair.peer.send(bytes.subarray(odd));
      expect(await received.atLeast(4 * unit)).toEqual(bytes);
      expect(sizes.every((size) => size % unit === 0)).toBe(true);
    });

    it("ends when the peer vanishes, after what came before", async () => {
      const { received, ended } = reader(pair.duplex);
      await pair.peer.send(pattern(32));
      await received.atLeast(32);
      await pair.peer.vanish();
      await ended;
      expect((await received.atLeast(0)).length).toBe(32);
    });

    it("refuses a write once the peer is gone, and closes all the same", async () => {
      const { ended } = reader(pair.duplex);
      await pair.peer.vanish();
      await ended;
      // A socket may take one write before the system reports that the peer has gone.
      let last = await outcome(pair.duplex.write(pattern(8)));
      for (let i = 0; i < 50 && last === "resolved"; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        last = await outcome(pair.duplex.write(pattern(8)));
      }
      expect(last).toMatchObject({ code: "ESHUTDOWN" });
      await pair.duplex.close();
    });

    it("settles a write that is under way when the peer vanishes", async () => {
      const writing = outcome(pair.duplex.write(pattern(8 * MIB)));
      await pair.peer.vanish();
      const result = await writing;
      if (result !== "resolved") expect(result).toMatchObject({ code: "ESHUTDOWN" });
    });

    it("close ends the stream, twice is as good as once", async () => {
      const { ended } = reader(pair.duplex);
      await Promise.all([pair.duplex.close(), pair.duplex.close()]);
      await pair.duplex.close();
      await ended;
    });

    it("refuses a write after close, at once and with a sentence", async () => {
      await pair.duplex.close();
      const refused = await outcome(pair.duplex.write(Uint8Array.of(1)));
      expect(refused).toMatchObject({ name: "NorbridgeError", code: "ESHUTDOWN" });
      expect(String(refused)).toContain(pair.duplex.name);
      expect(await pair.duplex.setBaudRate(115_200)).toBe(false);
    });

    it("closes while a write is under way", async () => {
      const writing = outcome(pair.duplex.write(pattern(8 * MIB)));
      await pair.duplex.close();
      const result = await writing;
      if (result !== "resolved") expect(result).toMatchObject({ code: "ESHUTDOWN" });
    });
  });
}
