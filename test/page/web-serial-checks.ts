/**
 * What a duplex on a Web Serial port has to do, on a port that sends back what it gets: a model in Node.js, and the
 * loop-back device of Firefox behind its real streams. Runs in both, so it returns sentences and uses no test library.
 */
import { NorbridgeError } from "../../src/errors.ts";
import type { ByteDuplex } from "../../src/transport/byte-duplex.ts";
import { openWebSerial } from "../../src/page/worker/web-serial.ts";
import type { WebSerialPort } from "../../src/page/worker/web-serial-port.ts";

/** A port that loops back, and how to pull it. */
export interface LoopedPort {
  readonly port: WebSerialPort;
  /** Pulls the device, and plugs it in again; returns the port that it is then. */
  replug(): Promise<WebSerialPort>;
  /** Called with each check that is done: if one hangs, it is the next. */
  readonly onCheck?: ((what: string) => void) | undefined;
}

const NATURE = { name: "looped port", baudRate: 115_200, isChecked: false, climbs: true };

/** All checks; each that fails as a sentence. */
export async function checkWebSerial(looped: LoopedPort): Promise<readonly string[]> {
  const wrong: string[] = [];
  const expect = (what: string, isRight: boolean): void => {
    looped.onCheck?.(what);
    if (!isRight) wrong.push(what);
  };
  const duplex = await openWebSerial(looped.port, NATURE);
  const reader = new Reader(duplex);
  expect("256 KiB come back as they went", await loops(duplex, reader, 256 * 1024));
  const second = await openWebSerial(looped.port, NATURE).catch((error: unknown) => error);
  expect("a second opening is PORT_BUSY", second instanceof NorbridgeError && second.code === "PORT_BUSY");
  expect("the baud rate can be changed", (await duplex.setBaudRate(921_600)) && duplex.baudRate === 921_600);
  expect("bytes come back at the new baud rate", await loops(duplex, reader, 10_000));
  await duplex.close();
  await duplex.close();
  expect("`incoming` ends when it is closed", await reader.hasEnded());
  expect("a write after closing is ESHUTDOWN", await isRefused(duplex));

  const again = await openWebSerial(looped.port, { ...NATURE, climbs: false });
  const next = new Reader(again);
  expect("bytes come back after opening again", await loops(again, next, 1000));
  expect("the baud rate stays if it may not be changed", !(await again.setBaudRate(921_600)));
  const replugged = await looped.replug();
  expect("`incoming` ends when it is unplugged", await next.hasEnded());
  expect("a write after unplugging is ESHUTDOWN", await isRefused(again));
  await again.close();

  const back = await openWebSerial(replugged, NATURE);
  expect("bytes come back after plugging in again", await loops(back, new Reader(back), 1000));
  await back.close();
  return wrong;
}

class Reader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #pending = new Uint8Array();

  constructor(duplex: ByteDuplex) {
    this.#chunks = duplex.incoming[Symbol.asyncIterator]();
  }

  async take(lengthBytes: number): Promise<Uint8Array> {
    while (this.#pending.length < lengthBytes) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      const { value } = next;
      const both = new Uint8Array(this.#pending.length + value.length);
      both.set(this.#pending);
      both.set(value, this.#pending.length);
      this.#pending = both;
    }
    const taken = this.#pending.slice(0, lengthBytes);
    this.#pending = this.#pending.slice(lengthBytes);
    return taken;
  }

  async hasEnded(): Promise<boolean> {
    for (;;) if ((await this.#chunks.next()).done === true) return true;
  }
}

async function loops(duplex: ByteDuplex, reader: Reader, lengthBytes: number): Promise<boolean> {
  const sent = Uint8Array.from({ length: lengthBytes }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff);
  for (let at = 0; at < sent.length; at += 4096) await duplex.write(sent.subarray(at, at + 4096));
  const back = await reader.take(lengthBytes);
  return back.length === sent.length && back.every((byte, index) => byte === sent[index]);
}

async function isRefused(duplex: ByteDuplex): Promise<boolean> {
  const error = await duplex.write(new Uint8Array(4)).catch((reason: unknown) => reason);
  return error instanceof NorbridgeError && error.code === "ESHUTDOWN";
}
