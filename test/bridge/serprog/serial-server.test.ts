/**
 * An unknown bridge on a serial server (ser2net, esp-link): the port is TCP, and after it is a UART that flips
 * bits. What TCP reports of itself decides how carefully the bridge is read; then no read is silently wrong.
 */
import { Socket } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { NorbridgeError } from "../../../src/errors.ts";
import { readFlash } from "../../../src/jobs/read-flash.ts";
import { SERPROG_PROFILES, type SerprogProfile } from "../../../src/sim/serprog/serprog-profile.ts";
import { TcpDuplex } from "../../../src/transport/tcp.ts";
import { effort, sayCount } from "../../support/effort.ts";
import { pattern, serprogWorld, type SerprogWorld } from "./serprog-world.ts";

const CAPACITY = 512 * 1024;
const CONTENT = pattern(CAPACITY, 7);
const IMAGE = pattern(20_000, 11);
const AT = 0x1234;
const LONG = { timeout: 120_000 };

/** What a TCP port says by itself. */
const TCP_IS_CHECKED = new TcpDuplex(new Socket(), "tcp://127.0.0.1:1").isChecked;
/** Everything the protocol has, and a name that no table holds. */
const STRANGER: SerprogProfile = { ...SERPROG_PROFILES["norbridge-sim"], programmerName: "somebody's" };

function behindServer(seed: number, flip: number, isChecked: boolean): SerprogWorld {
  const settings = { bridge: "norbridge-sim", seed: String(seed) };
  const world = serprogWorld({ settings, profile: STRANGER, isChecked, faults: { up: { flip }, down: { flip } } });
  world.sim.chip.load(0, CONTENT);
  return world;
}

/** "right", "silently wrong", or the code of the error. */
async function outcomeOf(job: () => Promise<boolean>): Promise<string> {
  try {
    return (await job()) ? "right" : "silently wrong";
  } catch (error) {
    if (!(error instanceof NorbridgeError)) throw error;
    return error.code;
  }
}

function readAll(world: SerprogWorld, fast = false): Promise<string> {
  return outcomeOf(() =>
    world.run(async (flash) => {
      const read = new Uint8Array(CAPACITY);
      const range = { address: 0, lengthBytes: CAPACITY };
      await readFlash(flash, range, (address, data) => read.set(data, address), world.context, { fast });
      return Buffer.compare(read, CONTENT) === 0;
    }),
  );
}

/** Done means that the image is there, and that nothing beside it has changed. */
function writeSome(world: SerprogWorld): Promise<string> {
  const expected = CONTENT.slice();
  expected.set(IMAGE, AT);
  return outcomeOf(async () => {
    await world.run((flash) => world.write(flash, AT, IMAGE));
    return Buffer.compare(world.sim.chip.peek(0, CAPACITY), expected) === 0;
  });
}

const outcomes = new Map<string, Record<string, number>>();
function note(what: string, outcome: string): void {
  const counts = outcomes.get(what) ?? {};
  outcomes.set(what, { ...counts, [outcome]: (counts[outcome] ?? 0) + 1 });
}
afterAll(() => {
  for (const [what, counts] of outcomes) sayCount(`behind a serial server, ${what}: ${JSON.stringify(counts)}`);
});

const RATES = [2e-6, 1e-5, 1e-4] as const;
const SEEDS = Array.from({ length: effort(2, 24) }, (_, index) => index + 1);

describe("an unknown bridge on tcp://", () => {
  it.each(RATES)("bits flipped at %d: no full read is silently wrong", LONG, async (flip) => {
    for (const seed of SEEDS) {
      const outcome = await readAll(behindServer(seed, flip, TCP_IS_CHECKED));
      expect(outcome, `seed ${seed}`).not.toBe("silently wrong");
      note(`read, flips ${flip}`, outcome);
    }
  });

  it.each(RATES)("bits flipped at %d: a write that says done is right, and its neighbours are", LONG, async (flip) => {
    for (const seed of SEEDS) {
      const outcome = await writeSome(behindServer(seed, flip, TCP_IS_CHECKED));
      expect(outcome, `seed ${seed}`).not.toBe("silently wrong");
      note(`write, flips ${flip}`, outcome);
    }
  });

  it(
    "the same line, taken for checked, is read wrongly if nothing is compared: the searches above see what they look for",
    LONG,
    async () => {
      const reads = [];
      for (const seed of SEEDS) reads.push(await readAll(behindServer(seed, 2e-6, true), true));
      expect(reads).toContain("silently wrong");
    },
  );
});
