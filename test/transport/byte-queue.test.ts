/** Chunks from a port that arrive before they are requested are joined, and none is lost. */
import { describe, expect, it } from "vitest";
import { ByteQueue } from "../../src/transport/byte-queue.ts";

async function rest(queue: ByteQueue): Promise<number[][]> {
  const chunks: number[][] = [];
  for await (const chunk of queue) chunks.push([...chunk]);
  return chunks;
}

describe("chunks that arrive before they are requested", () => {
  it("come as one, so that a port that cuts fine costs one turn and not thousands", async () => {
    const queue = new ByteQueue();
    for (let i = 0; i < 5; i++) queue.push(Uint8Array.of(i, i + 1));
    queue.end();
    expect(await rest(queue)).toEqual([[0, 1, 1, 2, 2, 3, 3, 4, 4, 5]]);
  });

  it("nothing is lost of hundreds of thousands", async () => {
    const queue = new ByteQueue();
    for (let i = 0; i < 300_000; i++) queue.push(Uint8Array.of(i, i >> 8, i >> 16, 0));
    queue.end();
    const chunks = await rest(queue);
    const all = Buffer.from(chunks.flat());
    expect(all.length).toBe(1_200_000);
    for (let i = 0; i < 300_000; i += 997) expect(all.readUInt32LE(4 * i)).toBe(i);
  });
});

describe("a queue", () => {
  it("passes on what arrives while the reader waits, and ends", async () => {
    const queue = new ByteQueue();
    const chunks = rest(queue);
    queue.push(Uint8Array.of(1));
    await Promise.resolve();
    queue.push(Uint8Array.of(2));
    queue.end();
    expect((await chunks).flat()).toEqual([1, 2]);
  });

  it("takes nothing after its end, and no empty chunk", async () => {
    const queue = new ByteQueue();
    queue.push(new Uint8Array(0));
    queue.push(Uint8Array.of(7));
    queue.end();
    queue.push(Uint8Array.of(8));
    expect(await rest(queue)).toEqual([[7]]);
  });
});
