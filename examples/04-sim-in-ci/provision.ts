/** Gives a unit its serial number and configuration: one page at the start of its last 4 KiB sector. */
import { type ByteDuplex, machineRandom, memoryImage, openBridge, openFlash, realClock, writeImage } from "norbridge";

export interface UnitData {
  readonly serialNumber: string;
  readonly calibration: number;
}

const SECTOR_BYTES = 4096;

export function encodeUnit({ serialNumber, calibration }: UnitData): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ serialNumber, calibration })}\n`);
}

/** Writes and verifies; returns the address. Throws NorbridgeError if the bridge or the chip does not play along. */
export async function provision(port: ByteDuplex, unit: UnitData): Promise<number> {
  const bridge = await openBridge(port, { clock: realClock, protocol: "auto", random: machineRandom });
  try {
    const device = await openFlash(bridge);
    const address = device.geometry.capacityBytes - SECTOR_BYTES;
    const image = memoryImage("unit data", [{ address, data: encodeUnit(unit) }]);
    await writeImage(device, image, { offset: 0, verify: true, assumeBlank: false, retries: 2 }, { clock: realClock });
    return address;
  } finally {
    await bridge.close();
  }
}
