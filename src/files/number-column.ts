/** A growing row of numbers outside of the heap: the garbage collector does not go through millions of them. */

const FIRST_LENGTH = 1024;

export class NumberColumn {
  #values = new Float64Array(FIRST_LENGTH);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length++] = value;
  }

  /** Adds to the last number. The row is not empty. */
  addToLast(value: number): void {
    const last = this.#length - 1;
    this.#values[last] = (this.#values[last] ?? 0) + value;
  }

  /** All numbers so far: a view, valid until the next `push`. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }
}
