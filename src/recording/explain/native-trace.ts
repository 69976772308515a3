/** The native protocol in a recording: frames, the records and results in them, and what was sent again. */
import { FrameDecoder } from "../../../firmware-protocol/frame-decoder.ts";
import { type Frame, FRAME_TYPE, MAX_FRAME_UNITS, offsetDistance } from "../../../firmware-protocol/frame.ts";
import { decodeHello, decodeWelcome, featureNames } from "../../../firmware-protocol/hello.ts";
import { readRecord } from "../../../firmware-protocol/record.ts";
import { type Expected, ResultReader } from "../../../firmware-protocol/result.ts";
import { decodeStatus } from "../../../firmware-protocol/status.ts";
import { byteCount, recordText, resultText } from "./step-text.ts";

/** Wider than any bridge reports: a recording is shown, not run. */
const LIMITS = { maxSendBytes: 2 ** 24, maxReceiveBytes: 2 ** 28 };
const NAMES = new Map<number, string>(Object.entries(FRAME_TYPE).map(([name, type]) => [type, name.toUpperCase()]));

/** Pieces of a stream put in order. Duplicates are counted, gaps are waited for. */
class InOrder {
  #expected = 0;
  readonly #early = new Map<number, Uint8Array>();

  /** New bytes in order, and why a piece brought none. */
  push(offset: number, payload: Uint8Array): { readonly bytes: Uint8Array[]; readonly note: string } {
    const ahead = offsetDistance(this.#expected & 0xffff, offset);
    if (ahead > 0) {
      this.#early.set(this.#expected + ahead, payload);
      return { bytes: [], note: "arrived before an earlier piece" };
    }
    if (-ahead >= payload.length) return { bytes: [], note: "sent again" };
    const bytes = [payload.subarray(-ahead)];
    this.#expected += payload.length + ahead;
    for (let next = this.#takeEarly(); next !== undefined; next = this.#takeEarly()) bytes.push(next);
    return { bytes, note: ahead < 0 ? "partly sent again" : "" };
  }

  #takeEarly(): Uint8Array | undefined {
    for (const [at, payload] of this.#early) {
      if (at > this.#expected) continue;
      this.#early.delete(at);
      if (at + payload.length <= this.#expected) continue;
      const bytes = payload.subarray(this.#expected - at);
      this.#expected += bytes.length;
      return bytes;
    }
    return undefined;
  }
}

/** Both directions of the sessions in a recording. */
export class NativeTrace {
  readonly #decoders = { up: new FrameDecoder(MAX_FRAME_UNITS), down: new FrameDecoder(MAX_FRAME_UNITS) };
  #seen = { up: { noise: 0, damaged: 0 }, down: { noise: 0, damaged: 0 } };
  #steps = new InOrder();
  #results = new InOrder();
  #unread: number[] = [];
  #isUnreadable = false;
  #reader = new ResultReader();
  #slots = new Map<number, Expected>();
  #expected: Expected[] = [];

  /** What bytes of one direction complete, a line each. */
  bytes(direction: "up" | "down", bytes: Uint8Array): string[] {
    const lines: string[] = [];
    for (const frame of this.#decoders[direction].push(bytes)) lines.push(...this.#frame(direction, frame));
    return [...lines, ...this.#damage(direction)];
  }

  #damage(direction: "up" | "down"): string[] {
    const { noiseBytes, damagedFrames } = this.#decoders[direction];
    const { noise, damaged } = this.#seen[direction];
    this.#seen[direction] = { noise: noiseBytes, damaged: damagedFrames };
    const lines: string[] = [];
    if (damagedFrames > damaged) lines.push(`damaged frames: ${damagedFrames - damaged}`);
    if (noiseBytes > noise) lines.push(`${byteCount(noiseBytes - noise)} outside of frames`);
    return lines;
  }

  #frame(direction: "up" | "down", frame: Frame): string[] {
    const name = NAMES.get(frame.type) ?? `type ${frame.type.toString(16)}h`;
    switch (frame.type) {
      case FRAME_TYPE.hello: {
        this.#newSession();
        const hello = decodeHello(frame);
        return [`${name}${hello === undefined ? "" : ` versions ${hello.lowestVersion} to ${hello.highestVersion}`}`];
      }
      case FRAME_TYPE.welcome: {
        const welcome = decodeWelcome(frame.payload);
        if (welcome === undefined) return [`${name}, which cannot be read`];
        const { boardName, firmwareVersion, version, stepBufferBytes, features } = welcome;
        const about = `${boardName} ${firmwareVersion}, version ${version}, step buffer ${stepBufferBytes} bytes`;
        return [`${name} ${about}, features ${featureNames(features).join(" ")}`];
      }
      case FRAME_TYPE.status:
        return [statusText(name, frame)];
      case FRAME_TYPE.data:
        return this.#data(direction, name, frame);
      case FRAME_TYPE.cancel:
        return [`${name} of run ${frame.offset}`];
      default:
        return [name];
    }
  }

  #newSession(): void {
    this.#steps = new InOrder();
    this.#results = new InOrder();
    this.#unread = [];
    this.#isUnreadable = false;
    this.#reader = new ResultReader();
    this.#slots = new Map();
    this.#expected = [];
  }

  #data(direction: "up" | "down", name: string, { offset, ack, payload }: Frame): string[] {
    const { bytes, note } = (direction === "up" ? this.#steps : this.#results).push(offset, payload);
    const head = `${name} ${offset}, ${byteCount(payload.length)}, ack ${ack}${note === "" ? "" : `, ${note}`}`;
    const texts = bytes.flatMap((piece) => (direction === "up" ? this.#records(piece) : this.#resultsOf(piece)));
    return [head, ...texts.map((text) => `  ${text}`)];
  }

  #records(piece: Uint8Array): string[] {
    const lines: string[] = [];
    if (this.#isUnreadable) return lines;
    this.#unread.push(...piece);
    const bytes = Uint8Array.from(this.#unread);
    let at = 0;
    for (;;) {
      const reading = readRecord(bytes, at, LIMITS);
      if (reading === "invalid") {
        this.#isUnreadable = true;
        lines.push("the records from here on cannot be read");
      }
      if (typeof reading === "string") break;
      at = reading.end;
      const { meaning, defineSlot } = reading;
      lines.push(recordText(meaning, defineSlot));
      const expected = meaning.kind === "use" ? this.#slots.get(meaning.slot) : expectedOf(meaning);
      if (defineSlot !== undefined && expected !== undefined) this.#slots.set(defineSlot, expected);
      if (expected !== undefined) this.#expected.push(expected);
    }
    this.#unread = [...bytes.subarray(at)];
    return lines;
  }

  #resultsOf(piece: Uint8Array): string[] {
    const lines: string[] = [];
    this.#reader.push(piece);
    for (let [expected] = this.#expected; expected !== undefined; [expected] = this.#expected) {
      const result = this.#reader.next(expected);
      if (result === "incomplete") break;
      if (result === "invalid") {
        this.#expected = [];
        lines.push("the results from here on cannot be read");
        break;
      }
      this.#expected.shift();
      lines.push(resultText(result));
    }
    return lines;
  }
}

/** The result that a record has; undefined if it has none. */
function expectedOf(meaning: Exclude<Parameters<typeof recordText>[0], { kind: "use" }>): Expected | undefined {
  switch (meaning.kind) {
    case "begin":
      return undefined;
    case "step":
      return meaning.step.kind === "transfer"
        ? { kind: "transfer", receiveBytes: meaning.step.receiveBytes }
        : { kind: meaning.step.kind };
    case "spi-clock":
      return { kind: "spi-clock" };
    case "pins":
    case "chip-select":
    case "later":
      return { kind: "setting" };
  }
}

function statusText(name: string, frame: Frame): string {
  const status = decodeStatus(frame.payload);
  if (status === undefined) return `${name}, which cannot be read`;
  const { consumed, busy, sendAgain, cancelled, stretches } = status;
  const parts = [
    `${name} ack ${frame.ack}`,
    ...(consumed === 0 ? [] : [`consumed ${consumed}`]),
    ...(busy ? ["busy"] : []),
    ...(sendAgain ? ["send again"] : []),
    ...(cancelled ? ["cancelled"] : []),
    ...stretches.map(({ start, end }) => `has ${start} to ${end}`),
  ];
  return parts.join(", ");
}
