/** Results that the simulated bridge writes piece by piece are the bytes that the codec writes at once. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeResult } from "../../../firmware-protocol/result.ts";
import { ResultBuffer } from "../../../src/sim/bridge/result-buffer.ts";
import { ResultWriter } from "../../../src/sim/bridge/result-writer.ts";

it("writes in pieces what the codec writes at once, and never more than it asked room for", () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 300 })), { maxLength: 20 });
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 100 }), (parts, pieceBytes) => {
      const received = Uint8Array.from(parts.flatMap(([value, count]) => Array<number>(count).fill(value)));
      const buffer = new ResultBuffer(10_000, () => 0);
      const writer = new ResultWriter(buffer);
      writer.beginTransfer(0);
      for (let at = 0; at < received.length; at += pieceBytes) {
        const piece = received.subarray(at, at + pieceBytes);
        const free = buffer.freeBytes;
        expect(piece.length).toBeLessThanOrEqual(writer.roomForReceived);
        writer.addReceived(piece, 0);
        expect(free - buffer.freeBytes).toBeLessThanOrEqual(Math.ceil((4 * piece.length) / 3) + 6);
      }
      writer.endTransfer(0);
      expect(buffer.take(10_000, 0)?.bytes).toEqual(encodeResult({ kind: "transfer", received }));
    }),
  );
});
