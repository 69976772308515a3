/** Deadlines that move: each is reported at its time, whatever was asked before, and the end leaves nothing running. */
import { expect, it } from "vitest";
import { DeadlineTimer } from "../../src/bridge/deadline-timer.ts";
import { createRandom } from "../../src/sim/random.ts";
import { createVirtualClock, type VirtualClock } from "../../src/sim/virtual-clock.ts";

interface World {
  readonly clock: VirtualClock;
  readonly timer: DeadlineTimer;
  /** When it was due, microseconds. */
  readonly dueUs: number[];
  /** Timers that run. */
  readonly running: () => number;
}

function world(): World {
  const clock = createVirtualClock();
  const dueUs: number[] = [];
  let running = 0;
  const timer = new DeadlineTimer({
    clock,
    wait: async (durationUs, signal) => {
      running++;
      await clock.wait(durationUs, signal);
      running--;
    },
    onDue: () => {
      dueUs.push(clock.nowUs());
      timer.set(Number.POSITIVE_INFINITY);
    },
  });
  return { clock, timer, dueUs, running: () => running };
}

it.each([[[500]], [[500, 200]], [[200, 500]], [[900, 800, 700, 600, 500, 400, 300, 250, 220, 210, 205, 201]]])(
  "of deadlines %j the last counts",
  async (deadlines) => {
    const { clock, timer, dueUs } = world();
    await clock.run(async () => {
      for (const deadline of deadlines) {
        timer.set(deadline);
        timer.update();
      }
      await clock.wait(2000);
    });
    expect(dueUs).toEqual([deadlines.at(-1)]);
  },
);

it("reports nothing without a deadline, and a later one in time", async () => {
  const { clock, timer, dueUs } = world();
  await clock.run(async () => {
    timer.set(300);
    timer.update();
    timer.set(Number.POSITIVE_INFINITY);
    timer.update();
    await clock.wait(1000);
    timer.set(1500);
    timer.update();
    await clock.wait(1000);
  });
  expect(dueUs).toEqual([1500]);
});

it("leaves nothing running at the end, and reports nothing after it", async () => {
  const { clock, timer, dueUs, running } = world();
  await clock.run(async () => {
    for (let deadline = 2000; deadline > 500; deadline -= 100) {
      timer.set(deadline);
      timer.update();
      await clock.wait(1);
      expect(running()).toBeLessThanOrEqual(8);
    }
    timer.end();
    await clock.wait(1);
    expect(running()).toBe(0);
    timer.set(600);
    timer.update();
    await clock.wait(2000);
  });
  expect(dueUs).toEqual([]);
});

it("is due at the time of the deadline, however deadlines move", async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = createRandom(seed);
    const { clock, timer, dueUs } = world();
    const expected: number[] = [];
    await clock.run(async () => {
      let deadlineUs = Number.POSITIVE_INFINITY;
      for (let step = 0; step < 60; step++) {
        deadlineUs = random.intBelow(8) === 0 ? Number.POSITIVE_INFINITY : clock.nowUs() + 1 + random.intBelow(400);
        timer.set(deadlineUs);
        timer.update();
        const untilUs = clock.nowUs() + 1 + random.intBelow(200);
        if (deadlineUs < untilUs) expected.push(deadlineUs);
        // Not at the time of the deadline itself: which of two comes first is not what is tested.
        await clock.wait((untilUs === deadlineUs ? untilUs + 1 : untilUs) - clock.nowUs());
        if (deadlineUs === untilUs) expected.push(deadlineUs);
      }
    });
    expect(dueUs, `seed ${seed}`).toEqual(expected);
  }
});
