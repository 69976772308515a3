/** The chip with the diary on real pins, which do not show which bytes are sent and which are received. */
import type { SpiTarget } from "../../../src/sim/bridge/spi-port.ts";
import type { ByteTarget } from "./avr-board.ts";

/** Bytes that a window sends before it receives; every other opcode sends all of its bytes. */
const SENT_BYTES = new Map([
  [0x9f, 1],
  [0x05, 1],
  [0x03, 4],
]);
const NOTHING = new Uint8Array(0);

export function diaryWire(chip: SpiTarget): ByteTarget {
  let sent: number[] = [];
  return {
    select(nowNs) {
      sent = [];
      chip.select(nowNs);
    },
    deselect: (nowNs) => chip.deselect(nowNs),
    exchange(mosi, nowNs) {
      const limit = SENT_BYTES.get(sent[0] ?? mosi) ?? Number.POSITIVE_INFINITY;
      if (sent.length >= limit) return chip.exchangeBlock(NOTHING, 1, nowNs, 0)[0]!;
      sent.push(mosi);
      chip.exchangeBlock(Uint8Array.of(mosi), 0, nowNs, 0);
      return 0xff;
    },
    setPins: (pins) => chip.setPins(pins),
  };
}
