/** What the RP2040 does where emulators are kinder than silicon: crystal, random bits, vectors, watchdog, noise on a pin. */
import { describe, expect, it } from "vitest";
import { encodeFrame, FRAME_TYPE, MAX_FRAME_UNITS, readU32 } from "../../firmware-protocol/frame.ts";
import { FrameDecoder } from "../../firmware-protocol/frame-decoder.ts";
import { decodeWelcome, encodeHello, type Welcome } from "../../firmware-protocol/hello.ts";
import { randomFrom } from "../sim/client.ts";
import { Rp2040Board, type Rp2040Options } from "./support/rp2040-board.ts";

const MS = 1_000_000;
const SRAM = 0x2000_0000;
const VECTORS = 16 + 26;
const LED = 25;
const NVIC_ICER = 0xe000_e180;
const NO_CHIP = { select: () => undefined, deselect: () => undefined, exchange: () => 0xff, setPins: () => undefined };

interface Host {
  readonly board: Rp2040Board;
  /** Runs the board for so long; the frames that it sent. */
  readonly run: (ms: number) => readonly { readonly type: number; readonly payload: Uint8Array }[];
  readonly hello: () => Welcome;
  readonly ping: () => readonly number[];
}

function started(options?: Rp2040Options, link: "usb" | "uart" = "usb"): Host {
  const board = new Rp2040Board(NO_CHIP, link, options);
  const random = randomFrom(5);
  let session = 0;
  const run: Host["run"] = (ms) => {
    board.runUntil(board.nowNs + ms * MS);
    return new FrameDecoder(MAX_FRAME_UNITS).push(board.takeOutput());
  };
  run(200);
  return {
    board,
    run,
    hello: () => {
      const { bytes, hello } = encodeHello(random);
      ({ session } = hello);
      board.receive(bytes);
      const frame = run(20).find(({ type }) => type === FRAME_TYPE.welcome);
      return decodeWelcome(frame!.payload)!;
    },
    ping: () => {
      const payload = Uint8Array.of(1, 2, 3, 4);
      board.receive(encodeFrame({ type: FRAME_TYPE.ping, session, offset: 1, ack: 0, payload }));
      return run(20).map(({ type }) => type);
    },
  };
}

/** Half a frame keeps the loop going: what happens next happens to a processor that works. */
function work({ board, run }: Host): void {
  board.receive(Uint8Array.of(0xd5, 0x83, 0));
  run(1);
}

/** The processor stands still, as after an unforeseen error: interrupts off, and no way out. */
function hang(host: Host): void {
  work(host);
  const { system } = host.board;
  while (system.core.IPSR !== 0) host.run(0.001);
  const at = system.core.PC & ~1;
  // Nothing pending either, which would end each wfi.
  system.writeUint32(NVIC_ICER, 0xffff_ffff);
  // cpsid i; wfi; b to the wfi
  for (const [index, code] of [0xb672, 0xbf30, 0xe7fd].entries()) system.writeUint16(at + 2 * index, code);
}

describe("the start", () => {
  it("gives the crystal 64 times a millisecond, as the boards with the slowest need it", () => {
    expect(started().board.crystalNs).toBeGreaterThanOrEqual(64 * MS - MS / 2);
  });

  it("draws another boot number each time, from bits that are random", () => {
    const host = started();
    const numbers = [0, 1, 2, 3].map(() => {
      host.board.reset();
      host.run(200);
      return host.hello().bootNumber;
    });
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) {
      const ones = number.toString(2).replaceAll("0", "").length;
      expect(ones).toBeGreaterThan(4);
      expect(ones).toBeLessThan(28);
    }
  });

  it("moves the vectors to RAM: nothing is fetched from flash afterwards", () => {
    const host = started();
    const { board } = host;
    const at = board.system.core.VTOR;
    expect(at % 256).toBe(0);
    for (let i = 0; i < VECTORS; i++) {
      const vector = board.system.readUint32(at + 4 * i);
      if (vector !== 0 && i > 1) expect(vector, `vector ${i}`).toBeGreaterThanOrEqual(SRAM);
    }
    // The emulated flash is gone, and all goes on.
    board.system.flash.fill(0);
    expect(host.hello().firmwareVersion).not.toBe("");
  });

  it("has no serial number where the board's flash has none", () => {
    const host = started({ flashId: Array.from({ length: 8 }, () => 0xff) });
    expect(host.hello().serialNumber).toBe("");
    // iSerialNumber: none (USB 2.0, 9.6.1).
    expect(host.board.usb!.descriptors.get("device")![16]).toBe(0);
    expect(host.board.complaints).toEqual([]);
  });
});

describe("the watchdog", () => {
  it("restarts a board that stands still; the host learns it from NO SESSION, and the reason from WELCOME", () => {
    const host = started();
    const before = host.hello();
    expect(before.restartReason).toBe("none");
    hang(host);
    expect(host.ping()).toEqual([]);
    host.run(8600);
    host.board.receive(
      encodeFrame({ type: FRAME_TYPE.ping, session: 0x33, offset: 1, ack: 0, payload: Uint8Array.of(1) }),
    );
    const [frame] = host.run(20);
    expect(frame!.type).toBe(FRAME_TYPE.noSession);
    expect(readU32(frame!.payload, 0)).not.toBe(before.bootNumber);
    expect(host.hello().restartReason).toBe("watchdog");
    expect(host.board.complaints).toEqual([]);
  });

  it("restarts at once after an exception, and says so", () => {
    const host = started();
    host.hello();
    work(host);
    const { core } = host.board.system;
    core.PC = host.board.system.readUint32(core.VTOR + 4 * 3) & ~1;
    host.run(300);
    expect(host.hello().restartReason).toBe("fault");
  });

  it("does not restart a board that sleeps, and a reset by its pin has no reason", () => {
    const host = started();
    host.hello();
    host.run(60_000);
    expect(host.ping()).toEqual([FRAME_TYPE.pong]);
    host.board.reset();
    host.run(200);
    expect(host.hello().restartReason).toBe("none");
  });
});

describe("the UART's pins while USB is in use", () => {
  const noise = ({ board, run }: Host): void => {
    for (const byte of [0x00, 0xff, 0x10, 0x55]) {
      board.system.uart[0]!.feedByte(byte);
      run(20);
    }
  };

  it("do not end a session with noise", () => {
    const host = started();
    host.hello();
    expect(host.ping()).toEqual([FRAME_TYPE.pong]);
    noise(host);
    expect(host.board.system.gpio[LED]!.value).toBe(1);
    expect(host.ping()).toEqual([FRAME_TYPE.pong]);
  });

  it("do not take a serprog host's line away, and its first command after them is not theirs", () => {
    const host = started();
    noise(host);
    host.board.takeOutput();
    host.board.receive(Uint8Array.of(0x10));
    host.board.runUntil(host.board.nowNs + 5 * MS);
    expect([...host.board.takeOutput()]).toEqual([0x15, 0x06]);
  });

  it("serve a host where USB is not connected, until USB is", () => {
    const host = started(undefined, "uart");
    expect(host.hello().maxBaud).toBe(2_000_000);
  });
});

describe("1200 baud", () => {
  it("brings the board into its boot loader when the port is closed, with the target's pins released", () => {
    const host = started();
    host.hello();
    const { usb } = host.board;
    usb!.setBaud(1200);
    host.run(20);
    expect(host.board.isInBootLoader).toBe(false);
    usb!.setDtr(false);
    host.run(20);
    expect(host.board.isInBootLoader).toBe(true);
    expect(host.board.system.gpio[LED]!.value).toBe(0);
    expect(host.board.complaints).toEqual([]);
  });

  it("does nothing at another rate", () => {
    const host = started();
    host.board.usb!.setBaud(9600);
    host.board.usb!.setDtr(false);
    host.run(20);
    expect(host.board.isInBootLoader).toBe(false);
  });
});
