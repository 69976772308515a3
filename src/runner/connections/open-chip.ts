/** From a bridge to the chip on it, as the connection options say. */
import type { ChipDescriptor } from "../../../drivers/chip-descriptor.ts";
import type { Bridge } from "../../bridge/bridge.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import type { OpenedFlash, OpenFlashOptions } from "../../flash/open-flash.ts";
import type { ClockDoubt } from "../../flash/spi-clock.ts";
import type { ConnectionRequest } from "../connection-request.ts";
import { formatClock } from "../quantities.ts";
import type { RunHost } from "../run-host.ts";

/** Handed in, since in simulated time nothing may be imported. */
export type OpenFlash = (bridge: Bridge, options: OpenFlashOptions) => Promise<OpenedFlash>;

/** Opens the chip; closes the bridge if that fails. Throws CHIP_*, BRIDGE_*. */
export async function openChip(
  bridge: Bridge,
  request: ConnectionRequest,
  openFlash: OpenFlash,
  host: RunHost,
  part: ChipDescriptor | undefined,
): Promise<{ device: FlashDevice; spiClockHz: number | undefined }> {
  try {
    const device = await openFlash(bridge, {
      chip: request.chip,
      sizeBytes: request.chipSizeBytes,
      settledBytes: request.settledBytes,
      part,
      spiClockHz: request.spiClockHz,
      note: (message) => host.report.note(message),
      readsTwice: request.care === undefined ? undefined : request.care === "paranoid",
    });
    if (device.link?.isUnchecked === true) sayUnchecked(bridge, device.link.readsTwice, request, host);
    sayStates(device, host);
    for (const note of device.notes) {
      const text = `${device.identity.name}: ${note}`;
      if (device.doubts.includes(note)) host.report.note(text);
      else host.report.detail(text);
    }
    if (device.clockDoubt !== undefined) sayClock(device.clockDoubt, host);
    return { device, spiClockHz: device.spiClockHz };
  } catch (error) {
    await bridge.close().catch(() => undefined);
    throw error;
  }
}

/** What a chip was found in is for everybody to know; that it was busy was said while it was waited for, if that took long. */
function sayStates({ states }: OpenedFlash, { report }: RunHost): void {
  for (const { kind, text } of states) {
    if (kind === "busy") report.detail(text);
    else report.note(text);
  }
}

/** Reports that the SPI clock was lowered, and what would help. */
export function sayClock({ fromHz, toHz, evidence }: ClockDoubt, { report }: RunHost): void {
  report.note(
    `the wiring does not support an SPI clock of ${formatClock(fromHz)} (${evidence}); continuing at ${formatClock(toHz)}`,
    [{ kind: "use-spi-clock", clockHz: toHz }],
  );
  report.record("recovery", { reason: "spi-clock", fromHz, toHz });
}

function sayUnchecked(
  { info }: Bridge,
  readsTwice: boolean,
  { isChecked }: ConnectionRequest,
  { report }: RunHost,
): void {
  if (isChecked === true) {
    report.note(`the link is treated as unchecked: ${info.boardName} has a UART`, ["read-once"]);
  }
  const reads = readsTwice ? "reads are made twice and compared" : "reads are made once, as requested";
  report.detail(`the link is unchecked: ${reads}`);
}
