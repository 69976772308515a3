/** Fields of a line of a journal. It may come from another host, so every field is checked. */
import { MAX_TEXT_CHARACTERS } from "./journal-bounds.ts";

/** Where in the file, and what is wrong. */
export class JournalDamage extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** The fields of an object that came from outside; each reader returns a value of its type, or throws JournalDamage. */
export class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #line: number;

  constructor(value: unknown, line: number) {
    this.#line = line;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong("it is not a record");
    this.#fields = new Map(Object.entries(value));
  }

  wrong(why: string): JournalDamage {
    return new JournalDamage(this.#line, why);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** A whole number from 0 to `most`. */
  count(name: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#fields.get(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
    throw this.wrong(`${name} is not a number from 0 to ${most}`);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value === "string" && value.length <= MAX_TEXT_CHARACTERS) return value;
    throw this.wrong(`${name} is not text`);
  }

  /** A text of any length: data. */
  data(name: string): string {
    const value = this.#fields.get(name);
    if (typeof value !== "string") throw this.wrong(`${name} is not text`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name);
    if (typeof value !== "boolean") throw this.wrong(`${name} is neither true nor false`);
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.#fields.get(name), this.#line);
  }

  optional(name: string): Fields | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  /** What `read` makes of each entry, one after the other: nonsense ends at the first that is none. */
  list<T>(name: string, most: number, read: (fields: Fields) => T): T[] {
    return this.#listOf(name, most).map((value) => read(new Fields(value, this.#line)));
  }

  texts(name: string, most: number): string[] {
    return this.#listOf(name, most).map((value) => {
      if (typeof value === "string" && value.length <= MAX_TEXT_CHARACTERS) return value;
      throw this.wrong(`${name} contains something that is not text`);
    });
  }

  #listOf(name: string, most: number): readonly unknown[] {
    const value = this.#fields.get(name);
    if (!Array.isArray(value)) throw this.wrong(`${name} is not a list`);
    if (value.length > most) throw this.wrong(`${name} has more than ${most} entries`);
    return value as readonly unknown[];
  }
}
