/** A station for tests of the server: a number that counts, commands that are written down. */
import type { StationCommand } from "../../src/station/commands.ts";
import type { RecordQuestion, StationFace } from "../../src/station-server/face.ts";

export class FakeStation implements StationFace {
  count = 0;
  readonly commands: StationCommand[] = [];
  /** What the next command is refused with. */
  refusal: string | undefined;
  readonly #listeners = new Set<(event: unknown) => void>();

  /** One event: the count goes up. */
  happen(): void {
    this.count++;
    for (const listener of this.#listeners) listener({ kind: "counted", count: this.count });
  }

  state(): unknown {
    return { count: this.count };
  }

  subscribe(listener: (event: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  command(command: StationCommand): Promise<string | undefined> {
    this.commands.push(command);
    return Promise.resolve(this.refusal);
  }

  records(question: RecordQuestion): Promise<unknown> {
    return Promise.resolve(question.kind === "units" && question.serial === "none" ? undefined : { asked: question });
  }
}
