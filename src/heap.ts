/** A heap: of many items, the first in an order that is known at once; adding one and taking the first costs log(n). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  /** `isBefore` is a strict order; of two that are before each other in neither way, either may come first. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /** The item that comes before all others; undefined if there is none. */
  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  /** Takes the first away; nothing if there is none. */
  dropFirst(): void {
    const items = this.#items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = items[2 * at + 1];
      const right = items[2 * at + 2];
      if (left === undefined) break;
      const useRight = right !== undefined && this.#isBefore(right, left);
      const child = useRight ? right : left;
      if (!this.#isBefore(child, last)) break;
      items[at] = child;
      at = 2 * at + (useRight ? 2 : 1);
    }
    items[at] = last;
  }
}
