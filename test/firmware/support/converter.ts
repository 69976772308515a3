/**
 * Between a host and a processor: USB with its frames of a millisecond, and for a UART a converter whose rate both ends
 * have to agree on. The processor's own UART paces the bytes. In virtual time.
 */
import type { ByteDuplex } from "../../../src/transport/byte-duplex.ts";
import type { VirtualClock } from "../../../src/sim/virtual-clock.ts";
import { ByteQueue } from "../../../src/transport/byte-queue.ts";
import type { Processor } from "./processor.ts";

const MS = 1_000_000;
/** Each way: what waits for the next frame waits half of one, on average. */
const USB_NS = 500_000;
const QUANTUM_NS = 20_000;
const TOLERATED = 0.03;

export function converterTo(processor: Processor, clock: VirtualClock, baudRate: number, usbNs = USB_NS): ByteDuplex {
  const incoming = new ByteQueue();
  let hostBaud = baudRate;
  let isOpen = true;
  const turn = (): void => {
    if (!isOpen) return;
    const nowNs = clock.nowNs();
    processor.runUntil(nowNs);
    const bytes = processor.takeOutput();
    const ratio = hostBaud === 0 ? 1 : processor.baudRate / hostBaud;
    if (bytes.length > 0 && Math.abs(ratio - 1) <= TOLERATED) {
      clock.scheduleNs(nowNs + usbNs, () => incoming.push(bytes), {});
    }
    clock.scheduleNs(nowNs + QUANTUM_NS, turn, { quiet: true });
  };
  clock.scheduleNs(clock.nowNs(), turn, { quiet: true });
  return {
    name: "converter",
    incoming,
    isChecked: false,
    get baudRate() {
      return hostBaud;
    },
    write(bytes) {
      const copy = bytes.slice();
      clock.scheduleNs(clock.nowNs() + usbNs, () => processor.receive(copy), {});
      return Promise.resolve();
    },
    async setBaudRate(baud) {
      if (hostBaud === 0) return false;
      // What was written before has to leave first.
      await new Promise<void>((resolve) => void clock.scheduleNs(clock.nowNs() + 3 * MS, resolve, {}));
      hostBaud = baud;
      return true;
    },
    close() {
      isOpen = false;
      incoming.end();
      return Promise.resolve();
    },
  };
}
