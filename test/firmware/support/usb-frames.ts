/**
 * Frames of a millisecond for the emulated RP2040's USB controller, which knows none: the interrupt of their start, and
 * RP2040-E15, by which no bulk IN packet may be armed in the last fifth of one.
 */
import type { RPUSBController } from "rp2040js";
import type { Nanoseconds } from "./nanoseconds.ts";

const SOF_RD = 0x48;
const INTE = 0x90;
const INTF = 0x94;
const DEV_SOF = 0x2_0000;
const FRAME_NS = 1_000_000;
const CRITICAL_NS = 800_000;
const FRAMES_END_NS = 998_000;
const BULK_IN_BUFFER = 0x90;
const AVAILABLE = 0x400;

/** `complain` is told what breaks the erratum's rule. */
export function addFrames(usb: RPUSBController, clock: Nanoseconds, complain: (what: string) => void): void {
  let isWanted = false;
  let isReported = false;
  let readFrame = 0;
  const frame = (): number => Math.floor(clock.nanos / FRAME_NS);
  const write = usb.writeUint32.bind(usb);
  const read = usb.readUint32.bind(usb);
  const alarm = clock.createAlarm(() => tick());

  const report = (): void => {
    // The flag is there whether it interrupts or not, until it is read.
    if (!isWanted || isReported || frame() === readFrame) return;
    isReported = true;
    write(INTF, DEV_SOF);
  };
  const tick = (): void => {
    report();
    if (isWanted) alarm.schedule((frame() + 1) * FRAME_NS - clock.nanos);
  };
  usb.writeUint32 = (offset, value) => {
    write(offset, value);
    if (offset !== INTE) return;
    const was = isWanted;
    isWanted = (value & DEV_SOF) !== 0;
    if (isWanted && !was) tick();
    if (!isWanted) {
      alarm.cancel();
      isReported = false;
      write(INTF, 0);
    }
  };
  usb.readUint32 = (offset) => {
    if (offset !== SOF_RD) return read(offset);
    readFrame = frame();
    isReported = false;
    write(INTF, 0);
    return readFrame & 0x7ff;
  };
  const updated = usb.DPRAMUpdated.bind(usb);
  usb.DPRAMUpdated = (offset, value) => {
    const phaseNs = clock.nanos % FRAME_NS;
    const isCritical = phaseNs >= CRITICAL_NS && phaseNs <= FRAMES_END_NS;
    if (offset === BULK_IN_BUFFER && (value & AVAILABLE) !== 0 && isCritical) complain(`RP2040-E15 at ${phaseNs} ns`);
    updated(offset, value);
  };
}
