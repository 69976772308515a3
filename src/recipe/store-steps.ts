/** Steps that fill a store or a log: opened and written by the code that reads and writes them on chips. */
import { smallestEraseUnit, type ByteRange } from "../../drivers/geometry.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import type { FlashRegion } from "../flash/flash-region.ts";
import { regionOf } from "../flash/open-region.ts";
import { CircularBuffer } from "../storage/circular-buffer/circular-buffer.ts";
import { FlashSafe } from "../storage/flash-safe/flash-safe.ts";
import { updateSafe } from "../storage/flash-safe/update-safe.ts";
import { LogFs } from "../storage/log-fs/log-fs.ts";
import { notBlank } from "../storage/not-blank.ts";
import { checkWholeRegion, findKeyValues, openKeyValues, settingsOn } from "../storage/open-key-values.ts";
import type { RecordLog } from "../storage/record-log.ts";
import type { NamedSettings } from "../storage/settings/named-settings.ts";
import { SettingsStore } from "../storage/settings/settings-store.ts";
import type { Content } from "./content.ts";
import type { PlannedStep } from "./plan.ts";
import type { StepOf } from "./recipe.ts";

/** A step that has a range of its own. */
export type StoreStep = Extract<PlannedStep, { readonly range: ByteRange; readonly kind: "settings" | "safe" | "log" }>;

/** The bytes of a content for one unit. */
export type BytesOf = (content: Content) => Uint8Array;

/** A step that is open on its region; `fill` writes what the recipe says. */
export interface OpenStoreStep {
  fill(bytesOf: BytesOf): Promise<void>;
}

const OPERATION = "compose";

/**
 * Opens the store of a step. What an image holds there is used if it is such a store, and refused if it is something else.
 *
 * @throws NorbridgeError EINVAL for sizes that the region cannot have, LAYOUT_MISMATCH for other data.
 */
export async function openStoreStep(device: FlashDevice, planned: StoreStep): Promise<OpenStoreStep> {
  const region = regionOf(device, planned.range);
  switch (planned.kind) {
    case "settings": {
      const store = await openSettings(region, planned.step);
      return {
        fill: async (bytesOf) => {
          for (const [name, { content }] of planned.set) await store.set(name, bytesOf(content));
        },
      };
    }
    case "safe": {
      const safe = await openSafe(region, planned.step);
      return {
        fill: async (bytesOf) => {
          await updateSafe(safe, new Map([...planned.set].map(([key, { content }]) => [key, bytesOf(content)])));
        },
      };
    }
    case "log": {
      const log = await openLog(device, region, planned.step);
      return {
        fill: async (bytesOf) => {
          if (planned.step.body.clear === true) await log.clear();
          for (const { content } of planned.append) await log.append(bytesOf(content));
        },
      };
    }
  }
}

async function openSettings(region: FlashRegion, { body }: StepOf<"settings">): Promise<NamedSettings> {
  const { backend, align: alignBytes } = body;
  const sectorBytes = body["sector-size"] ?? region.eraseBytes;
  if (backend === "fcb") {
    const store = await SettingsStore.mount(region, { alignBytes, sectorBytes });
    await store.refuseUnlessOwn(OPERATION);
    return store;
  }
  const hints = { layout: backend, alignBytes, sectorBytes, hasDataCrc: false };
  const { stores } = await findKeyValues(region, backend);
  const [found] = stores;
  if (found === undefined) await refuseUnlessBlank(region, backend.toUpperCase());
  else checkWholeRegion(region, found);
  const store = await openKeyValues(region, hints, found);
  await store.refuseUnlessOwn();
  return settingsOn(store);
}

/** What an image holds there and is not recognised could look like a start of the store that a power cut has left. */
async function refuseUnlessBlank(region: FlashRegion, what: string): Promise<void> {
  if (await isBlank(region)) return;
  const range = { address: region.address, lengthBytes: region.lengthBytes };
  throw new NorbridgeError("LAYOUT_MISMATCH", `an image has bytes in ${formatRange(range)}, and they are no ${what}`, {
    operation: OPERATION,
    range,
  });
}

async function isBlank(region: FlashRegion): Promise<boolean> {
  return (await notBlank(region, [{ offset: 0, lengthBytes: region.lengthBytes }])).length === 0;
}

async function openSafe(region: FlashRegion, { body }: StepOf<"safe">): Promise<FlashSafe> {
  const options = {
    blockBytes: body["block-size"] ?? region.eraseBytes,
    bufferBytes: body["buffer-size"] ?? region.programBytes,
  };
  if (await isBlank(region)) return FlashSafe.format(region, options);
  const safe = await FlashSafe.mount(region, options);
  await safe.refuseUnlessOwn(OPERATION);
  return safe;
}

async function openLog(device: FlashDevice, region: FlashRegion, { body }: StepOf<"log">): Promise<RecordLog> {
  const { layout, magic, version, align, "record-size": recordBytes } = body;
  if (layout === "fcb") {
    const log = await CircularBuffer.mount(region, {
      sectorBytes: body["sector-size"] ?? region.eraseBytes,
      magic: Number(magic),
      version: version ?? 0,
      alignBytes: align ?? 1,
      scratchSectors: 0,
      hasCrc: true,
    });
    await log.refuseUnlessOwn([], OPERATION);
    return log;
  }
  const pageBytes = body["page-size"] ?? device.geometry.pageBytes;
  const unitBytes = smallestEraseUnit(device.geometry).regions[0]?.unitBytes ?? region.eraseBytes;
  const log = await LogFs.mount(region, {
    pageBytes,
    blockPages: Math.max(1, unitBytes / pageBytes),
    recordBytes: recordBytes ?? 0,
    whenFull: "stop",
    format: version === 1 ? 1 : 2,
  });
  await log.refuseUnlessOwn(OPERATION);
  return log;
}
