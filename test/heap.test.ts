/** The heap against a sorted list. */
import { expect, it } from "vitest";
import { Heap } from "../src/heap.ts";
import { createRandom } from "../src/sim/random.ts";

it.each([1, 2, 3, 4])("answers what a sorted list would, adding and dropping in any order (seed %d)", (seed) => {
  const random = createRandom(`heap ${seed}`);
  const heap = new Heap<{ readonly order: number }>((a, b) => a.order < b.order);
  let model: number[] = [];
  for (let step = 0; step < 2000; step++) {
    if (random.intBelow(5) < (step < 1000 ? 3 : 2)) {
      const order = random.intBelow(500);
      heap.add({ order });
      model = [...model, order].toSorted((a, b) => a - b);
    } else {
      heap.dropFirst();
      model = model.slice(1);
    }
    expect(heap.first?.order).toBe(model[0]);
  }
});
