/** A chip in memory, for tests and examples: the rules of NOR flash, no bridge. */
import type { FlashGeometry } from "../../drivers/geometry.ts";
import type { FlashDevice } from "./flash-device.ts";
import { StoredFlash } from "./stored-flash.ts";

/** A device on `bytes`, which it changes; erased bytes if left out. Throws RangeError if the sizes differ. */
export function createRamFlash(geometry: FlashGeometry, bytes?: Uint8Array): FlashDevice {
  const cells = bytes ?? new Uint8Array(geometry.capacityBytes).fill(geometry.erasedByte);
  if (cells.length !== geometry.capacityBytes) {
    throw new RangeError(`the geometry has ${geometry.capacityBytes} bytes, the array ${cells.length}`);
  }
  return new StoredFlash(
    geometry,
    { name: "RAM", vendor: "", jedecId: "" },
    {
      read: ({ address, lengthBytes }) => Promise.resolve(cells.slice(address, address + lengthBytes)),
      write: (address, data) => {
        cells.set(data, address);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
  );
}
