// @ts-check
/**
 * Jobs and storage formats on a device of your own. In the folder of norbridge:
 *
 *     node examples/07-own-driver/main.mjs
 */
import { memoryImage, MtdDevice, regionOf, SettingsStore, writeImage } from "norbridge";
import { RamDevice } from "./ram-device.mjs";

const KIB = 1024;
const device = new RamDevice();
const image = memoryImage("greeting", [{ address: 5000, data: new TextEncoder().encode("hello, flash") }]);
const report = await writeImage(device, image);
console.log(
  `wrote ${report.imageBytes} bytes, ${report.programmedPages} page programmed, ${report.erasedUnits} erases`,
);

const region = regionOf(device, { address: 64 * KIB, lengthBytes: 16 * KIB });
const settings = await SettingsStore.mount(region);
await settings.set("app/name", new TextEncoder().encode("golden"));
console.log(`a setting: ${new TextDecoder().decode(settings.get("app/name"))}`);

const mtd = new MtdDevice(device);
await mtd.erase(4096);
await mtd.sync();
console.log(`erased again: ${[...(await mtd.read(5000, 3))].join(" ")}`);
await mtd.close();
