/**
 * A recording played back to the host: what the bridge sent then, it sends again, when the host has sent what it sent then and
 * the time has come. In virtual time, so that waits cost nothing. The first byte that the host sends otherwise is where the
 * two part, and from there on nothing comes any more.
 */
import { formatSize, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ByteDuplex } from "../transport/byte-duplex.ts";
import type { Recording, RecordLine } from "./recording.ts";
import { createVirtualClock, type VirtualClock } from "../sim/virtual-clock.ts";

/** This many bytes of each side are shown where they part. */
const SHOWN_BYTES = 16;

export interface Replay {
  readonly clock: VirtualClock;
  /** The next port that was opened. Throws PORT_NOT_FOUND if no more were. */
  open(): ByteDuplex;
  /** The next random number that was drawn; 0 after the last. */
  random(): number;
  /** Where the host sent something else than it did then; undefined if it did not. */
  readonly divergence: string | undefined;
  /** Whether everything that was recorded has been sent. */
  readonly isOver: boolean;
}

/** Nothing of the recording is trusted but its form: it was parsed. */
export function createReplay({ lines }: Recording): Replay {
  const clock = createVirtualClock();
  const randoms = lines.flatMap((line) => (line.type === "random" ? [line.value] : []));
  const sessions = sessionsOf(lines);
  const played: ReplayedPort[] = [];
  return {
    clock,
    open() {
      const session = sessions[played.length];
      const port = session === undefined ? undefined : new ReplayedPort(clock, session);
      if (port === undefined) {
        throw new NorbridgeError("PORT_NOT_FOUND", "the recording holds no further connection", {
          operation: "open port",
          hint: "The recording ends here: the program now does something else.",
        });
      }
      played.push(port);
      return port;
    },
    random: () => randoms.shift() ?? 0,
    get divergence() {
      return played.find((port) => port.divergence !== undefined)?.divergence;
    },
    get isOver() {
      return played.length === sessions.length && played.every((port) => port.isOver);
    },
  };
}

type OpenLine = RecordLine & { readonly type: "open" };
interface RecordedSession {
  readonly open: OpenLine;
  readonly lines: readonly RecordLine[];
}

function sessionsOf(lines: readonly RecordLine[]): RecordedSession[] {
  const sessions: { open: OpenLine; lines: RecordLine[] }[] = [];
  for (const line of lines) {
    if (line.type === "open") sessions.push({ open: line, lines: [] });
    else if (line.type !== "random" && line.type !== "end") sessions.at(-1)?.lines.push(line);
  }
  return sessions;
}

class ReplayedPort implements ByteDuplex {
  readonly name: string;
  readonly isChecked: boolean;
  readonly maxBaudRate: number | undefined;
  baudRate: number;
  divergence: string | undefined;
  readonly #clock: VirtualClock;
  readonly #lines: readonly RecordLine[];
  /** Time of the recording that is now, less the clock's. */
  readonly #startUs: number;
  #next = 0;
  /** Bytes of the current line that the host has sent. */
  #said = 0;
  #sentBytes = 0;
  #isOpen = true;
  #isWaiting = false;
  readonly #heard: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  constructor(clock: VirtualClock, { open, lines }: RecordedSession) {
    this.#clock = clock;
    this.#lines = lines;
    this.name = open.name;
    this.baudRate = open.baudRate;
    this.isChecked = open.isChecked;
    this.maxBaudRate = open.maxBaudRate;
    this.#startUs = open.us - clock.nowUs();
    this.#goOn();
  }

  get isOver(): boolean {
    return this.#lines.slice(this.#next).every(({ type }) => type === "gone" || type === "close" || type === "full");
  }

  get incoming(): AsyncIterable<Uint8Array> {
    return this.#chunks();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) {
      const details = { operation: "write to port" };
      return Promise.reject(new NorbridgeError("ESHUTDOWN", `${this.name} was closed or unplugged`, details));
    }
    this.#compare(bytes);
    this.#goOn();
    return Promise.resolve();
  }

  setBaudRate(baudRate: number): Promise<boolean> {
    const line = this.#lines.slice(this.#next).find(({ type }) => type === "baud");
    const ok = line?.type === "baud" && line.ok;
    if (ok) this.baudRate = baudRate;
    this.#goOn();
    return Promise.resolve(ok);
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#wake?.();
    return Promise.resolve();
  }

  /** What the host sends now must be what it sent then, whatever pieces it comes in. */
  #compare(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.divergence === undefined) {
      const line = this.#nextUp();
      if (line === undefined) {
        this.#part(bytes.subarray(at), new Uint8Array());
        return;
      }
      const expected = line.data.subarray(this.#said);
      const said = bytes.subarray(at, at + expected.length);
      const wrong = said.findIndex((byte, index) => byte !== expected[index]);
      if (wrong >= 0) {
        this.#sentBytes += wrong;
        this.#part(said.subarray(wrong), expected.subarray(wrong));
        return;
      }
      at += said.length;
      this.#said += said.length;
      this.#sentBytes += said.length;
      if (this.#said < line.data.length) return;
      this.#said = 0;
      this.#spoken.add(line);
    }
  }

  /** Lines of the host that have been sent already: it may be ahead of what has come down by then. */
  readonly #spoken = new Set<RecordLine>();

  #nextUp(): (RecordLine & { readonly type: "up" | "down" }) | undefined {
    for (let index = this.#next; index < this.#lines.length; index++) {
      const line = this.#lines[index];
      if (line?.type === "up" && !this.#spoken.has(line)) return line;
    }
    return undefined;
  }

  #part(said: Uint8Array, expected: Uint8Array): void {
    const now = toHex(said.subarray(0, SHOWN_BYTES));
    const then = expected.length === 0 ? "nothing more" : toHex(expected.subarray(0, SHOWN_BYTES));
    this.divergence = `after ${formatSize(this.#sentBytes)} the host sends ${now}; the recording has ${then}`;
  }

  /** Brings what is due by now; waits for what is not. */
  #goOn(): void {
    for (let line = this.#lines[this.#next]; line !== undefined; line = this.#lines[this.#next]) {
      if (this.divergence !== undefined || line.type === "full") return;
      if (line.type === "up" && !this.#spoken.has(line)) return;
      const waitUs = line.us - this.#startUs - this.#clock.nowUs();
      if (line.type !== "up" && waitUs > 0) {
        this.#wait(waitUs);
        return;
      }
      this.#next++;
      if (line.type === "down") this.#heard.push(line.data);
      if (line.type === "gone") this.#isOpen = false;
      if (line.type === "down" || line.type === "gone") this.#wake?.();
    }
  }

  #wait(waitUs: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#clock.scheduleNs(this.#clock.nowNs() + waitUs * 1000, () => {
      this.#isWaiting = false;
      this.#goOn();
    });
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#heard.shift();
      if (chunk !== undefined) {
        yield chunk;
      } else if (!this.#isOpen) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
