/** The numbered events of a station: a reader gets each change once, or the whole state. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { EventFeed } from "../../src/station-server/event-feed.ts";

/** A feed of numbers; the state is the last one. */
function countingFeed(mostKept: number, epoch = "0000abcd"): { feed: EventFeed<number, number>; add: () => void } {
  let last = 0;
  const feed = new EventFeed<number, number>({ epoch, state: () => last, mostKept });
  return {
    feed,
    add: () => {
      last++;
      feed.add(last);
    },
  };
}

it("a reader that comes and goes has the state of the station after each batch", () => {
  const steps = fc.array(fc.oneof(fc.constant("add"), fc.constant("read"), fc.constant("come again")), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), steps, (mostKept, actions) => {
      const { feed, add } = countingFeed(mostKept);
      let added = 0;
      let seen = 0;
      let cursor: number | undefined;
      let id: string | undefined;
      for (const action of actions) {
        if (action === "add") {
          add();
          added++;
          continue;
        }
        // A page that connects again knows the ID of what it saw last, and nothing else.
        if (action === "come again") cursor = feed.cursorOf(id);
        const batch = feed.take(cursor);
        ({ cursor } = batch);
        if (batch.state !== undefined) seen = batch.state;
        for (const { event } of batch.events) {
          expect(event).toBe(seen + 1);
          seen = event;
        }
        id = batch.events.at(-1)?.id ?? (batch.state === undefined ? id : feed.idBefore(cursor));
        expect(seen).toBe(added);
      }
    }),
  );
});

it("starts anew for an ID of an earlier start of the program, of the future, and for nonsense", () => {
  const { feed, add } = countingFeed(10);
  add();
  expect(feed.cursorOf("0000abcd-1")).toBe(2);
  for (const id of [undefined, "", "0000abcd-2", "0000abce-1", "0000abcd--1", "0000abcd-1e3", "x".repeat(500)]) {
    expect(feed.cursorOf(id), id).toBeUndefined();
  }
});

it("wakes a reader once, and at once if there is something already", () => {
  const { feed, add } = countingFeed(10);
  let woken = 0;
  const { cursor } = feed.take(undefined);
  feed.whenMore(cursor, () => woken++);
  const forget = feed.whenMore(cursor, () => (woken += 100));
  forget();
  add();
  add();
  expect(woken).toBe(1);
  feed.whenMore(cursor, () => woken++);
  expect(woken).toBe(2);
});
