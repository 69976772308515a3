/** Reads the fields of a line of JSON: the type of each is checked, since a file may come from another program or a bad disk. */

/** Thrown for a line that is not what it should be; the message is the middle of a sentence. */
export class LineFault extends Error {}

/** An object of a line. */
export class LineFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  /** Throws LineFault if it is not an object. */
  constructor(value: unknown, what = "it") {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new LineFault(`${what} is not an object`);
    this.#fields = new Map(Object.entries(value));
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value !== "string") throw new LineFault(`"${name}" is not text`);
    return value;
  }

  /** A whole number from 0 on. */
  count(name: string): number {
    const value = this.#fields.get(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw new LineFault(`"${name}" is not a whole number`);
    }
    return value;
  }

  object(name: string): LineFields {
    return new LineFields(this.#fields.get(name), `"${name}"`);
  }

  list<T>(name: string, read: (one: LineFields) => T): readonly T[] {
    return this.#listOf(name).map((one) => read(new LineFields(one, `an entry of "${name}"`)));
  }

  texts(name: string): readonly string[] {
    return this.#listOf(name).map((one) => {
      if (typeof one !== "string") throw new LineFault(`"${name}" holds something else than text`);
      return one;
    });
  }

  #listOf(name: string): readonly unknown[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw new LineFault(`"${name}" is not a list`);
    return value;
  }
}
